"""The report's figures: each with a title that states its finding, a description and a table of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.findings import (
    entropy_finding,
    kl_finding,
    outcome_finding,
    reliability_finding,
    risk_finding,
)
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.printable import cut_line
from panel_eval.report.tables import (
    REFERENCE_TITLES,
    Cell,
    Row,
    Table,
    classes_present,
    metric_cell,
    outcome_table,
)
from panel_eval.schema import Metrics, RiskCoverageCurve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CURVE_POINTS = 200
ENTROPY_CELLS = 24
JUDGES_DRAWN = 30
_REFERENCE_LOOK = (("uniform", plot.FLOOR, "v"), ("base_rate", plot.BASE, "s"), ("hard_label", plot.HARD, "D"))
_OUTCOME_LOOK = (
    ("abstain", plot.BASE, ""), ("refusal", plot.HUMAN, ""), ("truncated", plot.HARD, ""),
    ("unparseable", plot.PANEL, ""), ("too_long", plot.FLOOR, ""), ("error", plot.HUMAN, "////"),
    ("over_budget", plot.MUTED, "...."),
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    Attributes:
        name: anchor and id prefix, ours.
        title: the finding in words.
        caption: how to read it.
        svg: the drawing; text from data is escaped in it.
        table: the drawn numbers.
    """

    name: str
    title: str
    caption: str
    svg: str
    table: Table


def figures(metrics: Metrics, items: pd.DataFrame) -> list[Figure]:
    """All figures that these results have numbers for, in the page's order."""
    makers: list[Callable[[], Figure | None]] = [
        lambda: kl_by_class(metrics),
        lambda: reliability(metrics),
        lambda: risk_coverage(metrics),
        lambda: entropies(metrics, items),
        lambda: outcomes(metrics),
    ]
    return [figure for make in makers if (figure := make()) is not None]


def kl_by_class(metrics: Metrics) -> Figure | None:
    """Plug-in KL by disagreement class: panel and references, with the panel's intervals."""
    names = classes_present(metrics)
    scored = [("panel", metrics.panel), *metrics.references.items()]
    tables = {
        who: [scores.by_class.get(name, {}).get("kl_plugin_bits") for name in names] for who, scores in scored
    }
    if all(estimate is None or estimate.estimate is None for estimate in tables["panel"]):
        return None
    with plot.drawing("kl"):
        figure = plot.canvas(5.0, 1.5 + 0.55 * len(names))
        axes = figure.subplots()
        looks = [*_REFERENCE_LOOK, ("panel", plot.PANEL, "o")]
        for who, colour, marker in looks:
            for row, estimate in enumerate(tables.get(who, [])):
                if estimate is None or estimate.estimate is None:
                    continue
                if estimate.low is not None and estimate.high is not None and who == "panel":
                    axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=3, alpha=0.45)
                axes.plot(estimate.estimate, row, marker, color=colour, markersize=8 if who == "panel" else 6)
        for who, colour, marker in looks[::-1]:
            if who in tables:
                axes.plot([], [], marker, color=colour, label=REFERENCE_TITLES.get(who, who))
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("KL divergence, bits (nearer 0 is closer)")
        plot.grid_only(axes, "x")
        figure.legend(loc="outside upper left", ncols=4, handletextpad=0.2, columnspacing=1.2, borderaxespad=0.1)
        svg = plot.svg_of(figure, "kl")
    rows = tuple(
        Row(name, tuple(metric_cell(scores.by_class.get(name, {}), "kl_plugin_bits") for _, scores in scored))
        for name in names
    )
    columns = ("human class", *(REFERENCE_TITLES.get(who, who) for who, _ in scored))
    caption = (
        "Compare within a row, not between rows: a class is made from the same votes the distance is measured on, "
        "which inflates it most where reviewers agree and are few."
    )
    return Figure("kl", kl_finding(metrics), caption, svg, Table("KL divergence by class, bits", columns, rows))


