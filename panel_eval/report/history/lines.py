"""Numbers by night as lines with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panel_eval.report.history.axis import MARKERS_UP_TO, segments
from panel_eval.schema import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHED = (0, (5, 2))


@dataclass(frozen=True)
class Point:
    """A number at a run's position, with both ends of its interval or none."""

    at: int
    value: float
    interval: tuple[float, float] | None


def points(estimates: Iterable[tuple[int, Estimate | None]]) -> list[Point]:
    """What can be drawn of the estimates: nulls are left out, and so are ends that are not finite."""
    found: list[Point] = []
    for at, estimate in estimates:
        if estimate is None or estimate.estimate is None or not math.isfinite(estimate.estimate):
            continue
        low, high = estimate.low, estimate.high
        held = low is not None and high is not None and math.isfinite(low) and math.isfinite(high)
        found.append(Point(at, estimate.estimate, (float(low or 0.0), float(high or 0.0)) if held else None))
    return found


def draw_line(
    axes: Axes, found: Sequence[Point], interrupted: frozenset[int], colour: str, label: str, dashed: bool = False
) -> None:
    """A line through the numbers, in pieces; a piece of one run is a short dash."""
    values = {point.at: point.value for point in found}
    dash = min(0.3, 0.04 + 0.01 * len(found))
    for piece in segments(list(values), interrupted):
        at = [float(x) for x in piece] if len(piece) > 1 else [piece[0] - dash, piece[0] + dash]
        level = [values[x] for x in piece] * (1 if len(piece) > 1 else 2)
        axes.plot(at, level, color=colour, linestyle=DASHED if dashed else "-", linewidth=1.5, label=label)
        label = "_nolegend_"


def draw_intervals(
    axes: Axes, found: Sequence[Point], interrupted: frozenset[int], colour: str, banded: bool = False
) -> None:
    """An interval for each run; where runs are many, or if asked for, a band over those that a line joins."""
    held = {point.at: point.interval for point in found if point.interval is not None}
    pieces = segments(list(held), interrupted)
    joined = [piece for piece in pieces if len(piece) > 1] if banded or len(found) > MARKERS_UP_TO else []
    for piece in joined:
        low, high = zip(*(held[at] for at in piece), strict=True)
        axes.fill_between(piece, low, high, color=colour, alpha=0.18, linewidth=0)
    alone = [at for piece in pieces if piece not in joined for at in piece]
    axes.vlines(alone, [held[at][0] for at in alone], [held[at][1] for at in alone], color=colour, alpha=0.4,
                linewidth=2.5)  # fmt: skip
