"""What was tested, as tables for the terminal, Markdown and the page alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import DAGGER, Cell, Row, Table
from panel_eval.report.comparison.words import (
    DECIDING,
    OVERALL,
    candidate_names,
    classes_with,
    deciding,
    interval_words,
    p_text,
    signed,
)
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import count, decimal
from panel_eval.schema.comparison import PRIMARY_METRICS, CandidateComparison, ComparisonReport, Difference

TEST_LEGEND: Final = (
    "Difference: candidate less baseline, below 0 is better; 95% interval. p: sign-flip test, adjusted by Holm "
    "over the rows of the score and over all candidates. Finds: the smallest true difference that these items "
    "would show four times in five. An interval is of its row alone; the verdict goes by p."
)
_SHORT: Final = {"no difference shown": "none shown"}


def family_tables(candidate: CandidateComparison, short: bool = False) -> tuple[Table, ...]:
    """The declared family: one table for each score, overall first; with `short`, verdicts fit narrow columns."""
    found = {metric: [own for own in candidate.tests if own.metric == metric] for metric in PRIMARY_METRICS}
    return tuple(_test_table(metric, tests, short) for metric, tests in found.items() if tests)


def _test_table(metric: str, tests: Sequence[Difference], short: bool) -> Table:
    rows = tuple(Row(own.segment, _tested(own, short), emphasis=own.segment == OVERALL) for own in tests)
    columns = ("class", "baseline", "candidate", "difference", "p", "finds", "verdict")
    return Table(metric_text(metric).title, columns, rows)


def _tested(own: Difference, short: bool = False) -> tuple[Cell, ...]:
    return (
        *_measured(own),
        Cell(p_text(own.p_holm), note="" if own.testable else _why_untested(own)),
        Cell(decimal(own.detectable, 3), note="" if own.detectable is not None else "no standard error"),
        Cell(_SHORT.get(own.verdict, own.verdict) if short else own.verdict),
    )


def _why_untested(own: Difference) -> str:
    return "too few items to test" if own.difference.estimate is not None else own.difference.note or "no number"


def _measured(own: Difference) -> tuple[Cell, ...]:
    """Both scores and their difference, or dashes with their reasons."""
    value, note = own.difference.estimate, own.difference.note or ""
    marked = Cell(signed(value) + (DAGGER if note and value is not None else ""), interval_words(own), note)
    return _score(own.base), _score(own.candidate), marked


def _score(value: float | None) -> Cell:
    return Cell(decimal(value, 3), note="" if value is not None else "only the difference is free of bias")


def candidates_table(report: ComparisonReport, short: bool = False) -> Table:
    """All candidates beside the baseline, by the deciding score over all items; `short` as for `family_tables`."""
    rows = []
    for name, candidate in zip(candidate_names(report), report.candidates, strict=True):
        _, score, difference, p, finds, verdict = _tested(deciding(candidate), short)
        rows.append(Row(name, (score, difference, p, finds, verdict, Cell(_classes(candidate)))))
    columns = ("candidate", "score", "difference", "p", "finds", "verdict", "classes")
    return Table("Candidates beside the baseline: cross-entropy, bits per human vote", columns, tuple(rows))


def _classes(candidate: CandidateComparison) -> str:
    """The classes that are shown to differ."""
    better, worse = classes_with(candidate, "better"), classes_with(candidate, "worse")
    parts = [f"{', '.join(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
    return "; ".join(parts) or "none shown to differ"


def judges_table(candidate: CandidateComparison) -> Table:
    """Each judge of both panels by itself; these are looked at, not tested together."""
    overall = {
        judge: next((own for own in found if (own.metric, own.segment) == (DECIDING, OVERALL)), None)
        for judge, found in candidate.judges.items()
    }
    known = {judge: own for judge, own in overall.items() if own is not None}
    moved = {judge: own for judge, own in known.items() if not _same(own)}
    rows = tuple(Row(judge, (*_measured(own), Cell(p_text(own.p)))) for judge, own in moved.items())
    same = len(known) - len(moved)
    told = f"; {count(same)} more {'says' if same == 1 else 'say'} the same on both sides" if same else ""
    caption = f"Judges of both panels, each by itself: cross-entropy (bits per vote), p not adjusted{told}"
    return Table(caption, ("judge", "baseline", "candidate", "difference", "p"), rows)


def _same(own: Difference) -> bool:
    number = own.difference
    return number.estimate == number.low == number.high == 0.0
