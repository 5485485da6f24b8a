"""The same votes, pooled as they are and fitted to human labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import Marked, draw_rows, drawable, rows_height
from panel_eval.report.findings import fitting_finding
from panel_eval.report.numbers import estimate_of
from panel_eval.report.palette import Palette
from panel_eval.schema import MetricTable
from panel_eval.schema.fitting_metrics import Fitting

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

METRIC: Final = "ce_bits"


def fitted(fitting: Fitting) -> Figure | None:
    """Cross-entropy of the panel as it is, fitted, and of the base rate, out of fold."""
    forecasts = _forecasts(fitting)
    names = [name for name, table, _ in forecasts if drawable(estimate_of(table, METRIC))]
    if len(names) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        for name, table, (colour, shape, hollow) in forecasts:
            own = [estimate_of(table, METRIC) if row == name else None for row in names]
            draw_rows(axes, names, [Marked("", colour, shape, own, 8, hollow)], colours)
        axes.set_xlabel("cross-entropy, bits a vote (lower is better)")
        axes.margins(x=0.08)

    rows = tuple(
        Row(name, (metric_cell(table, METRIC), metric_cell(table, "n_eq")), emphasis=look == ("panel", "o", False))
        for name, table, look in forecasts
    )
    caption = (
        "The votes are the same in all rows but the base rate; only how they are joined differs. Each number is of "
        "items that the fit behind it did not see. Lines: 95% intervals, wide as the items differ from each other; "
        "the title is of the difference, item by item."
    )
    table = Table("The panel, fitted, out of fold", ("forecast", "CE bits", "n_eq"), rows)
    drawing = Drawing(5.0, rows_height(len(names), 0.38), draw)
    return Figure("fitted", fitting_finding(fitting), caption, drawing, table)


def _forecasts(fitting: Fitting) -> list[tuple[str, MetricTable, tuple[str, str, bool]]]:
    """Name, scores, and colour, shape and whether it is hollow."""
    targets = {"soft": "fitted to all votes", "hard": "fitted to the majority"}
    return [
        ("base rate", fitting.base_rate, ("base", "s", False)),
        ("the panel as it is", fitting.raw_panel, ("panel", "o", True)),
        *((targets[target], table, ("panel", "o", False)) for target, table in fitting.fitted.items()),
    ]
