"""How far a run has come and what it costs, told to whoever draws the progress bar."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from panel_eval.engine.governor import Pace
from panel_eval.schema import Budget, Spend

_WINDOW_S = 30.0  # the rate is that of the last half minute, so that it follows a provider that slows down


@dataclass(frozen=True)
class Load:
    """What a run is doing at one moment.

    Attributes:
        under_way: votes being asked for, those that wait for a retry, a slot or the provider included.
        paces: the accounts, by name.
        spend: what the run has cost, all its sessions together.
        reserved_usd: the most that requests under way may cost.
        budget: what it may spend; None = no limit.
        paused_s: judge id to the seconds for which it is still left alone, of judges with an outage.
        stopped: ids of judges that were given up.
        waited_s: seconds that votes have waited for the provider, added up.
    """

    under_way: int = 0
    paces: Mapping[str, Pace] = field(default_factory=dict)
    spend: Spend = field(default_factory=Spend)
    reserved_usd: float = 0.0
    budget: Budget | None = None
    paused_s: Mapping[str, float] = field(default_factory=dict)
    stopped: tuple[str, ...] = ()
    waited_s: float = 0.0

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return sum(pace.in_flight for pace in self.paces.values())

    @property
    def limit(self) -> int:
        """Requests that may be under way."""
        return sum(pace.limit for pace in self.paces.values())


@dataclass(frozen=True)
class Progress:
    """A run at one moment.

    Attributes:
        planned: votes the plan holds.
        done: votes stored for good, those found when the run was resumed included.
        outcomes: stored votes by outcome, those that will be asked for again included.
        rate_per_s: votes stored per second lately; None before it is known.
        eta_s: seconds left at that rate; None while the rate is unknown.
        load: what the run is doing.
    """

    planned: int
    done: int
    outcomes: Mapping[str, int]
    rate_per_s: float | None
    eta_s: float | None
    load: Load


OnProgress = Callable[[Progress], None]
Tally = Callable[[], tuple[int, Mapping[str, int]]]
"""Votes that are stored and not asked for again, and all stored votes by outcome."""


class ProgressMeter:
    """Tells a callback how far a run is: when votes are stored, at most every `interval_s` seconds, and when asked.

    Rates count from the first time it was told. The callback runs on the engine's loop thread; it must be quick.

    Args:
        planned: votes the plan holds.
        tally: counts what is stored; called only when the callback is.
        on_progress: told of every step; None for nobody.
        load: what the run is doing; called only when the callback is.
        interval_s: shortest time between two calls.
        clock: seconds from any origin, never going back.
    """

    def __init__(
        self,
        planned: int,
        tally: Tally,
        on_progress: OnProgress | None,
        *,
        load: Callable[[], Load] = Load,
        interval_s: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._planned = planned
        self._tally = tally
        self._on_progress = on_progress
        self._load = load
        self._interval_s = interval_s
        self._clock = clock
        self._told_at = clock()
        self._history: deque[tuple[float, int]] = deque()

    def stored(self) -> None:
        """A vote was stored."""
        if self._on_progress is not None and self._clock() - self._told_at >= self._interval_s:
            self.tell()

    def tell(self) -> None:
        """Call the callback now."""
        if self._on_progress is None:
            return
        self._told_at = self._clock()
        done, outcomes = self._tally()
        self._history.append((self._told_at, done))
        while len(self._history) > 2 and self._told_at - self._history[0][0] > _WINDOW_S:
            self._history.popleft()
        self._on_progress(self._progress(done, outcomes))

    def _progress(self, done: int, outcomes: Mapping[str, int]) -> Progress:
        began, done_then = self._history[0]
        elapsed, new = self._told_at - began, done - done_then
        rate = new / elapsed if elapsed > 0.0 and new > 0 else None
        return Progress(
            planned=self._planned,
            done=done,
            outcomes=outcomes,
            rate_per_s=rate,
            eta_s=None if rate is None else (self._planned - done) / rate,
            load=self._load(),
        )
