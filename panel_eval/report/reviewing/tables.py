"""The tables on reviewers, of page and terminal: everybody, confusion, change, votes to look at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent
from panel_eval.report.printable import cut_line
from panel_eval.schema import Estimate
from panel_eval.schema.reviewer_confusion import ReviewerConfusion
from panel_eval.schema.reviewer_drift import ChangePoint, DriftMeasure, DriftName
from panel_eval.schema.reviewer_quality import PassRate, ReviewerQuality
from panel_eval.schema.reviewer_report import ReviewerReport, ReviewerStanding, VoteToReview

NAME_CHARS: Final = 36
LABEL_CHARS: Final = 24
REASON_CHARS: Final = 200
DRIFT_TITLES: Final[dict[DriftName, str]] = {
    "agreement": "agreement beyond expected",
    "severity": "steps above others",
    "gold": "gold items passed",
    "pace": "seconds a label",
}
_NO_PERSON: Final = Estimate(estimate=None, n=0, note="not among the reviewers listed")


def overview_table(found: ReviewerReport, most: int, short: bool = False) -> Table:
    """One row a reviewer, the gravest concerns first; if short, without what the difference is made of."""
    quality = {one.reviewer: one for one in found.reviewers.reviewers}
    shown = [one for one in found.standings if one.reviewer in quality][:most]
    ordinal, gold = found.scale == "ordinal", found.gold.items > 0
    timed = any(one.n_seconds for one in found.standings)
    columns = ["reviewer", "votes", *["agrees", "expected"] * (not short), "difference", "adjusted p"]
    columns += ["steps above others"] * ordinal + ["gold passed"] * gold + ["median seconds"] * timed
    columns += ["to review"]
    rows = tuple(
        Row(
            name_of(one.reviewer),
            (
                Cell(count(one.votes)),
                *_overview_cells(one, quality[one.reviewer], ordinal, gold, timed)[2 * short :],
            ),
            emphasis=bool(one.concerns),
        )
        for one in shown
    )
    more = len(found.standings) - len(rows)
    caption = f"Reviewers, the gravest concerns first{f' ({more:,} more are not shown)' if more else ''}"
    return Table(caption, tuple(columns), rows)


def _overview_cells(
    one: ReviewerStanding, quality: ReviewerQuality, ordinal: bool, gold: bool, timed: bool
) -> tuple[Cell, ...]:
    cells = [
        estimate_cell(quality.agreement, as_percent=True),
        estimate_cell(quality.expected, as_percent=True),
        estimate_cell(quality.difference, as_percent=True),
        Cell(p_text(quality.p_adjusted)),
    ]
    if ordinal:
        cells.append(estimate_cell(quality.severity or _NO_PERSON, 2))
    if gold:
        cells.append(_gold_cell(quality.gold))
    if timed:
        cells.append(Cell(decimal(one.median_seconds, 0)))
    return (*cells, Cell(count(one.votes_to_review)))


def _gold_cell(rate: PassRate) -> Cell:
    if rate.rate.estimate is None:
        return estimate_cell(rate.rate)
    cell = estimate_cell(rate.rate, as_percent=True)
    return Cell(
        f"{rate.passed} of {rate.n}", f"{percent(rate.rate.low, 0)} to {percent(rate.rate.high, 0)}", cell.note
    )


def concern_lines(found: ReviewerReport, most: int) -> list[tuple[str, list[str]]]:
    """(reviewer, things to look into) of the gravest."""
    return [
        (name_of(one.reviewer), [concern.text for concern in one.concerns])
        for one in found.standings
        if one.concerns
    ][:most]


def confusion_table(found: ReviewerReport, reviewers: Sequence[ReviewerConfusion]) -> Table | None:
    """What each reviewer's matrix comes to."""
    if not reviewers:
        return None
    ordinal = found.scale == "ordinal"
    columns = ["reviewer", "gives assumed true label", "information, bits", *["steps above it"] * ordinal]
    columns += ["mixes up most", "how often"]
    rows = tuple(Row(name_of(one.reviewer), _confusion_cells(one, ordinal)) for one in reviewers)
    return Table("Under a model with one true label an item", tuple(columns), rows)


def _confusion_cells(one: ReviewerConfusion, ordinal: bool) -> tuple[Cell, ...]:
    cells = [estimate_cell(one.accuracy, as_percent=True), estimate_cell(one.information_bits, 2)]
    if ordinal:
        cells.append(estimate_cell(one.severity or _NO_PERSON, 2))
    pair = one.most_confused
    if pair is None:
        return (*cells, Cell(NO_NUMBER, note="no row rests on three votes"), Cell(NO_NUMBER))
    words = f"{cut_line(pair.true, LABEL_CHARS)} → {cut_line(pair.given, LABEL_CHARS)}"
    return (*cells, Cell(words), Cell(percent(pair.share, 0), f"{percent(pair.low, 0)} to {percent(pair.high, 0)}"))


def in_order(found: ReviewerReport) -> list[ReviewerConfusion]:
    """The confusion matrices in the order of the standings."""
    own = {one.reviewer: one for one in found.confusion.reviewers}
    return [own[one.reviewer] for one in found.standings if one.reviewer in own]


