"""Cross-fitted cross-entropy of each disagreement class by night, as small figures of one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.history.axis import breaks, draw_nights
from panel_eval.report.history.lines import Point, draw_intervals, draw_line, points
from panel_eval.report.history.marks import draw_changes
from panel_eval.report.history.panels import PanelHistory
from panel_eval.report.history.tables import latest_rows, night_labels
from panel_eval.report.numbers import decimal
from panel_eval.report.palette import Palette
from panel_eval.schema import CLASS_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

METRIC = "ce_crossfit_bits"
COLUMNS = 2


def by_class_figure(history: PanelHistory, name: str, rows: int) -> Figure | None:
    """One small figure for each class that has numbers; None where none has.

    Args:
        history: of the panel.
        name: anchor, ours.
        rows: most rows of the table of its numbers.
    """
    found = {name: levels for name in CLASS_NAMES if (levels := _levels(history, name))}
    if not found:
        return None
    lines = -(-len(found) // COLUMNS)

    def draw(canvas: Canvas, palette: Palette) -> None:
        grid = canvas.subplots(lines, COLUMNS, sharex=True, squeeze=False)
        for axes, (title, levels) in zip(grid.flat, found.items(), strict=False):
            _draw(axes, history, title, levels, palette)
        for axes in list(grid.flat)[len(found) :]:
            axes.set_axis_off()
        _same_scale(list(grid.flat)[: len(found)])

    caption = (
        "Each vote is scored in the class that the item's other votes make. Split items cost any panel more, so "
        "levels differ; all scales span as many bits, so that moves can be compared. Whether a class has changed "
        "between two runs is what panel-eval compare tests."
    )
    drawing = Drawing(9.6, 0.3 + 1.9 * lines, draw)
    return Figure(name, class_finding(found), caption, drawing, _table(history, list(found), rows))


def class_finding(found: Mapping[str, Sequence[Point]]) -> str:
    """Which class moved most between its last two runs, and whether that is within the latest interval."""
    moved = [
        (levels[-1].value - levels[-2].value, name, levels) for name, levels in found.items() if len(levels) > 1
    ]
    if not moved:
        return "By disagreement class"
    move, name, levels = max(moved, key=lambda entry: abs(entry[0]))
    held = levels[-1].interval
    within = held is not None and held[0] <= levels[-2].value <= held[1]
    sign = "+" if move > 0 else ""
    size = f"{sign}{decimal(move, 3)} bits{', within its interval' if within else ''}"
    return f"By disagreement class: in the latest run, {name} moved most ({size})"


def _levels(history: PanelHistory, name: str) -> list[Point]:
    return points((at, run.by_class.get(name, {}).get(METRIC)) for at, run in enumerate(history.runs))


def _draw(axes: Axes, history: PanelHistory, title: str, levels: list[Point], palette: Palette) -> None:
    interrupted = breaks(history.runs)
    draw_line(axes, levels, interrupted, palette.panel, title)
    draw_intervals(axes, levels, interrupted, palette.panel)
    draw_changes(axes, history, palette, numbered=False)
    draw_nights(axes, history.runs, palette, ticks=4)
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylabel("bits")
    axes.margins(y=0.1)
    plot.grid_only(axes, "y")


def _same_scale(drawn: list[Axes]) -> None:
    """Widen all scales to the longest."""
    limits = [axes.get_ylim() for axes in drawn]
    longest = max(high - low for low, high in limits)
    for axes, (low, high) in zip(drawn, limits, strict=True):
        middle = (low + high) / 2
        axes.set_ylim(middle - longest / 2, middle + longest / 2)


def _table(history: PanelHistory, names: list[str], last: int) -> Table:
    rows = tuple(
        Row(label, tuple(metric_cell(run.by_class.get(name, {}), METRIC) for name in names))
        for label, run in zip(night_labels(history.runs), history.runs, strict=True)
    )
    return latest_rows(Table("Cross-fitted cross-entropy by class, bits", ("night", *names), rows), last)
