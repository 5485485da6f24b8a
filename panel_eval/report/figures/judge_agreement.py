"""How far each judge agrees with the reviewers and with each other judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.findings import agreement_finding
from panel_eval.report.numbers import NO_NUMBER, decimal, estimate_of
from panel_eval.report.palette import Palette
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.agreement_metrics import JudgeRedundancy, PairTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

JUDGES_DRAWN: Final = 12
"""More judges are in the table only: their numbers could not be read."""
PEOPLE: Final = "reviewers"
_NAME_CHARS: Final = 20
_FULL: Final = 0.5
"""Opacity of a kappa of 1: the number on it stays readable."""


def judge_agreement(metrics: Metrics) -> Figure | None:
    """Kappa of each pair of judges, and of each judge with the reviewers' majority, judges that agree side by side.

    None for one judge, for more than `JUDGES_DRAWN`, and where no pair has a number.
    """
    table = judge_agreement_table(metrics)
    redundancy = metrics.agreement.redundancy
    if table is None or redundancy is None or len(metrics.judges) > JUDGES_DRAWN:
        return None
    pairs, people = pair_kappas(redundancy), _with_people(metrics)
    order = by_likeness(list(metrics.judges), pairs)
    rows = [people] * bool(people) + [pairs.get(judge, {}) for judge in order]
    names = [PEOPLE] * bool(people) + order
    if all(row.get(judge) is None for row in rows for judge in order):
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw(canvas.subplots(), names, order, rows, colours)

    height = 0.9 + 0.09 * min(_NAME_CHARS, max(map(len, order))) + 0.34 * len(names)
    caption = (
        f"{_named(redundancy)} of the judges' top labels: 1 = always the same, 0 = as by luck, below 0 = less than "
        "by luck. Judges that agree stand side by side; the darker, the more they agree. First row: with the "
        "reviewers' majority. Judges that agree more with each other than with it add little to each other."
    )
    drawing = Drawing(max(3.6, min(6.4, 2.0 + 0.46 * len(order))), height, draw)
    return Figure("judge-agreement", agreement_finding(metrics), caption, drawing, table)


def judge_agreement_table(metrics: Metrics) -> Table | None:
    """The numbers of `judge_agreement`; of more judges than it draws, each one's nearest; None for one judge."""
    redundancy = metrics.agreement.redundancy
    if redundancy is None:
        return None
    pairs, cross = pair_kappas(redundancy), metrics.agreement.cross
    people = {} if cross is None else cross.judges
    several = len(metrics.judges) > JUDGES_DRAWN
    order = list(metrics.judges) if several else by_likeness(list(metrics.judges), pairs)
    name = _people_metric(redundancy)
    rows = tuple(
        Row(
            judge,
            (
                estimate_cell(estimate_of(people.get(judge, {}), name), 2),
                *(_nearest(judge, pairs) if several else _with_each(judge, order, pairs)),
            ),
        )
        for judge in order
    )
    others = ("most like", "kappa with it") if several else tuple(order)
    return Table(f"{_named(redundancy)} of judges' top labels", ("judge", PEOPLE, *others), rows)


def _with_each(judge: str, order: Sequence[str], pairs: PairTable) -> tuple[Cell, ...]:
    return tuple(Cell("" if other == judge else decimal(pairs.get(judge, {}).get(other))) for other in order)


def _nearest(judge: str, pairs: PairTable) -> tuple[Cell, Cell]:
    known = {other: value for other, value in pairs.get(judge, {}).items() if value is not None}
    if not known:
        return Cell(NO_NUMBER), Cell(NO_NUMBER)
    nearest = max(known, key=lambda other: known[other])
    return Cell(nearest), Cell(decimal(known[nearest]))


def by_likeness(judges: Sequence[str], pairs: PairTable) -> list[str]:
    """The judges in a row, alike ones side by side: the most alike pair, then at an end whoever is most alike."""
    left = list(judges)
    if len(left) < 3:
        return left

    def likeness(one: str, other: str) -> float:
        value = pairs.get(one, {}).get(other)
        return -math.inf if value is None else value

    couples = [(one, other) for place, one in enumerate(left) for other in left[place + 1 :]]
    order = list(max(couples, key=lambda couple: likeness(*couple)))
    left = [judge for judge in left if judge not in order]
    while left:
        ends = [(end, judge) for judge in left for end in (0, -1)]
        end, judge = max(ends, key=lambda pair: likeness(order[pair[0]], pair[1]))
        order.insert(0 if end == 0 else len(order), judge)
        left.remove(judge)
    return order


def pair_kappas(redundancy: JudgeRedundancy) -> PairTable:
    """Weighted kappa on an ordinal scale, else Cohen's."""
    return redundancy.weighted_kappa or redundancy.cohen_kappa


def _named(redundancy: JudgeRedundancy) -> str:
    return "Quadratically weighted kappa" if redundancy.weighted_kappa else "Cohen's kappa"


def _people_metric(redundancy: JudgeRedundancy) -> str:
    return "weighted_kappa_majority" if redundancy.weighted_kappa else "kappa_majority"


def _with_people(metrics: Metrics) -> dict[str, float | None]:
    """Judge to its kappa with the reviewers' majority; empty where none has one."""
    cross, redundancy = metrics.agreement.cross, metrics.agreement.redundancy
    if cross is None or redundancy is None:
        return {}
    name = _people_metric(redundancy)
    found = {judge: _number(table.get(name)) for judge, table in cross.judges.items()}
    return found if any(value is not None for value in found.values()) else {}


def _number(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.estimate


def _draw(
    axes: Axes,
    names: Sequence[str],
    order: Sequence[str],
    rows: Sequence[dict[str, float | None]],
    colours: Palette,
) -> None:
    for row, (name, values) in enumerate(zip(names, rows, strict=True)):
        for column, judge in enumerate(order):
            if name != judge or (name == PEOPLE and row == 0):
                _draw_cell(axes, row, column, values.get(judge), colours)
    if names[0] == PEOPLE and len(names) > len(order):
        axes.axhline(0.5, color=colours.muted, linewidth=1.2)
    axes.set(xlim=(-0.5, len(order) - 0.5), ylim=(len(names) - 0.5, -0.5))
    shown = short_names(order, _NAME_CHARS)
    axes.set_yticks(range(len(names)), [*names[: len(names) - len(order)], *shown])
    axes.set_xticks(range(len(order)), shown, rotation=90)
    axes.tick_params(length=0, labelsize=8.5)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _draw_cell(axes: Axes, row: int, column: int, value: float | None, colours: Palette) -> None:
    """The number on its shade; below 0 it stands on none."""
    if value is None:
        axes.text(column, row, "–", ha="center", va="center", color=colours.muted, fontsize=8.5)
        return
    shade = _FULL * min(max(value, 0.0), 1.0)
    if shade > 0:
        axes.fill(
            [column - 0.47, column + 0.47, column + 0.47, column - 0.47],
            [row - 0.46, row - 0.46, row + 0.46, row + 0.46], color=colours.panel, alpha=shade, linewidth=0,
        )  # fmt: skip
    axes.text(column, row, decimal(value), ha="center", va="center", fontsize=8.5)
