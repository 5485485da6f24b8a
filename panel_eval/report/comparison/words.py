"""Numbers and names of a comparison as text."""

from __future__ import annotations

import math
from typing import Final

from panel_eval.report.numbers import decimal
from panel_eval.report.printable import cut_line
from panel_eval.schema.comparison import (
    PRIMARY_METRICS,
    CandidateComparison,
    Change,
    ComparedRun,
    ComparisonReport,
    Difference,
    Verdict,
)

DECIDING: Final = PRIMARY_METRICS[0]
"""The score whose difference over all items is the verdict."""
OVERALL: Final = "overall"
_DIGITS: Final = 3
_ID_CHARS: Final = 60
_VALUE_CHARS: Final = 60
_KINDS: Final = {
    "only_base": "only in the baseline",
    "only_candidate": "only in the candidate",
    "other_votes": "with other human votes",
    "other_content": "with another text",
}


def signed(value: float | None) -> str:
    """A difference with its sign, also where it is above 0."""
    text = decimal(value, _DIGITS)
    return f"+{text}" if value is not None and value > 0 and text != decimal(0.0, _DIGITS) else text


def interval_words(difference: Difference) -> str:
    """The 95 % interval as `−0.061 to +0.012`; empty where there is none, or it holds one number only."""
    own = difference.difference
    if own.low is None or own.high is None or math.isclose(own.low, own.high, rel_tol=0.0, abs_tol=1e-12):
        return ""
    return f"{signed(own.low)} to {signed(own.high)}"


def p_text(p: float | None) -> str:
    """A p-value; never 0."""
    return "<0.001" if p is not None and p < 0.001 else decimal(p, _DIGITS)


def deciding(candidate: CandidateComparison) -> Difference:
    """The difference that the verdict is of."""
    return next(own for own in candidate.tests if (own.metric, own.segment) == (DECIDING, OVERALL))


def classes_with(candidate: CandidateComparison, verdict: Verdict) -> list[str]:
    """The disagreement classes with this verdict, by the deciding score."""
    return [
        own.segment
        for own in candidate.tests
        if own.metric == DECIDING and own.segment != OVERALL and own.verdict == verdict
    ]


def run_name(run: ComparedRun) -> str:
    """What a run is called: its panel and its id."""
    return run.run_id if run.panel is None else f"{run.panel} ({run.run_id})"


def candidate_names(report: ComparisonReport) -> tuple[str, ...]:
    """Short names of the candidates: their panels where those tell all runs apart, else the runs."""
    runs = [report.base, *(candidate.run for candidate in report.candidates)]
    panels = [run.panel for run in runs]
    apart = None not in panels and len(set(panels)) == len(panels)
    return tuple(str(run.panel) if apart else run.run_id for run in runs[1:])


def left_out(candidate: CandidateComparison) -> str:
    """A few of the items that cannot be compared, by name; empty where all can."""
    examples = candidate.overlap.examples
    parts = [
        f"{words}: {', '.join(cut_line(name, _ID_CHARS) for name in examples[kind])}"
        for kind, words in _KINDS.items()
        if examples.get(kind)
    ]
    return f"Items that are not compared, such as those {'; '.join(parts)}." if parts else ""


def change_line(change: Change) -> str:
    """A change on one line: `judge gpt4, model: old → new`."""
    if change.what == "data":  # its key counts the items that its name describes
        return f"data: {change.key} {change.name.removeprefix('items ')}"
    where = ", ".join(cut_line(part, _VALUE_CHARS) for part in (f"{change.what} {change.name}", change.key) if part)
    if change.base is None or change.candidate is None:
        side, value = ("candidate", change.candidate) if change.base is None else ("baseline", change.base)
        return f"{where}: only in the {side}{f' ({cut_line(value, _VALUE_CHARS)})' if value else ''}"
    return f"{where}: {cut_line(change.base, _VALUE_CHARS)} → {cut_line(change.candidate, _VALUE_CHARS)}"
