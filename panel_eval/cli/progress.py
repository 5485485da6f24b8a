"""The progress of a run: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from panel_eval.cli.console import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.progress import Progress as Bar

    from panel_eval.engine import Progress

PLAIN_LINE_EVERY_S = 10.0
SAME_LINE_EVERY_S = 60.0
"""While nothing is stored: a line that says what the run waits for."""


class VoteProgress:
    """Shows how far a run is, what it costs and what it waits for, on stderr.

    Args:
        clock: seconds from any origin, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._screen: _Screen | None = None
        self._clock = clock
        self._said_at = clock()
        self._said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._screen is not None:
            self._screen.close()

    def show(self, progress: Progress) -> None:
        """Draw the state of the run; called by the engine after votes are stored."""
        if self._console.is_terminal:
            if self._screen is None:
                self._screen = _Screen(self._console, progress.planned)
            self._screen.draw(progress)
        elif progress.done == progress.planned or self._clock() - self._said_at >= PLAIN_LINE_EVERY_S:
            self._say(f"votes {progress.done}/{progress.planned}  {outcomes(progress)}", progress)

    def _say(self, state: str, progress: Progress) -> None:
        """A plain line; while nothing changes, one a minute."""
        now = self._clock()
        waiting = progress.done < progress.planned and now - self._said_at >= SAME_LINE_EVERY_S
        if state != self._said or waiting:
            self._said_at, self._said = now, state
            parts = [state, pace(progress), spending(progress), *traffic(progress)]
            say("  ".join(part for part in parts if part))


class _Screen:
    """A bar with lines under it, drawn over and over."""

    def __init__(self, console: Console, planned: int) -> None:
        self._bar = _make_bar(console)
        self._task = self._bar.add_task("votes", total=planned, pace="")
        self._live = _make_live(console)
        self._live.start()

    def draw(self, progress: Progress) -> None:
        from rich.console import Group
        from rich.text import Text

        self._bar.update(self._task, completed=progress.done, total=progress.planned, pace=pace(progress))
        lines = [outcomes(progress), "  ".join(filter(None, [spending(progress), *traffic(progress)]))]
        details = [Text(f"  {line}", style="dim", no_wrap=True, overflow="ellipsis") for line in lines if line]
        self._live.update(Group(self._bar, *details), refresh=True)

    def close(self) -> None:
        self._live.stop()


def _make_live(console: Console) -> Live:
    from rich.live import Live

    return Live(console=console, auto_refresh=False)


def _make_bar(console: Console) -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("votes"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        console=console,
    )


def outcomes(progress: Progress) -> str:
    """Stored votes by outcome."""
    return ", ".join(f"{count} {outcome}" for outcome, count in progress.outcomes.items() if count)


def pace(progress: Progress) -> str:
    """Votes a second and the time left; empty while nothing is known."""
    if progress.rate_per_s is None:
        return ""
    if progress.eta_s is None:
        return f"{progress.rate_per_s:.1f}/s"
    return f"{progress.rate_per_s:.1f}/s, {_clock(progress.eta_s)} left"


def spending(progress: Progress) -> str:
    """Money against the budget, and tokens against theirs; empty if nothing has a price and there is no budget."""
    spend, budget = progress.load.spend, progress.load.budget
    usd = spend.usd + spend.uncertain_usd
    parts = []
    if usd or (budget is not None and budget.usd is not None):
        limit = "" if budget is None or budget.usd is None else f" of ${budget.usd:g}"
        unsure = f" (${spend.uncertain_usd:.2f} of it uncertain)" if spend.uncertain_usd >= 0.005 else ""
        parts.append(f"${usd:.2f}{limit}{unsure}")
    if budget is not None and budget.tokens is not None:
        parts.append(f"{spend.tokens + spend.uncertain_tokens:,} of {budget.tokens:,} tokens")
    return ", ".join(parts)


def traffic(progress: Progress) -> list[str]:
    """Requests under way, and what the run waits for."""
    load = progress.load
    parts = [f"{load.in_flight} of {load.limit} calls under way"] if load.limit else []
    closed = [pace.closed_for_s for pace in load.paces.values() if pace.closed_for_s > 0.0]
    if closed:
        parts.append(f"rate limited, {max(closed):.0f} s to wait")
    if load.waited_s >= 1.0:
        parts.append(f"waited {_clock(load.waited_s)} in all")
    parts += [f"{judge} fails, tried again in {seconds:.0f} s" for judge, seconds in load.paused_s.items()]
    parts += [f"{judge} given up" for judge in load.stopped]
    return parts


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
