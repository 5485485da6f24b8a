"""What each promised risk lets the panel decide, and what it risked on items that the promise was not made on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import drawable
from panel_eval.report.findings import policy_finding
from panel_eval.report.numbers import NO_NUMBER, decimal, percent
from panel_eval.report.palette import Palette
from panel_eval.schema import Estimate
from panel_eval.schema.policy_metrics import PolicyReport, RiskLevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def policy_levels(policy: PolicyReport, name: str) -> Figure | None:
    """Share decided and risk there on the test items, one mark a promise; None where no promise can be kept.

    Args:
        policy: what was found out.
        name: anchor of the figure, as a page may hold two.
    """
    levels = [level for level in policy.levels if _kept(level)]
    if not levels:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        for level in levels:
            _draw(axes, level, level.risk == policy.at_target.risk, colours)
        for label, colour, shape, inside in (
            ("test items, 95% intervals", colours.panel, "o", colours.panel),
            ("bound, calibration items", colours.hard, "v", "none"),
            ("promised", colours.human, "_", colours.human),
        ):
            axes.plot([], [], shape, color=colour, markerfacecolor=inside, label=label, markeredgewidth=1.6)
        axes.set(xlim=(0, 1.02), xlabel="share of the items it decides", ylabel="risk among them")
        axes.set_ylim(bottom=0)
        plot.legend_above(canvas, 2, marks=True)

    caption = (
        f"One mark for each promise; the larger is the policy's own. {policy.rule[:1].upper()}{policy.rule[1:]}. "
        f"A promise holds in {percent(1 - policy.at_target.delta, 0)} of calibrations: the bound lies below the "
        "dash, the risk on other items may lie above it by chance. Where nothing can be decided, there is no mark."
    )
    return Figure(name, policy_finding(policy), caption, Drawing(5.0, 3.6, draw), _table(policy))


def _kept(level: RiskLevel) -> bool:
    return level.threshold is not None and drawable(level.coverage) and drawable(level.test_risk)


def _draw(axes: Axes, level: RiskLevel, target: bool, colours: Palette) -> None:
    x, y = float(level.coverage.estimate or 0.0), float(level.test_risk.estimate or 0.0)
    if (ends := _ends(level.coverage)) is not None:
        axes.plot(ends, [y, y], color=colours.panel, linewidth=1.4)
    if (ends := _ends(level.test_risk)) is not None:
        axes.plot([x, x], ends, color=colours.panel, linewidth=1.4)
    axes.plot(x, y, "o", color=colours.panel, markersize=9 if target else 6)
    axes.plot(x, level.risk, "_", color=colours.human, markersize=18, markeredgewidth=2)
    if level.risk_bound is not None:
        axes.plot(x, level.risk_bound, "v", color=colours.hard, markerfacecolor="none", markersize=8)


def _ends(number: Estimate) -> tuple[float, float] | None:
    return None if number.low is None or number.high is None else (number.low, number.high)


def _table(policy: PolicyReport) -> Table:
    rows = tuple(
        Row(
            percent(level.risk, 0),
            (
                estimate_cell(level.coverage, 1, True) if _kept(level) else Cell("nothing"),
                estimate_cell(level.test_risk, 1, True) if _kept(level) else Cell(NO_NUMBER),
                Cell(decimal(level.risk_bound, 3)),
            ),
            emphasis=level.risk == policy.at_target.risk,
        )
        for level in policy.levels
    )
    columns = ("risk promised", "decided, test items", "risk there", "bound, calibration items")
    return Table("What a promise lets it decide", columns, rows)
