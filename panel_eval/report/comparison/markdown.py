"""A comparison in Markdown, for a pull-request comment or a step summary: short, with details folded."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Table
from panel_eval.report.comparison import tables
from panel_eval.report.comparison.markdown_text import code, markdown_table, prose
from panel_eval.report.comparison.words import (
    comparison_headline,
    missing_sentences,
    overlap_sentences,
    untestable,
)
from panel_eval.report.numbers import count
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, ComparisonReport

MOVED: Final = 10
CHANGES: Final = 40


def comparison_markdown(candidate: CandidateComparison, base: ComparedRun) -> str:
    """One candidate beside the baseline, without a heading: verdict, table, warnings, and the rest folded.

    Args:
        candidate: the comparison.
        base: facts of the baseline's run.
    """
    first, *others = tables.family_tables(candidate)
    notes = (untestable(candidate), *overlap_sentences(candidate), *missing_sentences(candidate))
    blocks = [
        f"**{prose(comparison_headline(candidate))}**",
        prose(candidate.advice),
        f"Baseline {code(base.run_id)}, candidate {code(candidate.run.run_id)}.",
        _captioned(first),
        "\n".join(f"- {prose(note)}" for note in notes if note),
        "\n".join(f"- ⚠️ {prose(warning.text)} ({code(warning.code)})" for warning in candidate.warnings),
        *(_folded(table) for table in others),
        *_details(candidate, base),
        f"<sub>{prose(tables.TEST_LEGEND)}</sub>",
    ]
    return "\n\n".join(block for block in blocks if block)


def comparison_report_markdown(report: ComparisonReport) -> str:
    """The whole comparison with a heading; of several candidates, a table of all and each of them folded."""
    blocks = [f"## Comparison: {code(report.task)}"]
    if len(report.candidates) == 1:
        return "\n\n".join([*blocks, comparison_markdown(report.candidates[0], report.base)]) + "\n"
    blocks += [f"**{prose(report.advice)}**", markdown_table(tables.candidates_table(report), names=True)]
    for place, candidate in enumerate(report.candidates, start=1):
        summary = f"Candidate {place}: {candidate.verdict}"
        blocks.append(_fold(summary, comparison_markdown(candidate, report.base)))
    return "\n\n".join(blocks) + "\n"


def _captioned(table: Table) -> str:
    return f"{prose(table.caption)}\n\n{markdown_table(table)}"


def _details(candidate: CandidateComparison, base: ComparedRun) -> list[str]:
    changes = tables.changes_table(candidate)
    kept = Table(changes.caption, changes.columns, changes.rows[:CHANGES])
    left_out = len(changes.rows) - len(kept.rows)
    more = f"\n\n… and {count(left_out)} more." if left_out else ""
    return [
        _folded(kept, names=True, cells=frozenset({0, 1, 2}), more=more),
        _folded(tables.facts_table(base, candidate.run)),
        _folded(tables.judges_table(candidate), names=True),
        _folded(tables.moved_table(candidate, MOVED), names=True, cells=frozenset({2, 3, 4})),
        _folded(tables.display_table(candidate)),
    ]


def _folded(table: Table, names: bool = False, cells: frozenset[int] = frozenset(), more: str = "") -> str:
    """The table behind its caption, which is ours; nothing where it has no rows."""
    if not table.rows:
        return ""
    return _fold(table.caption, markdown_table(table, names, cells) + more)


def _fold(summary: str, inside: str) -> str:
    """Behind a summary of ours: it is HTML."""
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"
