"""What a history says in a sentence: changed and since when, quiet, or too few nights to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panel_eval.report.history.panels import PanelHistory, StreamAlarm, panel_histories
from panel_eval.report.numbers import NO_NUMBER, count, decimal, range_text, sentence
from panel_eval.schema import Estimate
from panel_eval.schema.history import HistoryReport, Stream, StreamKind

Standing = Literal["worse", "better", "mixed", "quiet", "untold"]
KIND_TEXTS: dict[StreamKind, str] = {"canary": "the same items asked again", "fresh": "items not asked before"}


@dataclass(frozen=True)
class Said:
    """A standing and its sentence.

    Attributes:
        standing: `worse` or `better` after alarms, `mixed` after alarms of both kinds, `quiet` where nights were
            compared without any, `untold` where there were none to compare.
        text: one or two sentences, from data in part.
    """

    standing: Standing
    text: str


def night(started_at: str) -> str:
    """The date of a run; what is no date stays as it is."""
    return started_at[:10]


def signed(value: float | None, digits: int = 3) -> str:
    """A change in bits with its sign."""
    text = decimal(value, digits)
    return f"+{text}" if value is not None and value > 0 and text != NO_NUMBER else text


def change_text(change: Estimate) -> str:
    """A change in bits with its interval."""
    if change.estimate is None:
        return "by an amount that cannot be computed"
    within = range_text(change)
    return f"{signed(change.estimate)} bits" + (f" (95% {within})" if within else " (no interval)")


def panel_said(history: PanelHistory) -> Said:
    """How one panel stands with its present instrument."""
    alarms = [entry for entry in history.alarms if entry.current]
    if alarms:
        directions = {entry.alarm.direction for entry in alarms}
        standing: Standing = alarms[0].alarm.direction if len(directions) == 1 else "mixed"
        return Said(standing, " ".join(alarm_sentence(history, entry) for entry in alarms))
    compared = [stream for stream in history.current_streams if _nights_compared(stream) >= 2]
    if not compared:
        return Said("untold", _untold(history))
    return Said("quiet", f"{history.title}: no change shown. " + " ".join(_quiet(stream) for stream in compared))


def alarm_sentence(history: PanelHistory, entry: StreamAlarm) -> str:
    """Who changed, since when, by how much, and when that became significant."""
    alarm = entry.alarm
    since = "" if alarm.since_run_id is None else _since(history, alarm.since_run_id)
    return (
        f"{history.title} has become {alarm.direction}{since}: cross-entropy {change_text(alarm.change)} on "
        f"{KIND_TEXTS[entry.stream.kind]}; significant on {night(alarm.started_at)}."
    )


def _since(history: PanelHistory, run_id: str) -> str:
    at = history.positions.get(run_id)
    return "" if at is None else f", most likely since {night(history.runs[at].started_at)}"


def _nights_compared(stream: Stream) -> int:
    """Nights with anything to compare: the first, and those that have a change since."""
    return sum(night.change.estimate is not None for night in stream.nights) + 1


def _quiet(stream: Stream) -> str:
    """What is shown of the change so far, and with that what is not."""
    last = next(found for found in reversed(stream.nights) if found.change.estimate is not None)
    return sentence(
        f"{KIND_TEXTS[stream.kind]}, {count(len(stream.nights))} nights: cross-entropy "
        f"{change_text(last.change)} since {night(stream.nights[0].started_at)}"
    )


def _untold(history: PanelHistory) -> str:
    runs = len(history.runs)
    if runs == 1:
        return f"{history.title}: one run, nothing to compare it with yet."
    if history.changes:
        last = history.changes[-1]
        nights = runs - last.at
        return (
            f"{history.title}: too few nights to tell since the instrument changed on "
            f"{night(last.run.started_at)} ({count(nights)} run{'' if nights == 1 else 's'})."
        )
    return f"{history.title}: too few nights to tell."


def report_said(report: HistoryReport) -> Said:
    """How all panels stand: those in alarm are named, the others counted."""
    panels = panel_histories(report)
    if not panels:
        return Said("untold", "No run to show.")
    said = [panel_said(history) for history in panels]
    if len(said) == 1:
        return said[0]
    alarmed = [one for one in said if one.standing in ("worse", "better", "mixed")]
    return Said(_standing(said), " ".join([*(one.text for one in alarmed), _counted(said)]))


def _standing(said: Sequence[Said]) -> Standing:
    found = {one.standing for one in said}
    if "worse" in found or "mixed" in found:
        return "mixed" if found & {"better", "mixed"} else "worse"
    if "better" in found:
        return "better"
    return "quiet" if found == {"quiet"} else "untold"


def _counted(said: Sequence[Said]) -> str:
    quiet = sum(one.standing == "quiet" for one in said)
    untold = sum(one.standing == "untold" for one in said)
    if quiet == len(said):
        return f"No change shown in any of {count(quiet)} panels."
    parts = [f"no change shown in {count(quiet)}"] if quiet else []
    parts += [f"too few nights to tell in {count(untold)}"] if untold else []
    return sentence(f"Of {count(len(said))} panels: {', '.join(parts)}") if parts else ""
