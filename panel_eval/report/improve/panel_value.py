"""What each judge is worth, and which judges would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.costs import usd
from panel_eval.report.judge_values import judges_table
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.schema.panel_value_metrics import JudgeStanding, PanelValue, SubPanel

_QUESTION: Final = "What is each judge worth?"
_PANEL_COLUMNS: Final = ("CE bits", "behind the panel, bits", "votes an item")
_MEANINGS: Final[dict[JudgeStanding, str]] = {
    "replaceable": "Replaceable: others say it, too.",
    "adds_nothing": "Adds nothing: little or nothing is lost if only this judge goes.",
    "not_told": "Not told: much or nothing may be lost without it; more items would tell.",
}


def panel_value_part(value: PanelValue) -> Part:
    """Judges by worth, the sub-panels that would do, and what fewer votes would have done; or why none of it."""
    if not value.judges or value.value_bits.estimate is None:
        return Part("judges", _QUESTION, (), (), advice=value.advice)
    sentences = said(
        _effective(value),
        "Lost without it: what the panel loses if only this judge goes. Shapley value: its share of what all "
        "judges take off together, those that say the same sharing it.",
        *_verdicts(value),
        _orders_drawn(value),
        f"What fewer votes would have done cannot be told: {value.samples_note}." if value.samples_note else None,
        f"What label orders do cannot be told: {value.label_orders_note}." if value.label_orders_note else None,
        *(sentence(note) for note in value.notes),
    )
    return Part(
        "judges",
        _QUESTION,
        sentences,
        filled(judges_table(value)),
        filled(panels_table(value), front_table(value), samples_table(value), orders_table(value)),
        advice=value.advice,
    )


def _orders_drawn(value: PanelValue) -> str | None:
    """How far Shapley values may be off because orders were drawn; nothing where all sub-panels were fitted."""
    errors = [judge.shapley_error_bits for judge in value.judges.values()]
    known = [error for error in errors if error]
    if not known:
        return None
    return (
        f"Shapley values come from random orders, which leaves them a standard error of up to "
        f"{decimal(max(known), 3)} bits beside their intervals."
    )


def _verdicts(value: PanelValue) -> list[str]:
    """What the verdicts that need words mean, of those given."""
    given = {judge.standing for judge in value.judges.values()}
    return [text for standing, text in _MEANINGS.items() if standing in given]


def panels_table(value: PanelValue) -> Table:
    """The best sub-panel, the smallest that does, and the way there judge by judge."""
    chosen = (("best", value.best), ("smallest that does", value.smallest))
    rows = [_panel_row(f"{name}: {_names(panel.judges)}", panel) for name, panel in chosen if panel is not None]
    before: set[str] = set()
    for panel in value.greedy:
        added = [name for name in panel.judges if name not in before]
        rows.append(_panel_row(f"with {_names(added)}" if before else _names(added), panel))
        before.update(added)
    columns = ("sub-panel; below, adding the best judge each time", "judges", *_PANEL_COLUMNS)
    return Table("Sub-panels, fitted without the others", columns, tuple(rows))


def front_table(value: PanelValue) -> Table:
    """Sub-panels that no cheaper one equals."""
    paid = value.front_cost == "usd"
    rows = tuple(
        Row(
            _names(panel.judges),
            (
                Cell(usd(panel.cost_per_item_usd) if paid else decimal(panel.votes_per_item, 1)),
                estimate_cell(panel.ce_bits),
            ),
        )
        for panel in value.front
    )
    columns = ("judges", "dollars an item" if paid else "votes an item", "CE bits")
    return Table("The front of cost and quality", columns, rows)


def samples_table(value: PanelValue) -> Table | None:
    """What fewer of the recorded votes would have done."""
    if not value.samples:
        return None
    rows = tuple(
        Row(
            count(used.samples),
            (
                Cell(decimal(used.votes_per_item, 1)),
                estimate_cell(used.ce_bits),
                estimate_cell(used.behind_all_bits),
            ),
        )
        for used in value.samples
    )
    columns = ("votes of each judge", "votes an item", "CE bits", "behind all votes, bits")
    return Table("With fewer of the recorded votes", columns, rows)


def orders_table(value: PanelValue) -> Table | None:
    """One label order against as many votes in mixed ones."""
    used = value.label_orders
    if used is None:
        return None
    rows = (
        Row("one order, mean of all", (estimate_cell(used.one_order_ce_bits),)),
        Row("as many votes in mixed orders", (estimate_cell(used.mixed_orders_ce_bits),)),
        Row("taken off by mixing", (estimate_cell(used.gain_of_mixing_bits),), emphasis=True),
        *(Row(f"only {order}", (estimate_cell(number),)) for order, number in used.by_order.items()),
    )
    return Table("With votes in one label order only", ("label orders", "CE bits"), rows)


def _panel_row(header: str, panel: SubPanel) -> Row:
    cells = (
        Cell(count(len(panel.judges))),
        estimate_cell(panel.ce_bits),
        estimate_cell(panel.behind_panel_bits),
        Cell(decimal(panel.votes_per_item, 1)),
    )
    return Row(header, cells)


def _names(judges: Sequence[str]) -> str:
    return ", ".join(judges) if judges else "none: the base rate"


def _effective(value: PanelValue) -> str | None:
    number = value.redundancy.get("effective_judges")
    if number is None or number.estimate is None:
        return None
    rough = f"; {number.note}" if number.note else ""
    return (
        f"{count(len(value.judges))} judges do as much as {decimal(number.estimate, 1)} whose errors are "
        f"independent of each other{rough}."
    )
