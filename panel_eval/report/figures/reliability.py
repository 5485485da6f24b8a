"""Is the panel as sure as the reviewers are many?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import reliability_finding
from panel_eval.report.numbers import NO_NUMBER, count, decimal, sentence
from panel_eval.report.palette import Palette
from panel_eval.schema import Metrics, ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


_INTERVALS: Final = (
    " Upright lines are 95% intervals of the share: where one misses the dashed line, the panel is off."
)
_CONSISTENCY: Final = (
    " Grey bars: where the shares of a calibrated panel would fall with as few items and reviewers, 95%."
)


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
        f"1: it is the one to look at.{_INTERVALS if any(_interval(bin_) for bin_ in bins) else ''}"
        f"{_CONSISTENCY if any(_consistent(bin_) for bin_ in bins) else ''}"
    )
    return Figure("reliability", reliability_finding(metrics), caption, Drawing(5.0, 4.4, draw), _table(bins))


def _draw_agreement(axes: Axes, bins: list[ReliabilityBin], colours: Palette) -> None:
    confidence = [bin_.confidence for bin_ in bins]
    hard = [bin_.hard_accuracy for bin_ in bins]
    soft = [bin_.soft_accuracy for bin_ in bins]
    label = "a calibrated panel"
    for bin_ in bins:
        if (ends := _consistent(bin_)) is not None:
            axes.plot([bin_.confidence] * 2, ends, color=colours.floor, linewidth=9, alpha=0.55, label=label)
            label = "_nolegend_"
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=1, linestyle=plot.AT_REST)
    axes.plot(
        confidence, hard, "D", color=colours.base, markerfacecolor="none", clip_on=False, label="majority agrees"
    )
    for bin_ in bins:
        if (ends := _interval(bin_)) is not None:
            axes.plot([bin_.confidence] * 2, ends, color=colours.panel, linewidth=1.6, clip_on=False)
    axes.plot(confidence, soft, "o-", color=colours.panel, clip_on=False, label="share of reviewers who agree")
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="agreement with the top label")


def _interval(bin_: ReliabilityBin) -> tuple[float, float] | None:
    """How sure the observed share of reviewers is."""
    if bin_.soft_accuracy_low is None or bin_.soft_accuracy_high is None:
        return None
    return bin_.soft_accuracy_low, bin_.soft_accuracy_high


def _consistent(bin_: ReliabilityBin) -> tuple[float, float] | None:
    """Where the share would fall if the panel were calibrated."""
    if bin_.consistency_low is None or bin_.consistency_high is None:
        return None
    return bin_.consistency_low, bin_.consistency_high


def _draw_sizes(axes: Axes, bins: list[ReliabilityBin], colours: Palette) -> None:
    widths = [max(bin_.high - bin_.low, 0.004) for bin_ in bins]
    sizes = [bin_.n for bin_ in bins]
    axes.bar([bin_.low for bin_ in bins], sizes, widths, align="edge", color=colours.panel, alpha=0.4, linewidth=0)
    axes.set(ylabel="items", xlabel="mass the panel put on its top label", ylim=(0, max(sizes) * 1.15))
    axes.locator_params(axis="y", nbins=3, integer=True)
    plot.grid_only(axes, "y")


def _table(bins: list[ReliabilityBin]) -> Table:
    columns = (
        "mass on the top label",
        "items",
        "mean mass",
        "share of reviewers",
        "if calibrated",
        "majority agrees",
    )
    rows = tuple(Row(f"{decimal(bin_.low)} to {decimal(bin_.high)}", _cells(bin_)) for bin_ in bins)
    return Table("Reliability of the panel's top label", columns, rows)


def _cells(bin_: ReliabilityBin) -> tuple[Cell, ...]:
    return (
        Cell(count(bin_.n)),
        Cell(decimal(bin_.confidence, 3)),
        Cell(decimal(bin_.soft_accuracy, 3), _range(_interval(bin_))),
        Cell(_range(_consistent(bin_)) or NO_NUMBER),
        Cell(decimal(bin_.hard_accuracy, 3)),
    )


def _range(ends: tuple[float, float] | None) -> str:
    return f"{decimal(ends[0], 3)} to {decimal(ends[1], 3)}" if ends else ""
