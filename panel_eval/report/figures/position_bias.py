"""Whether judges choose labels for their place in the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import ROWS_DRAWN, Marked, draw_rows, drawable, rows_height, the_rest
from panel_eval.report.findings import position_finding
from panel_eval.report.palette import Palette
from panel_eval.schema.uncertainty_metrics import PositionBias, Uncertainty

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_SEVERAL: Final = " Of several judges some line may miss 0 by luck: the title asks for more."


def position_bias(uncertainty: Uncertainty) -> Figure | None:
    """How much more often each judge chooses the label listed first, and last, than if place did not matter."""
    found = {
        name: bias
        for name, bias in uncertainty.position_bias.items()
        if drawable(bias.first) or drawable(bias.last)
    }
    if not found:
        return None
    names = sorted(found, key=lambda name: (-_largest(found[name]), name))[:ROWS_DRAWN]
    kinds = [
        Marked("listed first", "panel", "o", [found[name].first for name in names]),
        Marked("listed last", "hard", "s", [found[name].last for name in names], 6),
    ]

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        axes.axvline(0, color=colours.muted, linewidth=1)
        draw_rows(axes, names, kinds, colours, scale=100)
        axes.set_xlabel("chosen more often for its place, % of votes")
        plot.legend_above(canvas, 2, marks=True)

    caption = (
        "Right of 0 a label gains by standing first (disc) or last (square) in the list that the judge is shown, "
        "left of 0 it loses. Lines: 95% intervals; where one holds 0, no liking is shown."
        f"{_SEVERAL if len(found) > 1 else ''}"
        f"{the_rest(len(found), len(names), 'judges')}"
    )
    drawing = Drawing(5.0, rows_height(len(names), 0.36), draw)
    return Figure("position", position_finding(found), caption, drawing, position_table(found))


def _largest(bias: PositionBias) -> float:
    return max(abs(bias.first.estimate or 0.0), abs(bias.last.estimate or 0.0))


def position_table(found: Mapping[str, PositionBias]) -> Table:
    """How much more often the first and the last label are chosen than their place warrants, by judge."""
    rows = tuple(
        Row(name, (estimate_cell(bias.first, as_percent=True), estimate_cell(bias.last, as_percent=True)))
        for name, bias in found.items()
    )
    return Table("Liking for a place in the list of labels", ("judge", "first", "last"), rows)