def drift_table(found: ReviewerReport, changed: bool, most: int) -> Table | None:
    """First half beside second half; the measures that changed, or all others that were tested."""
    own = {one.reviewer: one for one in found.drift.reviewers}
    rows = [
        Row(name_of(standing.reviewer), _drift_cells(name, measure), emphasis=changed)
        for standing in found.standings
        if standing.reviewer in own
        for name, measure in own[standing.reviewer].measures.items()
        if measure.changed == changed and measure.p_value is not None
    ]
    if not rows:
        return None
    left = f" ({len(rows) - most:,} more are not shown)" if len(rows) > most else ""
    title = "What changed" if changed else "Tested, and not shown to have changed"
    columns = ("reviewer", "score", "first half", "second half", "change", "adjusted p", "from about")
    return Table(f"{title}{left}", columns, tuple(rows[:most]))


def _drift_cells(name: DriftName, measure: DriftMeasure) -> tuple[Cell, ...]:
    change = measure.change
    since = Cell("") if change is None else _since(change)
    return (
        Cell(DRIFT_TITLES[name]),
        Cell(drift_value(name, measure.first_half)),
        Cell(drift_value(name, measure.second_half)),
        _effect_cell(name, measure.effect),
        Cell(p_text(measure.p_adjusted)),
        since,
    )


def _since(change: ChangePoint) -> Cell:
    """When it changed: days, or the time of the day where the range lies within one."""
    first, last = change.earliest, change.latest
    if first[:10] != last[:10]:
        return Cell(change.at[:10], f"{first[:10]} to {last[:10]}")
    return Cell(change.at[:16].replace("T", " "), f"{first[11:16]} to {last[11:16]}")


def _effect_cell(name: DriftName, effect: Estimate) -> Cell:
    cell = estimate_cell(effect, 2, as_percent=name == "gold")
    if name != "pace" or effect.estimate is None:
        return cell
    return Cell(f"× {cell.text}", cell.interval, cell.note)


def drift_value(name: DriftName, value: float | None) -> str:
    """A score as text."""
    if name == "gold":
        return percent(value, 0)
    return decimal(value, 0 if name == "pace" else 2)


def votes_table(votes: Sequence[VoteToReview], most: int, total: int) -> Table | None:
    """Votes to look at again."""
    rows = tuple(Row(cut_line(vote.item_id, NAME_CHARS), _vote_cells(vote)) for vote in votes[:most])
    if not rows:
        return None
    left = f" ({total - len(rows):,} more are in --csv and --json)" if total > len(rows) else ""
    columns = ("item", "reviewer", "label", "others", "chance of error", "why")
    return Table(f"Votes to look at again{left}", columns, rows)


def _vote_cells(vote: VoteToReview) -> tuple[Cell, ...]:
    others = ", ".join(f"{cut_line(label, LABEL_CHARS)} {n}" for label, n in vote.others.items())
    return (
        Cell(name_of(vote.reviewer)),
        Cell(cut_line(vote.label, LABEL_CHARS)),
        Cell(others),
        Cell(percent(vote.chance_of_error, 0)),
        Cell(cut_line("; ".join(vote.reasons), REASON_CHARS)),
    )


def pace_table(found: ReviewerReport, most: int) -> Table | None:
    """How each reviewer's labels came in: when, how fast, longest run of one label, and the most used one."""
    shown = [one for one in found.standings if one.n_seconds or one.first_at][:most]
    if not shown:
        return None
    uses = {one.reviewer: one.label_counts for one in found.reviewers.reviewers}
    rows = tuple(Row(name_of(one.reviewer), _pace_cells(one, uses.get(one.reviewer, {}))) for one in shown)
    columns = ("reviewer", "first", "last", "median seconds", "longest run of one label", "most used label")
    return Table("How the labels came in", columns, rows)


def _pace_cells(one: ReviewerStanding, uses: dict[str, int]) -> tuple[Cell, ...]:
    run = NO_NUMBER
    if one.longest_run is not None:
        run = f"{one.longest_run:,} × {cut_line(one.longest_run_label or '', LABEL_CHARS)}"
    used = max(uses, key=lambda label: uses[label]) if uses else ""
    most = (
        f"{cut_line(used, LABEL_CHARS)} {percent(uses[used] / max(1, sum(uses.values())), 0)}"
        if uses
        else NO_NUMBER
    )
    return (
        Cell((one.first_at or NO_NUMBER)[:10]),
        Cell((one.last_at or NO_NUMBER)[:10]),
        Cell(decimal(one.median_seconds, 0)),
        Cell(run),
        Cell(most),
    )


def sharpness_line(found: ReviewerReport) -> str | None:
    """How much surer the model is than the people: the warning."""
    told = found.confusion.sharpness
    if told is None:
        return None
    line = (
        f"Warning figure: the model's posterior has {decimal(told.posterior_entropy_bits.estimate)} bits of "
        f"entropy an item, the reviewers' votes {decimal(told.votes_entropy_bits.estimate)}"
    )
    if told.split_items:
        items = "item" if told.split_items == 1 else "items"
        line += (
            f"; of {count(told.split_items)} {items} on which reviewers split, it calls "
            f"{count(told.split_items_called_certain)} certain (above 95%)"
        )
    return line + "."


def name_of(text: str) -> str:
    """A reviewer's name on one line."""
    return cut_line(text, NAME_CHARS)


def p_text(value: float | None) -> str:
    """An adjusted p-value."""
    return "<0.001" if value is not None and value < 0.001 else decimal(value, 3)
