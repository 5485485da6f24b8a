"""Marks of the trend: the gate's verdict at each run, changes of the instrument, alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panel_eval.report.history.axis import MARKERS_UP_TO
from panel_eval.report.history.lines import Point
from panel_eval.report.history.panels import PanelHistory, StreamAlarm
from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERED_CHANGES = 24


@dataclass(frozen=True)
class Mark:
    """How a verdict is drawn: told apart by shape, and by colour besides."""

    label: str
    shape: str
    size: float
    colour: str
    filled: bool = True


def verdict_marks(palette: Palette) -> dict[str | None, Mark]:
    """The mark of each verdict; of None, for runs that met no gate."""
    return {
        None: Mark("no gate", "o", 4.5, palette.panel, filled=False),
        "PASS": Mark("gate passed", "o", 5, palette.panel),
        "FAIL": Mark("failed", "X", 9, palette.bad),
        "INCONCLUSIVE": Mark("inconclusive", "^", 7.5, palette.human),
        "NOT COMPARABLE": Mark("not comparable", "D", 6, palette.hard, filled=False),
        "INCOMPLETE": Mark("incomplete", "s", 6.5, palette.muted, filled=False),
    }


def draw_verdicts(axes: Axes, history: PanelHistory, found: Sequence[Point], palette: Palette) -> None:
    """A mark at each run; where nights are many, only at those that did not simply pass or had no gate."""
    thinned = len(found) > MARKERS_UP_TO
    for verdict, mark in verdict_marks(palette).items():
        marked = [point for point in found if history.runs[point.at].gate == verdict]
        if not marked or (thinned and verdict in (None, "PASS")):
            continue
        axes.plot(
            [point.at for point in marked], [point.value for point in marked], mark.shape, color=mark.colour,
            label=mark.label, markersize=mark.size, markerfacecolor=mark.colour if mark.filled else palette.paper,
            markeredgecolor=palette.paper if mark.filled else mark.colour,
            markeredgewidth=0.8 if mark.filled else 1.4, linestyle="none", zorder=4,
        )  # fmt: skip


def draw_changes(axes: Axes, history: PanelHistory, palette: Palette, numbered: bool = True) -> None:
    """A dotted line before each run that another instrument made, with its number above the axes if asked for."""
    label = "instrument changed"
    for change in history.changes:
        axes.axvline(
            change.at - 0.5, color=palette.ink, linewidth=1, linestyle=(0, (1, 1.6)), label=label, zorder=1
        )
        label = "_nolegend_"
        if numbered and len(history.changes) <= NUMBERED_CHANGES:
            axes.annotate(
                str(change.number), (change.at - 0.5, 1.0), xycoords=("data", "axes fraction"), ha="center",
                va="bottom", xytext=(0, 2), textcoords="offset points", fontsize=9, color=palette.ink,
            )  # fmt: skip


def draw_alarms(axes: Axes, alarms: Sequence[StreamAlarm], history: PanelHistory, palette: Palette) -> None:
    """A line at the night at which an alarm became significant, and a shade from where the change likely began."""
    seen: set[str] = set()
    for entry in alarms:
        at = history.positions.get(entry.alarm.run_id)
        if at is None:
            continue
        direction = entry.alarm.direction
        colour = palette.bad if direction == "worse" else palette.good
        label = "_nolegend_" if direction in seen else f"alarm: {direction}"
        if entry.current and (since := history.positions.get(entry.alarm.since_run_id or "")) is not None:
            shade = "_nolegend_" if direction in seen else f"likely {direction} since"
            axes.axvspan(since - 0.5, len(history.runs) - 0.5, color=colour, alpha=0.08, linewidth=0, label=shade)
        seen.add(direction)
        faded = 1.0 if entry.current else 0.45
        axes.axvline(at, color=colour, linewidth=1.6, alpha=faded, label=label, zorder=2)
        shape = "v" if direction == "worse" else "*"
        axes.plot(
            [at], [1.0], shape, transform=axes.get_xaxis_transform(), color=colour, markersize=9,
            clip_on=False, alpha=faded, zorder=5,
        )  # fmt: skip