def reliability(metrics: Metrics) -> Figure | None:
    """Share of reviewers who chose the panel's top label, against the mass the panel put on it."""
    bins = [bin_ for bin_ in metrics.calibration.reliability if bin_.n > 0]
    if not bins:
        return None
    with plot.drawing("reliability"):
        figure = plot.canvas(5.0, 4.4)
        axes, below = figure.subplots(2, 1, height_ratios=[4, 1], sharex=True)
        axes.plot([0, 1], [0, 1], color=plot.MUTED, linewidth=1, linestyle=(0, (4, 3)))
        confidence = [bin_.confidence for bin_ in bins]
        hard = [bin_.hard_accuracy for bin_ in bins]
        soft = [bin_.soft_accuracy for bin_ in bins]
        axes.plot(
            confidence, hard, "D", color=plot.BASE, markerfacecolor="none", clip_on=False, label="majority agrees"
        )
        axes.plot(confidence, soft, "o-", color=plot.PANEL, clip_on=False, label="share of reviewers who agree")
        axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="agreement with the top label")
        figure.legend(loc="outside upper left", ncols=2, columnspacing=1.4, borderaxespad=0.1)
        widths = [max(bin_.high - bin_.low, 0.004) for bin_ in bins]
        sizes = [bin_.n for bin_ in bins]
        below.bar([b.low for b in bins], sizes, widths, align="edge", color=plot.PANEL, alpha=0.4, linewidth=0)
        below.set(ylabel="items", xlabel="mass the panel put on its top label", ylim=(0, max(sizes) * 1.15))
        below.locator_params(axis="y", nbins=3, integer=True)
        plot.grid_only(below, "y")
        svg = plot.svg_of(figure, "reliability")
    rows = tuple(
        Row(
            f"{decimal(bin_.low)} to {decimal(bin_.high)}",
            (
                Cell(count(bin_.n)),
                *(Cell(decimal(x, 3)) for x in (bin_.confidence, bin_.soft_accuracy, bin_.hard_accuracy)),
            ),
        )
        for bin_ in bins
    )
    columns = ("mass on the top label", "items", "mean mass", "share of reviewers", "majority agrees")
    caption = (
        f"On the dashed line the panel is as sure as the reviewers are many. "
        f"{sentence(metrics.calibration.binning)} Reviewers who honestly differ keep the solid line from reaching 1: it is the one to look at."
    )
    table = Table("Reliability of the panel's top label", columns, rows)
    return Figure("reliability", reliability_finding(metrics), caption, svg, table)


def risk_coverage(metrics: Metrics) -> Figure | None:
    """Risk among the items the panel keeps, from the surest to all of them, beside the best possible order."""
    curve = metrics.deferral.soft
    if len(curve.coverage) < 2:
        return None
    with plot.drawing("risk"):
        figure = plot.canvas(5.0, 3.9)
        axes = figure.subplots()
        _draw_curve(axes, curve)
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.4, borderaxespad=0.1)
        svg = plot.svg_of(figure, "risk")
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
    return Figure("risk", risk_finding(metrics), caption, svg, table)


def _draw_curve(axes: Axes, curve: RiskCoverageCurve) -> None:
    size = len(curve.coverage)
    kept = np.unique(np.linspace(0, size - 1, min(size, CURVE_POINTS)).astype(int))
    coverage = np.asarray(curve.coverage)[kept]
    risk, oracle = np.asarray(curve.selective_risk)[kept], np.asarray(curve.oracle_risk)[kept]
    axes.plot(coverage, risk, color=plot.PANEL, label="panel's order")
    axes.plot(coverage, oracle, color=plot.HUMAN, linestyle=(0, (5, 2)), label="best order")
    axes.axhline(curve.selective_risk[-1], color=plot.MUTED, linewidth=1, linestyle=(0, (1, 2)), label="no order")
    axes.set(xlim=(0, 1), xlabel="share of items the panel keeps", ylabel="risk among them")
    axes.set_ylim(0, max(0.02, float(max(risk.max(), oracle.max()))) * 1.08)


