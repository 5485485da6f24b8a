"""Distance to the reviewers by disagreement class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import kl_finding
from panel_eval.report.numbers import estimate_of
from panel_eval.report.tables import REFERENCE_TITLES, Row, Table, classes_present, metric_cell
from panel_eval.schema import Estimate, Metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METRIC = "kl_plugin_bits"
_LOOKS = {
    "uniform": (plot.FLOOR, "v", 6),
    "base_rate": (plot.BASE, "s", 6),
    "hard_label": (plot.HARD, "D", 6),
    "panel": (plot.PANEL, "o", 8),
}


def kl_by_class(metrics: Metrics) -> Figure | None:
    """Plug-in KL by disagreement class: panel and references, with the panel's intervals."""
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
    with plot.drawing("kl"):
        figure = plot.canvas(5.0, 1.5 + 0.55 * len(names))
        _draw(figure.subplots(), names, found)
        figure.legend(loc="outside upper left", ncols=4, handletextpad=0.2, columnspacing=1.2, borderaxespad=0.1)
        svg = plot.svg_of(figure, "kl")
    rows = tuple(
        Row(name, tuple(metric_cell(scores.by_class.get(name, {}), METRIC) for scores in scored.values()))
        for name in names
    )
    columns = ("human class", *(REFERENCE_TITLES.get(who, who) for who in scored))
    caption = (
        "Compare within a row, not between rows: a class is made from the same votes the distance is measured on, "
        "which inflates it most where reviewers agree and are few."
    )
    return Figure("kl", kl_finding(metrics), caption, svg, Table("KL divergence by class, bits", columns, rows))


def _draw(axes: Axes, names: tuple[str, ...], found: dict[str, list[Estimate]]) -> None:
    for who, (colour, marker, size) in _LOOKS.items():
        for row, estimate in enumerate(found.get(who, [])):
            if estimate.estimate is None:
                continue
            if who == "panel" and estimate.low is not None and estimate.high is not None:
                axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=3, alpha=0.45)
            axes.plot(estimate.estimate, row, marker, color=colour, markersize=size)
    for who in found:
        colour, marker, _ = _LOOKS[who]
        axes.plot([], [], marker, color=colour, label=REFERENCE_TITLES.get(who, who))
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("KL divergence, bits (nearer 0 is closer)")
    plot.grid_only(axes, "x")
