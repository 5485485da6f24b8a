"""What the panel would risk if it kept only its surest items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import risk_finding
from panel_eval.report.numbers import decimal, percent
from panel_eval.report.palette import Palette
from panel_eval.schema import Metrics
from panel_eval.schema.policy_metrics import RiskLevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Curves = dict[str, list[float]]
"""Who ranks the items to the risk among those kept, at the same coverages."""

CURVE_POINTS: Final = 200
PANEL, BEST, NO_ORDER = "panel's order", "best order", "no order"
_GROUPS: Final[dict[int | None, str]] = {None: "as many fresh reviewers", 3: "3 fresh reviewers"}
_LOOKS: Final = {
    PANEL: ("panel", "-", 2.0),
    _GROUPS[None]: ("human", plot.DASHED, 1.8),
    _GROUPS[3]: ("hard", (0, (6, 2, 1, 2)), 1.6),
    BEST: ("base", (0, (3, 1.5)), 1.6),
    NO_ORDER: ("muted", plot.DOTTED, 1.2),
}
_PEOPLE: Final = (
    " Fresh reviewers: the risk of the panel's labels if as many, or three, other people were asked about each "
    "item and the items kept on which they differ least, expected from the posterior."
)


def risk_coverage(metrics: Metrics) -> Figure | None:
    """Risk among the items kept, from the surest to all of them: the panel's order, people's and the best."""
    soft = metrics.deferral.soft
    if len(soft.coverage) < 2:
        return None
    curves, level = _curves(metrics), _level(metrics)

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        _draw_curves(axes, soft.coverage, curves, colours)
        if level is not None:
            _draw_level(axes, level, colours)
        plot.legend_above(canvas, 3)

    caption = (
        f"Items are ranked by {metrics.deferral.score}. Risk: {soft.loss}. The best order ranks items by their "
        "true loss: no panel can do better, and it does not reach 0 where reviewers differ."
        f"{_PEOPLE if metrics.deferral.human_risk else ''}{'' if level is None else _level_said(level)}"
    )
    return Figure("risk", risk_finding(metrics), caption, Drawing(5.0, 4.2, draw), _table(soft.coverage, curves))


def _curves(metrics: Metrics) -> Curves:
    soft = metrics.deferral.soft
    people = {
        _GROUPS[curve.reviewers]: curve.risk
        for curve in metrics.deferral.human_risk or []
        if curve.reviewers in _GROUPS and len(curve.risk) == len(soft.coverage)
    }
    return {PANEL: soft.selective_risk, **people, BEST: soft.oracle_risk}


def _level(metrics: Metrics) -> RiskLevel | None:
    """The promise of the panel's own policy, if it is of the same loss and lets the panel decide anything."""
    policy = metrics.policy
    if policy is None or policy.settings.loss != "disagreement" or policy.settings.score != "entropy":
        return None
    level = policy.at_target
    return level if level.threshold is not None and level.coverage.estimate is not None else None


def _draw_curves(axes: Axes, coverage: list[float], curves: Curves, colours: Palette) -> None:
    size = len(coverage)
    kept = np.unique(np.linspace(0, size - 1, min(size, CURVE_POINTS)).astype(int))
    highest = 0.02
    for who, risk in curves.items():
        colour, dashes, width = _LOOKS[who]
        drawn = np.asarray(risk)[kept]
        highest = max(highest, float(drawn.max()))
        axes.plot(
            np.asarray(coverage)[kept], drawn, color=getattr(colours, colour), linestyle=dashes, linewidth=width,
            label=who,
        )  # fmt: skip
    colour, dashes, width = _LOOKS[NO_ORDER]
    level = curves[PANEL][-1]
    axes.axhline(level, color=getattr(colours, colour), linewidth=width, linestyle=dashes, label=NO_ORDER)
    axes.set(xlim=(0, 1), xlabel="share of items the panel keeps", ylabel="risk among them")
    axes.set_ylim(0, highest * 1.08)


def _draw_level(axes: Axes, level: RiskLevel, colours: Palette) -> None:
    """The threshold of the policy: what it decides, what it risks there, and the bound."""
    at = float(level.coverage.estimate or 0.0)
    axes.axvline(at, color=colours.ink, linewidth=1)
    if level.test_risk.estimate is not None:
        axes.plot(at, level.test_risk.estimate, "o", color=colours.ink, markersize=7, label="policy, test items")
    if level.risk_bound is not None:
        axes.plot(
            at, level.risk_bound, "v", color=colours.ink, markerfacecolor="none", markersize=8, label="its bound"
        )


def _level_said(level: RiskLevel) -> str:
    bound = "" if level.risk_bound is None else f", bounded by {decimal(level.risk_bound, 3)} on calibration items"
    return f" Upright line: the policy's threshold, which decides {percent(level.coverage.estimate, 0)}{bound}."


def _table(coverage: list[float], curves: Curves) -> Table:
    rows = tuple(
        Row(percent(coverage[place], 0), tuple(Cell(decimal(risk[place], 3)) for risk in curves.values()))
        for place in _marks(coverage)
    )
    return Table("Risk among the items kept", ("items kept", *(f"risk, {who}" for who in curves)), rows)


def _marks(coverage: list[float]) -> list[int]:
    values = np.asarray(coverage)
    return list(dict.fromkeys(int(np.abs(values - mark).argmin()) for mark in np.arange(0.1, 1.01, 0.1)))
