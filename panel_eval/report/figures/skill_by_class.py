"""What the panel gains on the base rate, by disagreement class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import Marked, draw_rows, drawable, rows_height
from panel_eval.report.findings import skill_finding
from panel_eval.report.numbers import estimate_of
from panel_eval.report.palette import Palette
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

METRIC: Final = "ce_crossfit_skill"


def skill_by_class(metrics: Metrics) -> Figure | None:
    """Cross-fitted skill by disagreement class with intervals, around 0; None where no class has a number."""
    names = classes_present(metrics)
    found = [estimate_of(metrics.panel.by_class.get(name, {}), METRIC) for name in names]
    if not any(drawable(number) for number in found):
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        axes.axvline(0, color=colours.muted, linewidth=1)
        draw_rows(axes, names, [Marked("", "panel", "o", found, 8)], colours, scale=100)
        axes.set_xlabel("skill, % of the base rate's cross-entropy taken off")
        axes.margins(x=0.08)

    rows = tuple(Row(name, (metric_cell(metrics.panel.by_class.get(name, {}), METRIC),)) for name in names)
    caption = (
        "0 is the base rate: one forecast for all items. Right of it the panel knows something of the items; left "
        "of it it does worse than knowing nothing. Lines: 95% intervals. Each vote is scored in the class that the "
        "item's other votes make, so classes can be compared."
    )
    table = Table("Cross-fitted skill by class", ("human class", "skill"), rows)
    height = rows_height(len(names), 0.42)
    return Figure("skill", skill_finding(metrics, METRIC), caption, Drawing(5.0, height, draw), table)