def _marks(coverage: list[float]) -> list[int]:
    values = np.asarray(coverage)
    return list(dict.fromkeys(int(np.abs(values - mark).argmin()) for mark in np.arange(0.1, 1.01, 0.1)))


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
    with plot.drawing("entropy"):
        figure = plot.canvas(5.0, 4.6)
        axes = figure.subplots()
        axes.plot([0, top], [0, top], color=plot.MUTED, linewidth=1, linestyle=(0, (4, 3)))
        area = 110 * seen[x, y] / seen.max()
        axes.scatter(middle[x], middle[y], s=np.maximum(area, 3), color=plot.PANEL, alpha=0.65, linewidths=0)
        axes.set(xlim=(-0.05, top + 0.05), ylim=(-0.05, top + 0.05))
        axes.set(xlabel="spread of the reviewers, bits", ylabel="spread of the panel, bits")
        axes.set_aspect("equal")
        svg = plot.svg_of(figure, "entropy")
    caption = (
        "Spread is entropy: 0 where all choose one label. On the dashed line the panel is as undecided as the "
        f"reviewers. The area of a circle counts items; the largest holds {count(int(seen.max()))}."
    )
    return Figure("entropy", entropy_finding(metrics), caption, svg, _entropy_table(metrics))


def _entropy_table(metrics: Metrics) -> Table:
    names = ("entropy_error_bits", "entropy_error_abs_bits", "entropy_pearson", "entropy_spearman")
    scopes = [("all", metrics.panel.overall)]
    scopes += [(name, metrics.panel.by_class.get(name, {})) for name in classes_present(metrics)]
    rows = tuple(Row(scope, tuple(metric_cell(table, name) for name in names)) for scope, table in scopes)
    columns = ("human class", "entropy error, bits", "absolute, bits", "Pearson", "Spearman")
    return Table("Spread of the panel against that of the reviewers", columns, rows)


def outcomes(metrics: Metrics) -> Figure | None:
    """Share of each judge's votes that were unusable, by outcome; None where all votes are usable."""
    shares = {
        judge: {name: n / total for name, n in seen.items() if name != "ok" and n}
        for judge, seen in metrics.coverage.by_judge.items()
        if (total := sum(seen.values())) > 0
    }
    if not any(shares.values()):
        return None
    order = sorted(shares, key=lambda judge: (-sum(shares[judge].values()), judge))[:JUDGES_DRAWN]
    with plot.drawing("outcomes"):
        figure = plot.canvas(5.0, 1.4 + 0.26 * len(order))
        axes = figure.subplots()
        _draw_outcomes(axes, order, shares)
        figure.legend(loc="outside upper left", ncols=4, columnspacing=1.2, borderaxespad=0.1)
        svg = plot.svg_of(figure, "outcomes")
    left_out = len(shares) - len(order)
    rest = f" The {left_out} judges with fewer are in the table only." if left_out else ""
    caption = f"A vote without a usable answer never becomes a label; it is counted here.{rest}"
    return Figure("outcomes", outcome_finding(metrics), caption, svg, outcome_table(metrics))


def _draw_outcomes(axes: Axes, order: list[str], shares: dict[str, dict[str, float]]) -> None:
    left = np.zeros(len(order))
    for name, colour, hatch in _OUTCOME_LOOK:
        widths = np.array([shares[judge].get(name, 0.0) for judge in order])
        if not widths.any():
            continue
        bars = axes.barh(
            range(len(order)), 100 * widths, left=100 * left, height=0.62, color=colour, linewidth=0,
            label=name.replace("_", " "),
        )  # fmt: skip
        if hatch:
            for bar in bars:
                bar.set(hatch=hatch, alpha=0.6, edgecolor=plot.INK)
        left += widths
    axes.set_yticks(range(len(order)), [cut_line(judge, 24) for judge in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlim(0, 100 * max(float(left.max()), 0.01) * 1.05)
    axes.set_xlabel("share of the judge's votes, %")
    plot.grid_only(axes, "x")
