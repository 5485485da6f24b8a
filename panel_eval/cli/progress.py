"""The progress of a run: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from panel_eval.cli.console import say

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from panel_eval.engine import Progress

PLAIN_LINE_EVERY_S = 10.0


class VoteProgress:
    """Shows votes done, outcomes, rate and time left on stderr while a run goes on."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._bar: Bar | None = None
        self._said_at = time.monotonic()
        self._said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Draw the state of the run; called by the engine after votes are stored."""
        if self._console.is_terminal:
            self._draw(progress)
        elif progress.done == progress.planned or time.monotonic() - self._said_at >= PLAIN_LINE_EVERY_S:
            self._say(f"votes {progress.done}/{progress.planned}  {_outcomes(progress)}", _pace(progress))

    def _say(self, state: str, pace: str) -> None:
        """A plain line, unless nothing has changed since the last one."""
        if state != self._said:
            self._said_at, self._said = time.monotonic(), state
            say(f"{state}  {pace}".rstrip())

    def _draw(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = _make_bar(self._console)
            self._bar.add_task("votes", total=progress.planned, outcomes="", pace="")
            self._bar.start()
        self._bar.update(
            self._bar.task_ids[0],
            completed=progress.done,
            total=progress.planned,
            outcomes=_outcomes(progress),
            pace=_pace(progress),
        )


def _make_bar(console: object) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    assert isinstance(console, Console)
    return Bar(
        TextColumn("votes"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TextColumn("[dim]{task.fields[outcomes]}"),
        console=console,
    )


def _outcomes(progress: Progress) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in progress.outcomes.items() if count)


def _pace(progress: Progress) -> str:
    if progress.rate_per_s is None:
        return ""
    if progress.eta_s is None:
        return f"{progress.rate_per_s:.1f}/s"
    minutes, seconds = divmod(round(progress.eta_s), 60)
    return f"{progress.rate_per_s:.1f}/s, {minutes}:{seconds:02d} left"
