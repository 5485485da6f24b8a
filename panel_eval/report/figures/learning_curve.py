"""Cross-entropy by the number of labelled items that a panel is fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.numbers import count, decimal
from panel_eval.report.palette import Palette
from panel_eval.schema.learning_curve_metrics import CurvePoint, LearningCurve, LearningLaw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def learning_curve_figure(curve: LearningCurve) -> Figure | None:
    """The curve with its band, between the base rate of as many items and the panel as it is."""
    points = [point for point in curve.by_items if point.ce_bits.estimate is not None]
    if len(points) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw(canvas.subplots(), points, curve, colours)
        plot.legend_above(canvas, 3)

    rows = tuple(
        Row(count(point.items), (estimate_cell(point.ce_bits), estimate_cell(point.base_rate_ce_bits)))
        for point in points
    )
    caption = (
        "Cross-entropy on items that the fit did not see, by the number of items that it saw. The band: what other "
        "items and other samples of labels would give, 95%. Base rate: the label shares of the same items."
    )
    table = Table("Cross-entropy by labelled items", ("items", "fitted, bits", "base rate, bits"), rows)
    return Figure("labels", learning_finding(points, curve.law), caption, Drawing(5.0, 3.0, draw), table)


def learning_finding(points: list[CurvePoint], law: LearningLaw) -> str:
    """What the most labels bought, from the fewest on, where that is more than chance."""
    first, last = points[0], points[-1]
    if law.next_doubling_bits.estimate is None:
        return f"More than {count(first.items)} items are not shown to lower the cross-entropy"
    bits = (first.ce_bits.estimate or 0.0) - (last.ce_bits.estimate or 0.0)
    change = f"takes {decimal(bits)} bits off the cross-entropy"
    return f"Going from {count(first.items)} to {count(last.items)} items {change}"


def _draw(axes: Axes, points: list[CurvePoint], curve: LearningCurve, colours: Palette) -> None:
    items = [point.items for point in points]
    fitted = [float(point.ce_bits.estimate or 0.0) for point in points]
    banded = [
        (point.items, point.ce_bits.low, point.ce_bits.high)
        for point in points
        if point.ce_bits.low is not None and point.ce_bits.high is not None
    ]
    if banded:
        at, low, high = zip(*banded, strict=True)
        axes.fill_between(at, low, high, color=colours.panel, alpha=0.18, linewidth=0)
    axes.plot(items, fitted, "o-", color=colours.panel, markersize=4, label="fitted")
    base = [(point.items, point.base_rate_ce_bits.estimate) for point in points]
    known = [(at, value) for at, value in base if value is not None]
    if known:
        axes.plot(*zip(*known, strict=True), color=colours.base, linestyle=(0, (5, 2)), label="base rate")
    if (raw := curve.panel_ce_bits.estimate) is not None:
        axes.axhline(raw, color=colours.muted, linewidth=1, linestyle=(0, (1, 2)), label="as it is")
    axes.set_xscale("log")
    axes.set_xticks(items, [count(number) for number in items], rotation=30 if len(items) > 5 else 0)
    axes.minorticks_off()
    axes.set(xlabel="labelled items fitted to", ylabel="cross-entropy, bits")
