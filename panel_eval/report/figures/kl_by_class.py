"""Distance to the reviewers by disagreement class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import Marked, draw_rows, drawable
from panel_eval.report.findings import kl_finding
from panel_eval.report.numbers import estimate_of
from panel_eval.report.palette import Palette
from panel_eval.report.references import reference_title
from panel_eval.report.tables import classes_present
from panel_eval.schema import Estimate, Metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

METRIC = "kl_bits"
_LOOKS = {
    "uniform": ("floor", "v", 6),
    "base_rate": ("base", "s", 6),
    "hard_label": ("hard", "D", 6),
    "human_panel": ("human", "^", 7),
    "panel": ("panel", "o", 8),
}
"""Colour of the palette, marker and its size."""


def kl_by_class(metrics: Metrics) -> Figure | None:
    """KL by disagreement class: panel, floors and ceiling, with the panel's intervals."""
    names = classes_present(metrics)
    scored = {
        who: scores for who, scores in {"panel": metrics.panel, **metrics.references}.items() if who in _LOOKS
    }
    found = {
        who: [estimate_of(scores.by_class.get(name, {}), METRIC) for name in names]
        for who, scores in scored.items()
    }
    if not any(drawable(number) for number in found["panel"]):
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw(canvas.subplots(), names, found, colours)
        plot.legend_above(canvas, 3, marks=True)

    rows = tuple(
        Row(name, tuple(metric_cell(scores.by_class.get(name, {}), METRIC) for scores in scored.values()))
        for name in names
    )
    columns = ("human class", *(reference_title(who) for who in scored))
    caption = (
        "Bits lost by using a forecast in place of the reviewers' distribution. By class it is model-based, so "
        "that the votes that make a class do not judge it too: classes can be compared. The hard label has seen "
        "the very votes; below 0 means closer than these votes can tell from perfect. Plug-in KL, as others report "
        "it, stands under every metric."
    )
    table = Table("KL divergence by class, bits", columns, rows)
    return Figure("kl", kl_finding(metrics), caption, Drawing(5.0, 1.7 + 0.55 * len(names), draw), table)


def _draw(axes: Axes, names: tuple[str, ...], found: dict[str, list[Estimate]], colours: Palette) -> None:
    kinds = [
        Marked(reference_title(who), colour, shape, found[who], size, held=who == "panel")
        for who, (colour, shape, size) in _LOOKS.items()
        if who in found
    ]
    draw_rows(axes, names, kinds, colours)
    drawn = [
        value
        for numbers in found.values()
        for number in numbers
        if drawable(number)
        for value in (number.estimate, number.low)
        if value is not None
    ]
    lowest = min(drawn)
    axes.set_xlim(left=0 if lowest >= 0 else 1.15 * lowest)
    if lowest < 0:
        axes.axvline(0, color=colours.muted, linewidth=1)
    axes.set_xlabel("KL divergence, bits (nearer 0 is closer)")
