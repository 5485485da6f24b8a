"""The history of one panel on one task: its runs in order, its streams, and where its instrument changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from panel_eval.schema.history import Alarm, HistoryReport, HistoryRun, Stream

ELSEWHERE = "panel of votes made elsewhere"


@dataclass(frozen=True)
class InstrumentChange:
    """A run that was made with another instrument than the run before it.

    Attributes:
        number: 1 for the first change of the panel.
        at: position of the run among the panel's runs.
        run: the run.
        what: what changed, as the stream that began there has it.
    """

    number: int
    at: int
    run: HistoryRun
    what: str


@dataclass(frozen=True)
class StreamAlarm:
    """An alarm with the stream that raised it."""

    stream: Stream
    alarm: Alarm

    @property
    def current(self) -> bool:
        """Whether the newest run belongs to the stream."""
        return self.stream.current


@dataclass(frozen=True)
class PanelHistory:
    """Everything about one panel on one task.

    Attributes:
        panel: its name; None for votes made elsewhere.
        task: what is judged.
        runs: oldest first, at least one.
        streams: in the report's order.
    """

    panel: str | None
    task: str
    runs: tuple[HistoryRun, ...]
    streams: tuple[Stream, ...]

    @property
    def title(self) -> str:
        """The panel and its task."""
        return f"{self.panel or ELSEWHERE} on {self.task}"

    @property
    def latest(self) -> HistoryRun:
        """The last run."""
        return self.runs[-1]

    @cached_property
    def positions(self) -> dict[str, int]:
        """Run id to its place among the runs."""
        return {run.run_id: at for at, run in enumerate(self.runs)}

    @cached_property
    def changes(self) -> tuple[InstrumentChange, ...]:
        """The runs at which the instrument changed, oldest first."""
        found: list[InstrumentChange] = []
        for at in range(1, len(self.runs)):
            if self.runs[at].instrument != self.runs[at - 1].instrument:
                found.append(InstrumentChange(len(found) + 1, at, self.runs[at], self._what(at)))
        return tuple(found)

    def _what(self, at: int) -> str:
        """Why a stream began at the run; an instrument that came back began its stream long before."""
        run = self.runs[at]
        same = [stream for stream in self.streams if stream.instrument == run.instrument and stream.nights]
        for stream in same:
            if stream.nights[0].run_id == run.run_id:
                return stream.began_because
        if any(earlier.instrument == run.instrument for earlier in self.runs[:at]):
            return f"back to instrument {run.instrument}"
        return same[0].began_because if same else f"another instrument, {run.instrument}"

    @cached_property
    def alarms(self) -> tuple[StreamAlarm, ...]:
        """All alarms, those of the present instrument first."""
        found = [StreamAlarm(stream, stream.alarm) for stream in self.streams if stream.alarm is not None]
        return tuple(sorted(found, key=lambda entry: not entry.current))


def panel_histories(report: HistoryReport) -> tuple[PanelHistory, ...]:
    """The report by panel and task: those in alarm now first, then by name."""
    runs: dict[tuple[str | None, str], list[HistoryRun]] = {}
    for run in report.runs:
        runs.setdefault((run.panel, run.task), []).append(run)
    panels = [
        PanelHistory(
            panel, task, tuple(found),
            tuple(stream for stream in report.streams if (stream.panel, stream.task) == (panel, task)),
        )
        for (panel, task), found in runs.items()
    ]  # fmt: skip
    return tuple(sorted(panels, key=_order))


def _order(history: PanelHistory) -> tuple[bool, str, str]:
    return not any(entry.current for entry in history.alarms), history.panel or "", history.task
