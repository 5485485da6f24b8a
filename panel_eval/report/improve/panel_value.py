"""What each judge is worth, and which judges would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.schema.panel_value_metrics import JudgeStanding, JudgeValue, PanelValue, SubPanel

_STANDINGS: Final[dict[JudgeStanding, str]] = {
    "adds": "needed",
    "replaceable": "replaceable",
    "adds_nothing": "adds nothing",
    "harms": "harmful",
    "copy": "a copy",
    "not_told": "not told",
}


def panel_value_part(value: PanelValue) -> Part | None:
    """Judges by worth, the sub-panels that would do, and what fewer votes would have done."""
    if not value.judges or value.value_bits.estimate is None:
        return None
    sentences = said(
        _effective(value),
        "Lost without it: what the panel loses if only this judge goes. Shapley value: its share of what all "
        "judges take off together, those that say the same sharing it. Replaceable: others say it, too.",
        sentence(value.samples_note) if value.samples_note else None,
        sentence(value.label_orders_note) if value.label_orders_note else None,
        *(sentence(note) for note in value.notes),
    )
    return Part(
        "judges",
        "What is each judge worth?",
        sentences,
        filled(judges_table(value)),
        filled(panels_table(value), front_table(value), samples_table(value)),
        advice=value.advice,
    )


def judges_table(value: PanelValue) -> Table:
    """What is lost without each judge, its fair share, and what that costs; the most valuable first."""
    judges = sorted(value.judges.items(), key=lambda pair: -(pair[1].shapley_bits.estimate or 0.0))
    columns: dict[str, list[Cell]] = {
        "lost without it": [estimate_cell(judge.left_out_bits) for _, judge in judges],
        "Shapley value": [estimate_cell(judge.shapley_bits) for _, judge in judges],
        "verdict": [Cell(_STANDINGS[judge.standing]) for _, judge in judges],
    }
    if any(judge.votes_per_item != 1 for _, judge in judges):
        columns["votes an item"] = [Cell(decimal(judge.votes_per_item, 1)) for _, judge in judges]
    if any(judge.cost_per_item_usd for _, judge in judges):
        columns["bits per dollar"] = [_per_dollar(judge) for _, judge in judges]
    rows = tuple(Row(name, tuple(cells[row] for cells in columns.values())) for row, (name, _) in enumerate(judges))
    return Table("What judges take off the cross-entropy, bits", ("judge", *columns), rows)


def panels_table(value: PanelValue) -> Table:
    """The best sub-panel, the smallest that does, and the way there judge by judge."""
    rows = [
        *([] if value.best is None else [_panel_row("best", value.best)]),
        *([] if value.smallest is None else [_panel_row("smallest that does", value.smallest)]),
        *(_panel_row(f"{count(len(panel.judges))} by adding the best", panel) for panel in value.greedy),
    ]
    columns = ("sub-panel", "judges", "CE bits", "behind the panel, bits", "votes an item")
    return Table("Sub-panels, fitted without the others", columns, tuple(rows))


def front_table(value: PanelValue) -> Table:
    """Sub-panels that no cheaper one equals."""
    paid = value.front_cost == "usd"
    rows = tuple(
        Row(
            _names(panel.judges),
            (
                Cell(decimal(panel.cost_per_item_usd, 6) if paid else decimal(panel.votes_per_item, 1)),
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


def _per_dollar(judge: JudgeValue) -> Cell:
    value = judge.shapley_bits_per_usd
    return Cell(decimal(value, 1), note="" if value is not None else judge.note or "its price is not known")


def _panel_row(header: str, panel: SubPanel) -> Row:
    cells = (
        Cell(_names(panel.judges)),
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
    return (
        f"{count(len(value.judges))} judges, whose errors are as alike as those of {decimal(number.estimate, 1)} "
        "independent ones."
    )
