"""Unusable votes of each judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.findings import outcome_finding
from panel_eval.report.palette import Palette
from panel_eval.report.printable import cut_line
from panel_eval.report.tables import outcome_table
from panel_eval.schema import Metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

JUDGES_DRAWN: Final = 30
_OUTCOME_LOOK = (
    ("abstain", "base", ""), ("refusal", "human", ""), ("truncated", "hard", ""),
    ("unparseable", "panel", ""), ("too_long", "floor", ""), ("error", "human", "////"),
    ("over_budget", "muted", "...."),
)  # fmt: skip


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

    def draw(canvas: Canvas, colours: Palette) -> None:
        _draw_outcomes(canvas.subplots(), order, shares, colours)
        plot.legend_above(canvas, 4)

    left_out = len(shares) - len(order)
    rest = f" The {left_out} judges with fewer are in the table only." if left_out else ""
    caption = f"A vote without a usable answer never becomes a label; it is counted here.{rest}"
    drawing = Drawing(5.0, 1.4 + 0.26 * len(order), draw)
    return Figure("outcomes", outcome_finding(metrics), caption, drawing, outcome_table(metrics))


def _draw_outcomes(axes: Axes, order: list[str], shares: dict[str, dict[str, float]], colours: Palette) -> None:
    left = np.zeros(len(order))
    for name, named, hatch in _OUTCOME_LOOK:
        widths = np.array([shares[judge].get(name, 0.0) for judge in order])
        if not widths.any():
            continue
        bars = axes.barh(
            range(len(order)), 100 * widths, left=100 * left, height=0.62, linewidth=0,
            color=getattr(colours, named), label=name.replace("_", " "),
        )  # fmt: skip
        if hatch:
            for bar in bars:
                bar.set(hatch=hatch, alpha=0.6, edgecolor=colours.ink)
        left += widths
    axes.set_yticks(range(len(order)), [cut_line(judge, 24) for judge in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlim(0, 100 * max(float(left.max()), 0.01) * 1.05)
    axes.set_xlabel("share of the judge's votes, %")
    plot.grid_only(axes, "x")
