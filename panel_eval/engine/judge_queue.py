"""The votes one judge still owes, and what becomes of them while it fails.

Failed votes of a row that opens the circuit are put back: they tell of the outage, not of their items. They are
stored as lost all the same, to be asked for again, since the provider may have billed them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from panel_eval.engine.allotment import Share
from panel_eval.engine.breaker import Breaker
from panel_eval.engine.plan import VoteTask
from panel_eval.engine.sending import Sender, VoteSending
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import TransportError

Wait = Callable[[Awaitable[object]], Awaitable[None]]
"""Waits for something; raises `Abandoned` when a stop is requested meanwhile."""


@dataclass(frozen=True)
class FailedVote:
    """A vote that brought no answer in spite of all retries.

    Attributes:
        task: what was asked.
        error: the last failure.
        sent: what it took.
    """

    task: VoteTask
    error: TransportError
    sent: VoteSending


class JudgeQueue:
    """One judge's open votes in plan order.

    Args:
        judge: whom to ask.
        sender: sends its requests.
        tasks: the votes to ask for.
        wait: how workers wait while the circuit is open, or the judge is at its part of the budget.
        share: its part of the budget; None = nothing is shared out.

    Attributes:
        workers: how many votes of this judge should be under way at once: as many again as it has slots, so that
            votes waiting for a retry leave no slot idle, and no more than there are votes.
        over_budget: whether the budget has no room for this judge's next vote.
    """

    def __init__(
        self, judge: Judge, sender: Sender, tasks: Sequence[VoteTask], wait: Wait, share: Share | None = None
    ) -> None:
        self.judge = judge
        self.sender = sender
        self.workers = min(2 * judge.concurrency, len(tasks))
        self.over_budget = False
        self._tasks: Iterator[VoteTask] = iter(tasks)
        self._back: deque[VoteTask] = deque()
        self._row: list[FailedVote] = []
        self._wait = wait
        self._share = share
        self._money = asyncio.Lock()
        self._moved = asyncio.Event()

    @property
    def breaker(self) -> Breaker:
        """The circuit to the judge."""
        return self.sender.breaker

    @property
    def ended(self) -> bool:
        """Whether no further vote of this judge is to be asked for."""
        return self.over_budget or self.breaker.stopped_by is not None

    async def next(self) -> tuple[VoteTask, VoteSending] | None:
        """The next vote to ask for, with what it sends through; None when there is none left.

        While the circuit is open this waits; after each pause one caller gets a vote to try. It also waits while
        the judge is at its part of the budget.

        Raises:
            Abandoned: a stop was requested meanwhile.
        """
        while not self.ended:
            if self._share is not None and not self._share.may_begin():
                await self._await_money(self._share)
            elif not self.breaker.is_open:
                task = self._begin()
                return None if task is None else (task, self.sender.vote())
            elif (seconds := self.breaker.pause_left_s()) > 0.0:
                await self._rest(seconds)
            elif self.breaker.begin_trial():
                self._moved.clear()
                task = self._begin()
                if task is None:
                    self.breaker.end_trial()
                return None if task is None else (task, self.sender.vote(trial=True))
            else:
                await self._wait(self._moved.wait())
        return None

    def run_out(self) -> None:
        """The budget has no room for the judge's next vote."""
        self.over_budget = True
        if self._share is not None:
            self._share.run_out()

    def end(self) -> None:
        """The judge is asked no more; what it has not used of the budget is the others'."""
        if self._share is not None:
            self._share.end()

    def leave(self, sent: VoteSending) -> None:
        """A vote is under way no more, whatever became of it."""
        if self._share is not None:
            self._share.leave(sent.bill, asked=sent.attempts > 0)

    def put_back(self, task: VoteTask, sent: VoteSending) -> None:
        """The vote was not asked for after all; it comes up again."""
        if sent.trial:
            self._end_trial()
        self._back.append(task)

    def drain(self) -> Iterator[VoteTask]:
        """All votes left, without asking for them."""
        while (task := self._pop()) is not None:
            yield task

    def count_success(self) -> list[FailedVote]:
        """The judge replied. Returns the failures that stood in a row before: they are final."""
        self.breaker.success()
        self._moved.set()
        return self._take_row()

    def count_failure(self, failed: FailedVote) -> list[FailedVote]:
        """A vote failed. Returns the votes that are lost because the judge is left alone or given up.

        If it is only left alone, they have been put back into the queue.
        """
        self._row.append(failed)
        verdict = self.breaker.failure(failed.error, trial=failed.sent.trial)
        self._moved.set()
        if verdict == "go_on":
            return []
        row = self._take_row()
        if verdict == "pause":
            self._back.extend(each.task for each in row)
            if self._share is not None:
                self._share.again(len(row))
        return row

    def abandon(self, sent: VoteSending) -> None:
        """The vote ended without showing whether the judge works: for a stop, the budget, or unasked."""
        if sent.trial:
            self.breaker.end_trial()
        self._moved.set()

    def failures_in_a_row(self) -> list[FailedVote]:
        """The failures about which nothing has been decided yet, when the run ends."""
        return self._take_row()

    async def _rest(self, seconds: float) -> None:
        """Wait out a pause, unless the judge answers meanwhile or is given up: votes of before may be under way."""
        self._moved.clear()
        both = [asyncio.ensure_future(self.sender.pause(seconds)), asyncio.ensure_future(self._moved.wait())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            ends = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(ends[0], Exception):
            raise ends[0]

    async def _await_money(self, share: Share) -> None:
        async with self._money:  # one worker waits, the others behind it: they need not all look at each change
            while not self.ended and not share.may_begin():
                if share.allotment.is_used_up():
                    self.run_out()
                else:
                    await self._wait(share.allotment.change())

    def _end_trial(self) -> None:
        self.breaker.end_trial()
        self._moved.set()

    def _take_row(self) -> list[FailedVote]:
        row, self._row = self._row, []
        return row

    def _begin(self) -> VoteTask | None:
        task = self._pop()
        if task is not None and self._share is not None:
            self._share.begin()
        return task

    def _pop(self) -> VoteTask | None:
        return self._back.popleft() if self._back else next(self._tasks, None)
