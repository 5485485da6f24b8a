"""How far a run has come, told to whoever draws the progress bar."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_WINDOW_S = 30.0  # the rate is that of the last half minute, so that it follows a provider that slows down


@dataclass(frozen=True)
class Progress:
    """A run at one moment.

    Attributes:
        planned: votes the plan holds.
        done: votes stored, those found when the run was resumed included.
        outcomes: stored votes by outcome.
        rate_per_s: votes stored per second lately; None before it is known.
        eta_s: seconds left at that rate; None while the rate is unknown.
        in_flight: questions being put at the moment, waiting for a retry included.
    """

    planned: int
    done: int
    outcomes: Mapping[str, int]
    rate_per_s: float | None
    eta_s: float | None
    in_flight: int


OnProgress = Callable[[Progress], None]


class ProgressMeter:
    """Counts votes and tells a callback, at most every `interval_s` seconds and once at the end.

    The callback runs on the engine's loop thread; it must be quick.

    Args:
        planned: votes the plan holds.
        outcomes: votes already stored, by outcome.
        on_progress: told of every step; None for nobody.
        interval_s: shortest time between two calls.
        clock: seconds from any origin, never going back.
    """

    def __init__(
        self,
        planned: int,
        outcomes: Mapping[str, int],
        on_progress: OnProgress | None,
        *,
        interval_s: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.planned = planned
        self.outcomes: Counter[str] = Counter(outcomes)
        self.done = self.outcomes.total()
        self.in_flight = 0
        self._on_progress = on_progress
        self._interval_s = interval_s
        self._clock = clock
        self._told_at = clock()
        self._history: deque[tuple[float, int]] = deque([(self._told_at, self.done)])

    def stored(self, outcome: str, replaces: str | None = None) -> None:
        """Count one stored vote; `replaces` names the outcome of the vote it stands for instead, if any."""
        self.outcomes[outcome] += 1
        if replaces is None:
            self.done += 1
        else:
            self.outcomes[replaces] -= 1
        if self._clock() - self._told_at >= self._interval_s:
            self.tell()

    def tell(self) -> None:
        """Call the callback now."""
        self._told_at = self._clock()
        self._history.append((self._told_at, self.done))
        while len(self._history) > 2 and self._told_at - self._history[0][0] > _WINDOW_S:
            self._history.popleft()
        if self._on_progress is not None:
            self._on_progress(self.snapshot())

    def snapshot(self) -> Progress:
        """The run as it stands now."""
        began, done_then = self._history[0]
        elapsed, new = self._told_at - began, self.done - done_then
        rate = new / elapsed if elapsed > 0.0 and new > 0 else None
        return Progress(
            planned=self.planned,
            done=self.done,
            outcomes={name: count for name, count in self.outcomes.items() if count},
            rate_per_s=rate,
            eta_s=None if rate is None else (self.planned - self.done) / rate,
            in_flight=self.in_flight,
        )
