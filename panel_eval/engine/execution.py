"""One session of a run: the workers, and what becomes of each vote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from panel_eval.engine.journal import Journal
from panel_eval.engine.journal_lines import reopens
from panel_eval.engine.judge_queue import FailedVote, JudgeQueue
from panel_eval.engine.ledger import Ledger, OverBudget
from panel_eval.engine.plan import VoteTask
from panel_eval.engine.progress import ProgressMeter
from panel_eval.engine.sending import Abandoned, Postponed, VoteSending
from panel_eval.engine.stop import StopWatch
from panel_eval.engine.stored_votes import StoredVotes
from panel_eval.engine.vote_record import answered_vote, failed_vote, over_budget_vote, unasked_vote
from panel_eval.errors import shorten
from panel_eval.judges.judge import Reply
from panel_eval.judges.wire import TransportError, get_ready
from panel_eval.schema import Vote

_LINES_AT_ONCE = 1000
_TELL_EVERY_S = 1.0


class Execution:
    """The workers of one session and what they have stored.

    Args:
        queues: the judges' open votes.
        stored: what the journal holds; kept up to date.
        journal: where votes are appended.
        watch: whether a stop was requested.
        meter: told of every vote.
        ledger: told when a vote's cost stands in the journal.

    Attributes:
        under_way: votes being asked for, those that wait for a retry included.
        votes_stored: votes stored for good in this session.
    """

    def __init__(
        self,
        queues: Sequence[JudgeQueue],
        stored: StoredVotes,
        journal: Journal,
        watch: StopWatch,
        meter: ProgressMeter,
        ledger: Ledger,
    ) -> None:
        self.under_way = 0
        self.votes_stored = 0
        self._queues = queues
        self._stored = stored
        self._journal = journal
        self._watch = watch
        self._meter = meter
        self._ledger = ledger

    async def until_done(self) -> None:
        """Work until all queues are empty, or a stop is requested and calls in flight are done or given up.

        Raises:
            Exception: the first fault that was no vote's outcome.
        """
        working = asyncio.ensure_future(self._work_all())
        giving_up = asyncio.ensure_future(self._watch.at_once())
        try:
            while not working.done() and not giving_up.done():
                self._meter.tell()  # also while nothing is stored: a provider may want to be left alone for long
                await asyncio.wait({working, giving_up}, timeout=_TELL_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            giving_up.cancel()
            if not working.done():
                working.cancel()
            faults = await asyncio.gather(working, giving_up, return_exceptions=True)
            self._meter.tell()
        if isinstance(faults[0], Exception):
            raise _first_fault(faults[0]) from None
        for queue in self._queues:
            self._store_failures(queue, queue.failures_in_a_row())
        self._meter.tell()

    async def _work_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for queue in self._queues:
                group.create_task(self._work_off(queue))

    async def _work_off(self, queue: JudgeQueue) -> None:
        """Ask for all votes of one judge; what it will not be asked for any more is stored as such."""
        if queue.workers:
            await get_ready(queue.judge.transport)
        async with asyncio.TaskGroup() as group:
            for _ in range(queue.workers):
                group.create_task(self._work(queue))
        queue.end()
        if queue.ended:
            await self._store_unasked(queue)

    async def _work(self, queue: JudgeQueue) -> None:
        while not self._watch.requested:
            try:
                upcoming = await queue.next()
            except Abandoned:
                return
            if upcoming is None:
                return
            await self._ask(queue, *upcoming)
            # A transport that never waits must not keep other judges, or Ctrl-C, from their turn.
            await asyncio.sleep(0)

    async def _ask(self, queue: JudgeQueue, task: VoteTask, sent: VoteSending) -> None:
        self.under_way += 1
        try:
            reply = await queue.judge.ask(task.question, sent)
        except TransportError as error:
            self._note_failure(queue, FailedVote(task, error, sent))
        except Abandoned:
            queue.abandon(sent)
        except Postponed:
            queue.put_back(task, sent)
        except OverBudget:
            queue.abandon(sent)
            queue.run_out()
            vote = over_budget_vote(task, queue.judge, sent)
            if sent.attempts or not self._stored.says(vote):
                self._store(vote, sent)
        except Exception as error:
            error.add_note(f"while judge {task.judge_id} was asked about item {shorten(task.question.item_id)}")
            raise
        else:
            self._note_answer(queue, task, reply, sent)
        finally:
            self.under_way -= 1
            queue.leave(sent)

    def _note_answer(self, queue: JudgeQueue, task: VoteTask, reply: Reply, sent: VoteSending) -> None:
        if sent.heard:
            self._store_failures(queue, queue.count_success())
        else:  # nothing was sent, or the answer was there before its repair failed: that proves nothing
            queue.abandon(sent)
        self._store(answered_vote(task, queue.judge, reply, sent), sent)

    def _note_failure(self, queue: JudgeQueue, failed: FailedVote) -> None:
        if failed.sent.attempts == 0 and queue.breaker.stopped_by is not None:
            # It was waiting for a slot when the judge was given up.
            self._store(unasked_vote(failed.task, queue.judge, queue.breaker.stopped_by), failed.sent)
            return
        self._store_failures(queue, queue.count_failure(failed), reopen=True)

    def _store_failures(self, queue: JudgeQueue, failures: Iterable[FailedVote], reopen: bool = False) -> None:
        """Store failures: for good, or to be asked again because they tell of an outage."""
        for each in failures:
            vote = failed_vote(each.task, queue.judge, each.error, each.sent, reopens=reopen)
            self._store(vote, each.sent)

    async def _store_unasked(self, queue: JudgeQueue) -> None:
        """Store the rest of a judge's votes as what they are, many lines at once."""
        unasked = self._unasked(queue)
        while votes := list(islice(unasked, _LINES_AT_ONCE)):
            self._journal.append_many(votes)
            for vote in votes:
                self._stored.note(vote)
            self._meter.stored()
            await asyncio.sleep(0)

    def _unasked(self, queue: JudgeQueue) -> Iterator[Vote]:
        stopped_by = queue.breaker.stopped_by
        for task in queue.drain():
            vote = (
                over_budget_vote(task, queue.judge)
                if stopped_by is None
                else unasked_vote(task, queue.judge, stopped_by)
            )
            if not self._stored.says(vote):  # a run gone on with in vain need not say so again
                yield vote

    def _store(self, vote: Vote, sent: VoteSending) -> None:
        self._journal.append(vote)
        self._ledger.stored(sent.bill)
        self._stored.note(vote)
        self.votes_stored += not reopens(vote.outcome, vote.metadata)
        self._meter.stored()


def _first_fault(error: Exception) -> Exception:
    """The first exception inside (nested) groups."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
