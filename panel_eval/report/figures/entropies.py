"""The panel's spread against the reviewers' spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, metric_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import entropy_finding
from panel_eval.report.numbers import count, decimal, estimate_of
from panel_eval.report.palette import Palette
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

ENTROPY_CELLS: Final = 24


def entropies(metrics: Metrics, items: pd.DataFrame) -> Figure | None:
    """The panel's spread against the reviewers' spread, one circle per cell of a grid, area by items."""
    human, panel = items["human_entropy_bits"].to_numpy(float), items["panel_entropy_bits"].to_numpy(float)
    both = np.isfinite(human) & np.isfinite(panel)
    if not both.any():
        return None
    top = float(np.log2(max(2, len(metrics.labels))))
    edges = np.linspace(0, top * (1 + 1e-9), ENTROPY_CELLS + 1)
    seen, _, _ = np.histogram2d(human[both], panel[both], bins=[edges, edges])
    x, y = np.nonzero(seen)
    middle = (edges[:-1] + edges[1:]) / 2

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        axes.plot([0, top], [0, top], color=colours.muted, linewidth=1, linestyle=plot.AT_REST)
        area = 110 * seen[x, y] / seen.max()
        axes.scatter(middle[x], middle[y], s=np.maximum(area, 3), color=colours.panel, alpha=0.65, linewidths=0)
        axes.set(xlim=(-0.05, top + 0.05), ylim=(-0.05, top + 0.05))
        axes.set(xlabel="spread of the reviewers, bits", ylabel="spread of the panel, bits")
        axes.set_aspect("equal")

    caption = (
        "Spread is entropy: 0 where all choose one label. On the dashed line the panel is as undecided as the "
        f"reviewers. The area of a circle counts items; the largest holds {count(int(seen.max()))}.{_few(metrics)}"
    )
    return Figure("entropy", entropy_finding(metrics), caption, Drawing(5.0, 4.6, draw), _entropy_table(metrics))


def _few(metrics: Metrics) -> str:
    """What few reviewers do to their own spread."""
    missing = estimate_of(metrics.panel.overall, "kl_naive_bias_bits").estimate
    if missing is None or missing <= 0:
        return ""
    return f" Few reviewers show less spread than there is: about {decimal(missing)} bits too little here."


def _entropy_table(metrics: Metrics) -> Table:
    names = ("entropy_error_bits", "entropy_error_abs_bits", "entropy_pearson", "entropy_spearman")
    scopes = [("all", metrics.panel.overall)]
    scopes += [(name, metrics.panel.by_class.get(name, {})) for name in classes_present(metrics)]
    rows = tuple(Row(scope, tuple(metric_cell(table, name) for name in names)) for scope, table in scopes)
    columns = ("human class", "entropy error, bits", "absolute, bits", "Pearson", "Spearman")
    return Table("Spread of the panel against that of the reviewers", columns, rows)
