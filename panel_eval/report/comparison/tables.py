"""A comparison as tables, for the terminal, Markdown and the page alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import DAGGER, Cell, Row, Table, estimate_cell
from panel_eval.report.comparison.words import (
    OVERALL,
    candidate_names,
    deciding,
    interval_words,
    moved_classes,
    p_text,
    signed,
)
from panel_eval.report.costs import usd
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import NO_NUMBER, count, decimal, share, value_text
from panel_eval.schema.comparison import (
    PRIMARY_METRICS,
    CandidateComparison,
    ComparedRun,
    ComparisonReport,
    Difference,
    DisplayDifference,
)

TEST_LEGEND: Final = (
    "Difference: candidate less baseline, below 0 is better; 95% interval. p: sign-flip test, adjusted by Holm "
    "over the rows of the score and over all candidates. Finds: the smallest true difference that these items "
    "would show four times in five. An interval is of its row alone; the verdict goes by p."
)
NOT_THERE: Final = "not there"
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
    untested = "" if own.testable else "too few items to test"
    return (
        _score(own.base),
        _score(own.candidate),
        difference_cell(own),
        Cell(p_text(own.p_holm), note=untested if own.p_holm is None else ""),
        Cell(decimal(own.detectable, 3), note="" if own.detectable is not None else "no standard error"),
        Cell(_SHORT.get(own.verdict, own.verdict) if short else own.verdict),
    )


def _score(value: float | None) -> Cell:
    return Cell(decimal(value, 3), note="" if value is not None else "only the difference is free of bias")


def difference_cell(own: Difference) -> Cell:
    """The difference with its interval, or a dash with its reason."""
    value, note = own.difference.estimate, own.difference.note or ""
    return Cell(signed(value) + (DAGGER if note and value is not None else ""), interval_words(own), note)


def candidates_table(report: ComparisonReport, short: bool = False) -> Table:
    """All candidates beside the baseline, by the deciding score over all items; `short` as for `family_tables`."""
    rows = []
    for name, candidate in zip(candidate_names(report), report.candidates, strict=True):
        own = deciding(candidate)
        _, score, difference, p, finds, verdict = _tested(own, short)
        rows.append(Row(name, (score, difference, p, finds, verdict, Cell(_classes(candidate)))))
    columns = ("candidate", "score", "difference", "p", "finds", "verdict", "classes")
    return Table("Candidates beside the baseline: cross-entropy, bits per human vote", columns, tuple(rows))


def _classes(candidate: CandidateComparison) -> str:
    """The classes that are shown to differ."""
    better, worse = moved_classes(candidate, "better"), moved_classes(candidate, "worse")
    parts = [f"{', '.join(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
    return "; ".join(parts) or "none shown to differ"


def facts_table(base: ComparedRun, run: ComparedRun) -> Table:
    """Items, votes, cost and latency of both sides."""
    rows = (
        Row("items scored", tuple(Cell(f"{count(own.n_scored)} of {count(own.n_items)}") for own in (base, run))),
        Row("usable votes", tuple(_usable(own) for own in (base, run))),
        Row("cost, USD", tuple(Cell(usd(own.cost_usd)) for own in (base, run))),
        Row("USD per 1,000 votes", tuple(Cell(_per_thousand(own)) for own in (base, run))),
        Row("seconds a vote, mean", tuple(Cell(decimal(own.latency_mean_s, 2)) for own in (base, run))),
    )
    return Table("Votes, cost and latency", ("", "baseline", "candidate"), rows)


def _usable(run: ComparedRun) -> Cell:
    total, usable = sum(run.votes.values()), run.votes.get("ok", 0)
    return Cell(f"{count(usable)} of {count(total)}", share(usable, total))


def _per_thousand(run: ComparedRun) -> str:
    return usd(None if run.cost_per_vote_usd is None else 1000.0 * run.cost_per_vote_usd)


def judges_table(candidate: CandidateComparison) -> Table:
    """Each judge of both panels by itself; these are looked at, not tested."""
    rows = tuple(
        Row(judge, (*_tested(own)[:3], Cell(p_text(own.p))))
        for judge, differences in candidate.judges.items()
        for own in differences
        if (own.metric, own.segment) == ("ce_bits", OVERALL)
    )
    caption = "Judges of both panels, each by itself: cross-entropy, bits per human vote; p is not adjusted"
    return Table(caption, ("judge", "baseline", "candidate", "difference", "p"), rows)


def changes_table(candidate: CandidateComparison) -> Table:
    """What is not the same on both sides."""
    rows = tuple(
        Row(
            f"{change.what} {change.name}".rstrip(),
            (Cell(change.key), Cell(_there(change.base)), Cell(_there(change.candidate))),
        )
        for change in candidate.changes
    )
    return Table(
        "Judges, prompts, rubric, data, pooling and prices", ("what", "setting", "baseline", "candidate"), rows
    )


def _there(value: str | None) -> str:
    return NOT_THERE if value is None else value


def display_table(candidate: CandidateComparison, segment: str = OVERALL) -> Table:
    """Metrics to look at in one segment."""
    rows = tuple(
        Row(metric_text(own.metric).title, _displayed(own)) for own in candidate.display if own.segment == segment
    )
    return Table(
        f"To look at, not to decide on: {segment}", ("metric", "baseline", "candidate", "difference"), rows
    )


def _displayed(own: DisplayDifference) -> tuple[Cell, ...]:
    text = metric_text(own.metric)
    return (
        Cell(value_text(own.base, own.metric)),
        Cell(value_text(own.candidate, own.metric)),
        estimate_cell(own.difference, text.digits, text.as_percent),
    )


def moved_table(candidate: CandidateComparison, most: int) -> Table:
    """The items whose cross-entropy moved most, with the label that each side gives most mass."""
    rows = tuple(
        Row(
            item.item_id,
            (
                Cell(item.human_class),
                Cell(signed(item.difference_bits)),
                Cell(_counted(item.human_counts)),
                Cell(_top(item.base.forecast)),
                Cell(_top(item.candidate.forecast)),
            ),
        )
        for item in candidate.moved[:most]
    )
    columns = ("item", "class", "bits", "reviewers", "baseline", "candidate")
    return Table("Items that moved most; above 0 the candidate is further from the reviewers", columns, rows)


def _counted(counts: dict[str, float]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{label} {number:g}" for label, number in ranked[:3] if number) or NO_NUMBER


def _top(forecast: dict[str, float]) -> str:
    if not forecast:
        return NO_NUMBER
    label = max(forecast, key=lambda name: forecast[name])
    return f"{label} {decimal(forecast[label])}"
