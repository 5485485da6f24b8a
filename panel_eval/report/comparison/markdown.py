"""A comparison in Markdown, for a pull-request comment or a step summary: short, with details folded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Table
from panel_eval.report.comparison import facts, tables
from panel_eval.report.comparison.markdown_text import code, code_block, markdown_table, prose
from panel_eval.report.comparison.words import left_out
from panel_eval.report.numbers import count
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, ComparisonReport

MOVED: Final = 10
CHANGES: Final = 40
DIFF_LINES: Final = 60


def comparison_markdown(candidate: CandidateComparison, base: ComparedRun) -> str:
    """One candidate beside the baseline, without a heading: verdict, table, warnings, and the rest folded.

    Args:
        candidate: the comparison.
        base: facts of the baseline's run.
    """
    first, *others = tables.family_tables(candidate)
    blocks = [
        f"**{prose(candidate.advice)}**",
        f"Baseline {code(base.run_id)}, candidate {code(candidate.run.run_id)}.",
        _captioned(first),
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
    changes = facts.changes_table(candidate)
    kept = Table(changes.caption, changes.columns, changes.rows[:CHANGES])
    cut = len(changes.rows) - len(kept.rows)
    more = [f"… and {count(cut)} more."] if cut else []
    more += [prose(left_out(candidate))] if left_out(candidate) else []
    return [
        _folded(kept, names=True, cells=frozenset({0, 1, 2}), more=more),
        *(
            _fold("A prompt that changed", f"{code(judge)}\n\n{code_block(lines[:DIFF_LINES], 'diff')}")
            for judge, lines in facts.prompt_diffs(candidate)
        ),
        _folded(facts.missing_table(candidate)),
        _folded(facts.facts_table(base, candidate.run)),
        _folded(facts.judge_facts_table(base, candidate.run), names=True),
        _folded(tables.judges_table(candidate), names=True),
        _folded(facts.moved_table(candidate, MOVED), names=True, cells=frozenset({2, 3, 4})),
        *(_folded(table) for table in facts.display_tables(candidate)[:1]),
    ]


def _folded(
    table: Table, names: bool = False, cells: frozenset[int] = frozenset(), more: Sequence[str] = ()
) -> str:
    """The table behind its caption, which is ours; nothing where it has no rows."""
    if not table.rows:
        return ""
    return _fold(table.caption, "\n\n".join([markdown_table(table, names, cells), *more]))


def _fold(summary: str, inside: str) -> str:
    """Behind a summary of ours: it is HTML."""
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"
