"""The panel's spread against the reviewers' spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table, metric_cells
from panel_eval.report.figures.class_marks import CLASS_SHAPES, Means, class_means
from panel_eval.report.figures.density import draw_density
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import entropy_finding
from panel_eval.report.numbers import decimal, estimate_of
from panel_eval.report.palette import Palette
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_CELLS: Final = 22
_COLUMNS: Final = ("human_entropy_bits", "panel_entropy_bits")
_METRICS: Final = ("entropy_error_bits", "entropy_error_abs_bits", "entropy_pearson", "entropy_spearman")


def entropies(metrics: Metrics, items: pd.DataFrame) -> Figure | None:
    """The panel's spread against the reviewers' spread: hexagons of items, and the mean of each class."""
    human, panel = (items[column].to_numpy(float) for column in _COLUMNS)
    both = np.isfinite(human) & np.isfinite(panel)
    if not both.any():
        return None
    top = float(np.log2(max(2, len(metrics.labels))))
    means = class_means(items, _COLUMNS)

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        axes.plot([0, top], [0, top], color=colours.muted, linewidth=1, linestyle=plot.AT_REST)
        draw_density(axes, human[both], panel[both], top, _CELLS, colours)
        _draw_means(axes, means, colours)
        axes.set(xlim=(-0.04 * top, 1.04 * top), ylim=(-0.04 * top, 1.04 * top))
        axes.set(xlabel="spread of the reviewers, bits", ylabel="spread of the panel, bits")
        axes.set_aspect("equal")
        if means:
            plot.legend_above(canvas, 4, marks=True)

    caption = (
        "Spread is entropy: 0 where all choose one label. On the dashed line the panel is as undecided as the "
        "reviewers, above it more. Hexagons hold items, the fuller the more; marks are the means of the "
        f"disagreement classes.{_few(metrics)}"
    )
    return Figure("entropy", entropy_finding(metrics), caption, Drawing(5.0, 5.0, draw), _table(metrics, means))


def _draw_means(axes: Axes, means: Means, colours: Palette) -> None:
    for name, (x, y) in means.items():
        axes.plot(
            [x], [y], CLASS_SHAPES[name], color=colours.human, markeredgecolor=colours.paper, markeredgewidth=1.2,
            markersize=10, label=name, zorder=5,
        )  # fmt: skip


def _few(metrics: Metrics) -> str:
    """What few reviewers do to their own spread."""
    missing = estimate_of(metrics.panel.overall, "kl_naive_bias_bits").estimate
    if missing is None or missing <= 0:
        return ""
    return f" Few reviewers show less spread than there is: about {decimal(missing)} bits too little here."


def _table(metrics: Metrics, means: Means) -> Table:
    scopes = [("all", metrics.panel.overall)]
    scopes += [(name, metrics.panel.by_class.get(name, {})) for name in classes_present(metrics)]
    rows = tuple(
        Row(scope, (*metric_cells(table, _METRICS), *_mean_cells(means.get(scope)))) for scope, table in scopes
    )
    columns = (
        "human class", "entropy error, bits", "absolute, bits", "Pearson", "Spearman",
        "mean of the reviewers, bits", "of the panel, bits",
    )  # fmt: skip
    return Table("Spread of the panel against that of the reviewers", columns, rows)


def _mean_cells(mean: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None) -> tuple[Cell, Cell]:
    if mean is None:
        return Cell(""), Cell("")
    return Cell(decimal(float(mean[0]), 3)), Cell(decimal(float(mean[1]), 3))
