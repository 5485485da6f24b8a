"""Unusable votes of each judge, and on the items of each disagreement class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report import plotting as plot
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import NAME_CHARS, ROWS_DRAWN, the_rest
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.findings import outcome_class_finding, outcome_finding
from panel_eval.report.palette import Palette
from panel_eval.report.tables import outcome_class_table, outcome_table
from panel_eval.schema import CLASS_NAMES, Metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Shares = dict[str, dict[str, float]]
"""Row to outcome to its share of the row's votes, `ok` left out."""

_LOOKS: Final = {
    "abstain": ("base", "\\\\\\\\"),
    "refusal": ("human", "////"),
    "truncated": ("hard", "xxxx"),
    "unparseable": ("panel", ""),
    "too_long": ("floor", "||||"),
    "error": ("bad", "----"),
    "over_budget": ("muted", "++++"),
}
"""Colour of the palette and pattern, so that none is told by colour alone."""


def outcomes(metrics: Metrics) -> Figure | None:
    """Share of each judge's votes that were unusable, by outcome; None where all votes are usable."""
    shares = unusable_shares(metrics.coverage.by_judge)
    if not any(shares.values()):
        return None
    order = sorted(shares, key=lambda judge: (-sum(shares[judge].values()), judge))[:ROWS_DRAWN]
    caption = (
        "A vote without a usable answer never becomes a label; it is counted here."
        f"{the_rest(len(shares), len(order), 'judges, with fewer of them,')}"
    )
    drawing = _drawing({judge: shares[judge] for judge in order}, "share of the judge's votes, %")
    return Figure("outcomes", outcome_finding(metrics), caption, drawing, outcome_table(metrics))


def outcomes_by_class(metrics: Metrics) -> Figure | None:
    """The same by the class of the item; None where all votes are usable or the items are of one class."""
    shares = unusable_shares(metrics.coverage.by_class)
    order = [name for name in CLASS_NAMES if name in shares]
    if len(order) < 2 or not any(shares.values()):
        return None
    caption = (
        "Votes that never came back usable, by the disagreement class of their items. Where they come mostly from "
        "split items, the panel looks better than it is: the hard items are missing from its scores."
    )
    drawing = _drawing({name: shares[name] for name in order}, "share of the votes on such items, %")
    title = outcome_class_finding(metrics)
    return Figure("outcomes-by-class", title, caption, drawing, outcome_class_table(metrics))


def unusable_shares(counted: Mapping[str, Mapping[str, int]]) -> Shares:
    """Shares of the outcomes other than `ok`, for each row with any votes."""
    return {
        name: {outcome: n / total for outcome, n in seen.items() if outcome != "ok" and n}
        for name, seen in counted.items()
        if (total := sum(seen.values())) > 0
    }


def _drawing(shares: Shares, unit: str) -> Drawing:
    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        _draw(axes, shares, colours)
        axes.set_xlabel(unit)
        plot.legend_above(canvas, 4)

    return Drawing(5.0, 1.4 + 0.26 * max(len(shares), 2), draw)


def _draw(axes: Axes, shares: Shares, colours: Palette) -> None:
    left = np.zeros(len(shares))
    for outcome, (colour, pattern) in _LOOKS.items():
        widths = 100 * np.array([found.get(outcome, 0.0) for found in shares.values()])
        if not widths.any():
            continue
        axes.barh(
            range(len(shares)), widths, left=left, height=0.62, color=getattr(colours, colour), hatch=pattern,
            edgecolor=colours.paper if pattern else "none", linewidth=0, label=outcome.replace("_", " "),
        )  # fmt: skip
        left += widths
    axes.set_yticks(range(len(shares)), short_names(list(shares), NAME_CHARS))
    axes.set_ylim(len(shares) - 0.4, -0.6)
    axes.set_xlim(0, max(float(left.max()), 1.0) * 1.05)
    plot.grid_only(axes, "x")
