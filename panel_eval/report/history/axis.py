"""The axis of nights: one step a run, so that runs of one hour stay apart; long gaps break the lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from panel_eval.report.history.tables import night_labels
from panel_eval.report.history.words import night
from panel_eval.report.palette import Palette
from panel_eval.schema.history import HistoryRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP_FACTOR = 4.0
_DAY_S = 86_400.0
MARKERS_UP_TO = 60
"""Runs up to which every run has its marker and its own interval; beyond, a band stands for the intervals."""


def breaks(runs: Sequence[HistoryRun]) -> frozenset[int]:
    """Positions before which a line is interrupted: after a long gap, or at another instrument."""
    return gaps(runs) | {at for at in range(1, len(runs)) if runs[at].instrument != runs[at - 1].instrument}


def gaps(runs: Sequence[HistoryRun]) -> frozenset[int]:
    """Positions of runs after more than four times the usual distance between nights, and more than two days."""
    distances = [_seconds(a, b) for a, b in pairwise(runs)]
    known = [distance for distance in distances if distance is not None]
    if not known:
        return frozenset()
    longest = max(GAP_FACTOR * median(known), 2 * _DAY_S)
    return frozenset(at for at, found in enumerate(distances, start=1) if found is not None and found > longest)


def _seconds(earlier: HistoryRun, later: HistoryRun) -> float | None:
    """Seconds between two runs; None where a time cannot be read."""
    try:
        return abs(_time(later.started_at) - _time(earlier.started_at))
    except (ValueError, OverflowError):
        return None


def _time(started_at: str) -> float:
    """Seconds since 1970, of a time without zone as of UTC."""
    text = started_at if started_at.endswith("Z") or "+" in started_at[10:] else f"{started_at}Z"
    return datetime.fromisoformat(text).timestamp()


def segments(at: Sequence[int], interrupted: frozenset[int]) -> list[list[int]]:
    """The positions in pieces that a line may join: parted where a position lies at or behind a break."""
    pieces: list[list[int]] = []
    for place, position in enumerate(at):
        if place == 0 or any(at[place - 1] < cut <= position for cut in interrupted):
            pieces.append([])
        pieces[-1].append(position)
    return pieces


def draw_nights(axes: Axes, runs: Sequence[HistoryRun], palette: Palette, ticks: int = 8) -> None:
    """Label some runs with their dates, and mark long gaps by dots on the axis."""
    labels = night_labels(runs)
    if len({night(run.started_at) for run in runs}) == 1:
        labels = [label.replace(" ", "\n") for label in labels]
    chosen = tick_positions(len(runs), ticks)
    axes.set_xticks(chosen, [labels[at].replace(" ", "\n") for at in chosen])
    axes.set_xlim(-0.5 - 0.01 * len(runs), len(runs) - 0.5 + 0.01 * len(runs))
    for at in gaps(runs):
        axes.axvline(at - 0.5, color=palette.line, linewidth=4, zorder=0)


def tick_positions(n_runs: int, ticks: int) -> list[int]:
    """At most `ticks` positions with equal steps between them, the last run among them."""
    step = max(1, -(-n_runs // ticks))
    return sorted(range(n_runs - 1, -1, -step))
