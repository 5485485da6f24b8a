"""Gold items: who passes them, and which of them may be wrong."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import count, percent, range_text
from panel_eval.report.part import Part, filled, said
from panel_eval.report.printable import cut_line
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.label_review import GoldItems
from panel_eval.schema.reviewer_quality import PassRate

_SHOWN: Final = 12
_CHARS: Final = 40
_STATUS: Final = {
    "passes": "above the threshold",
    "flagged": "not shown to be above it",
    "fails": "below it",
    "too_few": "too few gold items to tell",
    "none": "no gold items",
}
_TOLD: Final = {"passes": "above", "flagged": "not shown to be above", "fails": "below"}


def gold_part(quality: LabelQuality) -> Part | None:
    """Pass rates against the threshold; None without gold items."""
    gold = quality.gold
    if not gold.items:
        return None
    sentences = said(
        _overall(gold),
        f"A reviewer passes if the lower bound is at least {percent(gold.threshold, 0)}; with fewer than "
        f"{gold.fewest} gold items even one who passes all cannot show it.",
        _missed_by_most(gold.missed_items),
        gold.note and f"{gold.note[:1].upper()}{gold.note[1:]}.",
    )
    return Part("gold", "Do reviewers pass the gold items?", sentences, filled(_rates(quality), _missed(gold)))


def _missed_by_most(items: int) -> str | None:
    if items == 1:
        return "1 gold item was missed by most of its reviewers: its answer may be wrong."
    wrong = f"{count(items)} gold items were missed by most of their reviewers: the answers may be wrong."
    return wrong if items else None


def _overall(gold: GoldItems) -> str:
    rate = gold.overall.rate
    between = range_text(rate, as_percent=True)
    told = f" (95% interval {between})" if between else ""
    return (
        f"{count(gold.overall.passed)} of {count(gold.overall.n)} votes on {count(gold.items)} gold items give the "
        f"known answer, {percent(rate.estimate)}{told}: {_overall_status(gold)}."
    )


def _overall_status(gold: GoldItems) -> str:
    told = _TOLD.get(gold.overall.status)
    return f"{told} the threshold of {percent(gold.threshold, 0)}" if told else _STATUS[gold.overall.status]


def _rates(quality: LabelQuality) -> Table:
    everyone = sorted(
        (one for one in quality.reviewers.reviewers if one.gold.n),
        key=lambda one: (one.gold.rate.low or 0.0, one.reviewer),
    )
    rows = [Row("everyone", _rate_cells(quality.gold.overall), emphasis=True)]
    rows += [Row(cut_line(one.reviewer, _CHARS), _rate_cells(one.gold)) for one in everyone[:_SHOWN]]
    caption = "Pass rates" if len(everyone) <= _SHOWN else f"Pass rates, the {_SHOWN} with the lowest lower bounds"
    return Table(
        caption, ("reviewer", "passed", "votes on gold items", "rate", "against the threshold"), tuple(rows)
    )


def _rate_cells(rate: PassRate) -> tuple[Cell, ...]:
    shown = estimate_cell(rate.rate, as_percent=True)
    return (Cell(count(rate.passed)), Cell(count(rate.n)), shown, Cell(_STATUS[rate.status]))


def _missed(gold: GoldItems) -> Table:
    rows = tuple(
        Row(
            cut_line(miss.item_id, _CHARS),
            (
                Cell(cut_line(miss.gold_label, _CHARS)),
                Cell(f"{count(miss.passed)} of {count(miss.n)}"),
                Cell(cut_line(miss.most_chosen, _CHARS)),
                Cell(percent(miss.chance_gold_is_wrong, 0)),
            ),
        )
        for miss in gold.missed[:_SHOWN]
    )
    columns = ("item", "known answer", "gave it", "most chosen", "chance that most would not choose it")
    return Table("Gold items that most reviewers missed", columns, rows)
