"""What a history says in words: changed and since when, quiet, or too few nights to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panel_eval.report.history.panels import PanelHistory, StreamAlarm, panel_histories
from panel_eval.report.numbers import NO_NUMBER, count, decimal, range_text, sentence
from panel_eval.schema import Estimate
from panel_eval.schema.history import Alarm, HistoryReport, Stream, StreamKind, StreamNight
from panel_eval.wording import counted

Standing = Literal["worse", "better", "mixed", "quiet", "untold"]
FEWEST_NIGHTS = 3  # with fewer the report's advice, too, says that nothing can be told
KIND_TEXTS: dict[StreamKind, str] = {"canary": "items asked again", "fresh": "new items"}


@dataclass(frozen=True)
class Said:
    """How a panel stands, in words.

    Attributes:
        standing: `worse` or `better` after alarms, `mixed` after alarms of both kinds, `quiet` where nights were
            compared without any, `untold` where there were none to compare.
        headline: one sentence, from data in part.
        detail: the numbers behind it; empty where there are none.
    """

    standing: Standing
    headline: str
    detail: str = ""


def night(started_at: str) -> str:
    """The date of a run; what is no date stays as it is."""
    return started_at[:10]


def compared(stream: Stream) -> list[StreamNight]:
    """The nights of a stream that have a change since its first."""
    return [found for found in stream.nights if found.change.estimate is not None]


def change_text(change: Estimate) -> str:
    """A change in bits with its sign and interval."""
    if change.estimate is None:
        return "by an amount that cannot be computed"
    text = decimal(change.estimate, 3)
    within = range_text(change)
    shown = f"+{text}" if change.estimate > 0 and text != NO_NUMBER else text
    return f"{shown} bits" + (f" (95% {within})" if within else " (no interval)")


def panel_said(history: PanelHistory) -> Said:
    """How one panel stands with its present instrument."""
    alarms = [entry for entry in history.alarms if entry.current]
    if alarms:
        return _alarmed(history, alarms)
    streams = [stream for stream in history.streams if stream.current and compared(stream)]
    detail = _so_far(streams)
    nights = max((len(stream.nights) for stream in streams), default=0)
    if nights < FEWEST_NIGHTS:
        return Said("untold", f"{history.title}: {_untold(history)}", detail)
    return Said("quiet", f"{history.title}: no change shown in {count(nights)} nights.", detail)


def _so_far(streams: Sequence[Stream]) -> str:
    """What is shown of the change so far, and with that what is not."""
    if not streams:
        return ""
    parts = [f"{change_text(compared(stream)[-1].change)} on {KIND_TEXTS[stream.kind]}" for stream in streams]
    since = night(min(stream.nights[0].started_at for stream in streams))
    return f"Cross-entropy since {since}: {'; '.join(parts)}."


def _alarmed(history: PanelHistory, alarms: Sequence[StreamAlarm]) -> Said:
    """The first alarm makes the headline; what each says itself is detail."""
    directions = {entry.alarm.direction for entry in alarms}
    detail = " ".join(entry.alarm.text for entry in alarms)
    if len(directions) > 1:
        return Said("mixed", f"{history.title} has become better in one respect and worse in another.", detail)
    first = alarms[0].alarm
    size = f" by {decimal(abs(first.change.estimate or 0.0), 3)} bits" if _shown(first) else ""
    nights = {found.run_id: found.started_at for found in alarms[0].stream.nights}
    began = nights.get(first.since_run_id or "")
    since = "" if began is None else f", most likely since {night(began)}"
    headline = f"{history.title} has become {first.direction}{size}{since}."
    return Said(first.direction, headline, detail)


def _shown(alarm: Alarm) -> bool:
    """Whether the change shows its direction: later nights may have made up for it, or the ranks alone changed."""
    low, high = alarm.change.low, alarm.change.high
    if low is None or high is None:
        return False
    return low > 0 if alarm.direction == "worse" else high < 0


def _untold(history: PanelHistory) -> str:
    if len(history.runs) == 1:
        return "one run, nothing to compare it with yet."
    if not history.changes:
        return "too few nights to tell."
    last = history.changes[-1]
    runs = len(history.runs) - last.at
    return (
        f"too few nights to tell since the instrument changed on {night(last.run.started_at)} "
        f"({counted(runs, 'run')})."
    )


def report_said(report: HistoryReport) -> Said:
    """How all panels stand: those in alarm are named, the others counted."""
    said = [panel_said(history) for history in panel_histories(report)]
    if not said:
        return Said("untold", "No run to show.")
    if len(said) == 1:
        return said[0]
    alarmed = [one.headline for one in said if one.standing in ("worse", "better", "mixed")]
    return Said(_standing(said), " ".join([*alarmed, _counted(said)]))


def advice_beyond_alarms(report: HistoryReport) -> str:
    """The report's advice without the alarms' own words, where those are shown anyway."""
    advice = report.advice
    for entry in (entry for history in panel_histories(report) for entry in history.alarms):
        if entry.alarm.text:
            advice = advice.replace(entry.alarm.text, "")
    return advice.strip()


def _standing(said: Sequence[Said]) -> Standing:
    found = {one.standing for one in said}
    if "mixed" in found or {"worse", "better"} <= found:
        return "mixed"
    if alarmed := found & {"worse", "better"}:
        return alarmed.pop()
    return "quiet" if found == {"quiet"} else "untold"


def _counted(said: Sequence[Said]) -> str:
    quiet = sum(one.standing == "quiet" for one in said)
    untold = sum(one.standing == "untold" for one in said)
    if quiet == len(said):
        return f"No change shown in any of {count(quiet)} panels."
    parts = [f"no change shown in {count(quiet)}"] if quiet else []
    parts += [f"too few nights to tell in {count(untold)}"] if untold else []
    return sentence(f"Of {count(len(said))} panels: {', '.join(parts)}") if parts else ""
