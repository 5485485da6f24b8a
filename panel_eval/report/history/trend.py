"""Cross-entropy by night, with the gate's verdicts, changes of the instrument and alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.history.axis import breaks, draw_nights
from panel_eval.report.history.lines import Point, draw_intervals, draw_line, points
from panel_eval.report.history.marks import draw_alarms, draw_changes, draw_verdicts
from panel_eval.report.history.panels import PanelHistory
from panel_eval.report.history.tables import metric, trend_table
from panel_eval.report.numbers import count, decimal
from panel_eval.report.palette import Palette
from panel_eval.schema.history import HistoryRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

METRIC = "ce_bits"
_CAPTION = (
    "How surprised the panel is by one human vote, in bits: lower is better. Lines through the marks, or the band "
    "where nights are many: 95% intervals of each run alone. One step a run; the line is broken where the "
    "instrument changed (numbered) and after long gaps (grey). Before and after a change of the instrument, or on "
    "other items, it is not the same thing measured again: the watched streams compare only what can be compared."
)


def trend_figure(history: PanelHistory, name: str, rows: int) -> Figure | None:
    """The trend of one panel; None where no run has a number.

    Args:
        history: of the panel.
        name: anchor, ours.
        rows: most rows of the table of its numbers.
    """
    if not levels(history.runs):
        return None

    def draw(canvas: Canvas, palette: Palette) -> None:
        draw_trend(canvas.subplots(), history, palette)
        plot.legend_above(canvas, 5)

    drawing = Drawing(9.6, 3.7, draw)
    return Figure(name, trend_finding(history), _CAPTION, drawing, trend_table(history, rows))


def levels(runs: Sequence[HistoryRun]) -> list[Point]:
    """The runs with a cross-entropy."""
    return points((at, run.metrics.get(METRIC)) for at, run in enumerate(runs))


def trend_finding(history: PanelHistory) -> str:
    """The latest level against the base rate of the same items."""
    latest = metric(history.latest, METRIC)
    if latest.estimate is None:
        return "The latest run has no cross-entropy"
    base = history.latest.base_rate.get(METRIC)
    against = "" if base is None or base.estimate is None else f", the base rate {decimal(base.estimate, 3)}"
    runs = "the only run" if len(history.runs) == 1 else f"the latest of {count(len(history.runs))} runs"
    return f"{decimal(latest.estimate, 3)} bits in {runs}{against}"


def draw_trend(axes: Axes, history: PanelHistory, palette: Palette) -> None:
    """The level with its intervals, the base rate, verdicts, changes of the instrument and alarms."""
    found = levels(history.runs)
    base = points((at, run.base_rate.get(METRIC)) for at, run in enumerate(history.runs))
    interrupted = breaks(history.runs)
    draw_line(axes, found, interrupted, palette.panel, "panel")
    draw_intervals(axes, found, interrupted, palette.panel)
    draw_line(axes, base, interrupted, palette.base, "base rate", dashed=True)
    draw_verdicts(axes, history, found, palette)
    draw_changes(axes, history, palette)
    draw_alarms(axes, history.alarms, history, palette)
    draw_nights(axes, history.runs, palette)
    axes.set_ylabel("cross-entropy, bits")
    plot.grid_only(axes, "y")
