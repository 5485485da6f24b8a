"""The panel's spread against the reviewers' spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table, estimate_cell, metric_cells
from panel_eval.report.figures.class_marks import CLASS_SHAPES
from panel_eval.report.figures.density import draw_density
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import entropy_finding
from panel_eval.report.numbers import NO_NUMBER, decimal, estimate_of
from panel_eval.report.palette import Palette
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics
from panel_eval.schema.mass_metrics import MassOfItems, PeopleAndPanel

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
    means = {} if metrics.mass is None else {n: of.entropy_bits for n, of in metrics.mass.by_class.items()}

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
    return Figure("entropy", entropy_finding(metrics), caption, Drawing(5.0, 5.0, draw), _table(metrics))


def _draw_means(axes: Axes, means: Mapping[str, PeopleAndPanel], colours: Palette) -> None:
    for name, mean in means.items():
        if mean.people.estimate is None or mean.panel.estimate is None:
            continue
        axes.plot(
            [mean.people.estimate], [mean.panel.estimate], CLASS_SHAPES[name], color=colours.human,
            markeredgecolor=colours.paper, markeredgewidth=1.2, markersize=10, label=name, zorder=5,
        )  # fmt: skip


def _few(metrics: Metrics) -> str:
    """What few reviewers do to their own spread."""
    missing = estimate_of(metrics.panel.overall, "kl_naive_bias_bits").estimate
    if missing is None or missing <= 0:
        return ""
    return f" Few reviewers show less spread than there is: about {decimal(missing)} bits too little here."


def _table(metrics: Metrics) -> Table:
    scopes = [("all", metrics.panel.overall, None if metrics.mass is None else metrics.mass.overall)]
    for name in classes_present(metrics):
        mass = None if metrics.mass is None else metrics.mass.by_class.get(name)
        scopes.append((name, metrics.panel.by_class.get(name, {}), mass))
    rows = tuple(Row(name, (*metric_cells(table, _METRICS), *_mean_cells(mass))) for name, table, mass in scopes)
    columns = (
        "human class", "entropy error, bits", "absolute, bits", "Pearson", "Spearman",
        "mean of the reviewers, bits", "of the panel, bits",
    )  # fmt: skip
    return Table("Spread of the panel against that of the reviewers", columns, rows)


def _mean_cells(mass: MassOfItems | None) -> tuple[Cell, Cell]:
    if mass is None:
        return Cell(NO_NUMBER), Cell(NO_NUMBER)
    return estimate_cell(mass.entropy_bits.people), estimate_cell(mass.entropy_bits.panel)
