"""Is the panel as sure as the reviewers are many?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import reliability_finding
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.palette import Palette
from panel_eval.schema import Metrics, ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


_BARS = " Upright bars are 95% intervals of the share: where one misses the dashed line, the panel is off."


def reliability(metrics: Metrics) -> Figure | None:
    """Share of reviewers who chose the panel's top label, against the mass the panel put on it."""
    bins = [bin_ for bin_ in metrics.calibration.reliability if bin_.n > 0]
    if not bins:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes, below = canvas.subplots(2, 1, height_ratios=[4, 1], sharex=True)
        _draw_agreement(axes, bins, colours)
        _draw_sizes(below, bins, colours)
        plot.legend_above(canvas, 2)

    caption = (
        "On the dashed line the panel is as sure as the reviewers are many. "
        f"{sentence(metrics.calibration.binning)} Reviewers who honestly differ keep the solid line from reaching "
        f"1: it is the one to look at.{_BARS if any(_interval(bin_) for bin_ in bins) else ''}"
    )
    return Figure("reliability", reliability_finding(metrics), caption, Drawing(5.0, 4.4, draw), _table(bins))


def _draw_agreement(axes: Axes, bins: list[ReliabilityBin], colours: Palette) -> None:
    confidence = [bin_.confidence for bin_ in bins]
    hard = [bin_.hard_accuracy for bin_ in bins]
    soft = [bin_.soft_accuracy for bin_ in bins]
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(
        confidence, hard, "D", color=colours.base, markerfacecolor="none", clip_on=False, label="majority agrees"
    )
    for bin_ in bins:
        if (ends := _interval(bin_)) is not None:
            axes.plot([bin_.confidence] * 2, ends, color=colours.panel, linewidth=3, alpha=0.45, clip_on=False)
    axes.plot(confidence, soft, "o-", color=colours.panel, clip_on=False, label="share of reviewers who agree")
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="agreement with the top label")


def _interval(bin_: ReliabilityBin) -> tuple[float, float] | None:
    """How sure the observed share of reviewers is."""
    if bin_.soft_accuracy_low is None or bin_.soft_accuracy_high is None:
        return None
    return bin_.soft_accuracy_low, bin_.soft_accuracy_high


def _draw_sizes(axes: Axes, bins: list[ReliabilityBin], colours: Palette) -> None:
    widths = [max(bin_.high - bin_.low, 0.004) for bin_ in bins]
    sizes = [bin_.n for bin_ in bins]
    axes.bar([bin_.low for bin_ in bins], sizes, widths, align="edge", color=colours.panel, alpha=0.4, linewidth=0)
    axes.set(ylabel="items", xlabel="mass the panel put on its top label", ylim=(0, max(sizes) * 1.15))
    axes.locator_params(axis="y", nbins=3, integer=True)
    plot.grid_only(axes, "y")


def _table(bins: list[ReliabilityBin]) -> Table:
    columns = ("mass on the top label", "items", "mean mass", "share of reviewers", "majority agrees")
    rows = tuple(Row(f"{decimal(bin_.low)} to {decimal(bin_.high)}", _cells(bin_)) for bin_ in bins)
    return Table("Reliability of the panel's top label", columns, rows)


def _cells(bin_: ReliabilityBin) -> tuple[Cell, ...]:
    ends = _interval(bin_)
    interval = f"{decimal(ends[0], 3)} to {decimal(ends[1], 3)}" if ends else ""
    return (
        Cell(count(bin_.n)),
        Cell(decimal(bin_.confidence, 3)),
        Cell(decimal(bin_.soft_accuracy, 3), interval),
        Cell(decimal(bin_.hard_accuracy, 3)),
    )
