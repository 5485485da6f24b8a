"""The table of what judges are worth, shared by its part of the page and its figure."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import decimal
from panel_eval.schema.panel_value_metrics import JudgeStanding, JudgeValue, PanelValue

_STANDINGS: Final[dict[JudgeStanding, str]] = {
    "adds": "needed",
    "replaceable": "replaceable",
    "adds_nothing": "adds nothing",
    "harms": "harmful",
    "copy": "a copy",
    "not_told": "not told",
}
_MANY: Final = 100


def judges_by_value(value: PanelValue) -> list[tuple[str, JudgeValue]]:
    """The most valuable first."""
    return sorted(value.judges.items(), key=lambda pair: -(pair[1].shapley_bits.estimate or 0.0))


def judges_table(value: PanelValue) -> Table:
    """What is lost without each judge, its fair share, and what that costs; the most valuable first."""
    judges = judges_by_value(value)
    columns: dict[str, list[Cell]] = {
        "lost without it": [estimate_cell(judge.left_out_bits) for _, judge in judges],
        "Shapley value": [estimate_cell(judge.shapley_bits) for _, judge in judges],
        "verdict": [Cell(_STANDINGS[judge.standing]) for _, judge in judges],
    }
    if any(judge.cost_per_item_usd for _, judge in judges):
        columns["bits per dollar"] = [_per_dollar(judge) for _, judge in judges]
    elif any(judge.votes_per_item != 1 for _, judge in judges):
        columns["votes an item"] = [Cell(decimal(judge.votes_per_item, 1)) for _, judge in judges]
    rows = tuple(Row(name, tuple(cells[row] for cells in columns.values())) for row, (name, _) in enumerate(judges))
    return Table("What judges take off the cross-entropy, bits", ("judge", *columns), rows)


def _per_dollar(judge: JudgeValue) -> Cell:
    number = judge.shapley_bits_per_usd
    return estimate_cell(number, 1 if abs(number.estimate or 0.0) < _MANY else 0)
