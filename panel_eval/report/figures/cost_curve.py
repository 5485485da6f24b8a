"""Cost of an item by the share of items that is handed to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.numbers import decimal, percent
from panel_eval.report.palette import Palette
from panel_eval.schema.policy_metrics import Costs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_ROWS = 11


def cost_curve_figure(costs: Costs, name: str) -> Figure | None:
    """The cost curve on the calibration items, with its lowest point and the oracle's cost on the test items.

    Args:
        costs: of a policy.
        name: anchor of the figure, as a page may hold two.
    """
    if len(costs.curve) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw(canvas.subplots(), costs, colours)
        plot.legend_above(canvas, 3)

    step = max(1, (len(costs.curve) - 1) // (_ROWS - 1))
    rows = tuple(Row(percent(point.deferred, 0), (Cell(decimal(point.cost, 3)),)) for point in costs.curve[::step])
    caption = (
        "Mean cost of an item on the calibration items, from handing over nothing to everything: reviews, errors "
        "of the panel and errors of the people asked. Oracle: handing over just the items where it pays."
    )
    best = costs.optimum
    title = f"Cheapest with {percent(best.deferred, 0)} of the items handed over ({decimal(best.cost)} an item)"
    table = Table("Cost of an item", ("handed over", "cost"), rows)
    return Figure(name, title, caption, Drawing(5.0, 2.9, draw), table)


def _draw(axes: Axes, costs: Costs, colours: Palette) -> None:
    points = sorted(costs.curve, key=lambda point: point.deferred)
    share, cost = zip(*((point.deferred, point.cost) for point in points), strict=True)
    axes.plot(share, cost, color=colours.panel, label="panel")
    axes.plot(costs.optimum.deferred, costs.optimum.cost, "o", color=colours.panel, label="cheapest")
    if costs.oracle.estimate is not None:
        axes.axhline(costs.oracle.estimate, color=colours.human, linestyle=(0, (5, 2)), label="oracle, test items")
    axes.set(xlim=(0, 1), xlabel="share of items handed over", ylabel="cost of an item")
    axes.set_ylim(bottom=0)
