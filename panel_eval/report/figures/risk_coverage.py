"""What the panel would risk if it kept only its surest items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import risk_finding
from panel_eval.report.numbers import decimal
from panel_eval.report.palette import Palette
from panel_eval.schema import Metrics, RiskCoverageCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

CURVE_POINTS: Final = 200


def risk_coverage(metrics: Metrics) -> Figure | None:
    """Risk among the items the panel keeps, from the surest to all of them, beside the best possible order."""
    curve = metrics.deferral.soft
    if len(curve.coverage) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw_curve(canvas.subplots(), curve, colours)
        plot.legend_above(canvas, 3)

    rows = tuple(
        Row(
            f"{decimal(100 * curve.coverage[i], 0)}%",
            (Cell(decimal(curve.selective_risk[i], 3)), Cell(decimal(curve.oracle_risk[i], 3))),
        )
        for i in _marks(curve.coverage)
    )
    columns = ("items kept", "risk, panel's order", "risk, best order")
    caption = (
        f"Items are ranked by {metrics.deferral.score}. Risk: {curve.loss}. The lower curve ranks items by their "
        "true loss: no panel can do better, and it does not reach 0 where reviewers differ."
    )
    table = Table("Risk among the items kept", columns, rows)
    return Figure("risk", risk_finding(metrics), caption, Drawing(5.0, 3.9, draw), table)


def _draw_curve(axes: Axes, curve: RiskCoverageCurve, colours: Palette) -> None:
    size = len(curve.coverage)
    kept = np.unique(np.linspace(0, size - 1, min(size, CURVE_POINTS)).astype(int))
    coverage = np.asarray(curve.coverage)[kept]
    risk, oracle = np.asarray(curve.selective_risk)[kept], np.asarray(curve.oracle_risk)[kept]
    axes.plot(coverage, risk, color=colours.panel, label="panel's order")
    axes.plot(coverage, oracle, color=colours.human, linestyle=plot.DASHED, label="best order")
    axes.axhline(
        curve.selective_risk[-1], color=colours.muted, linewidth=1, linestyle=plot.DOTTED, label="no order"
    )
    axes.set(xlim=(0, 1), xlabel="share of items the panel keeps", ylabel="risk among them")
    axes.set_ylim(0, max(0.02, float(max(risk.max(), oracle.max()))) * 1.08)


def _marks(coverage: list[float]) -> list[int]:
    values = np.asarray(coverage)
    return list(dict.fromkeys(int(np.abs(values - mark).argmin()) for mark in np.arange(0.1, 1.01, 0.1)))
