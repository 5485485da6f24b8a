"""The votes one judge still owes, and when to stop asking it."""

from __future__ import annotations

from collections.abc import Iterable

from panel_eval.engine.plan import VoteTask
from panel_eval.engine.sending import Sender
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import TransportError

FAILURES_IN_A_ROW = 10


class JudgeQueue:
    """One judge's open votes in plan order.

    The judge is stopped by an error that every later request would meet too (key, model name, payment), and after
    `failures_allowed` votes in a row that failed in spite of all retries.

    Args:
        judge: whom to ask.
        sender: sends its requests.
        tasks: the votes to ask for.
        failures_allowed: failed votes in a row that stop the judge.

    Attributes:
        workers: how many votes of this judge should be under way at once: as many again as it has slots, so that
            votes waiting for a retry leave no slot idle, and no more than there are votes.
    """

    def __init__(
        self,
        judge: Judge,
        sender: Sender,
        tasks: Iterable[VoteTask],
        failures_allowed: int = FAILURES_IN_A_ROW,
    ) -> None:
        tasks = tuple(tasks)
        self.judge = judge
        self.sender = sender
        self.workers = min(2 * judge.concurrency, len(tasks))
        self._tasks = iter(tasks)
        self._failures_allowed = failures_allowed
        self._failures = 0

    def next(self) -> VoteTask | None:
        """The next vote to ask for; None when there is none left."""
        return next(self._tasks, None)

    def count_success(self) -> None:
        """The judge replied."""
        self._failures = 0

    def count_failure(self, error: TransportError) -> None:
        """A vote of this judge failed for good; stop the judge if that is one too many."""
        self._failures += 1
        if self.sender.stopped_by is not None:
            return
        if error.fatal_for_judge:
            self.sender.stopped_by = error
        elif self._failures >= self._failures_allowed:
            self.sender.stopped_by = TransportError(
                error.kind,
                f"{self._failures} votes in a row failed; the last: {error.message}",
                status=error.status,
                retryable=False,
                fatal_for_judge=True,
            )
