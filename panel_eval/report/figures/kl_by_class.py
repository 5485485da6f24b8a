"""Distance to the reviewers by disagreement class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
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
    if all(estimate.estimate is None for estimate in found["panel"]):
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
    for who, (named, marker, size) in _LOOKS.items():
        colour = getattr(colours, named)
        for row, estimate in enumerate(found.get(who, [])):
            if estimate.estimate is None:
                continue
            if who == "panel" and estimate.low is not None and estimate.high is not None:
                axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=3, alpha=0.45)
            axes.plot(estimate.estimate, row, marker, color=colour, markersize=size)
    for who in found:
        named, marker, _ = _LOOKS[who]
        axes.plot([], [], marker, color=getattr(colours, named), label=reference_title(who))
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    drawn = [value for row in found.values() for e in row for value in (e.estimate, e.low) if value is not None]
    lowest = min(drawn)
    axes.set_xlim(left=0 if lowest >= 0 else 1.15 * lowest)
    if lowest < 0:
        axes.axvline(0, color=colours.muted, linewidth=1)
    axes.set_xlabel("KL divergence, bits (nearer 0 is closer)")
    plot.grid_only(axes, "x")
