"""Carrying out a plan: questions go out in plan order, votes are stored as they come in.

Each judge has its own queue (the plan's votes for it, in plan order), its own slots and its own workers, so a slow
or failing judge holds up nobody. What a judge has answered when a run is cut short is a prefix of its shuffled
queue, give or take the calls in flight: an unbiased sample of its votes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from panel_eval.engine.journal import JUDGE_STOPPED, StoredVote, read_stored
from panel_eval.engine.judge_queue import JudgeQueue
from panel_eval.engine.plan import Plan, VoteTask
from panel_eval.engine.progress import OnProgress, ProgressMeter
from panel_eval.engine.retrying import DEFAULT_RETRIES, RetryPolicy
from panel_eval.engine.run_directory import RunDirectory
from panel_eval.engine.sending import Abandoned, Sender
from panel_eval.engine.stop import StopSignal, StopWatch
from panel_eval.engine.vote_record import answered_vote, failed_vote, unasked_vote
from panel_eval.errors import shorten
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import TransportError
from panel_eval.schema import RunState, Vote


@dataclass(frozen=True)
class RunOutcome:
    """How far a plan was carried out.

    Attributes:
        state: ``sealed`` if every planned vote is stored and none reopens, else ``partial``.
        planned: votes the plan holds.
        stored: planned votes that stand in the journal, whatever their outcome.
        outcomes: stored votes by outcome.
        missing: planned votes that are not stored (a stop was requested).
        stopped_judges: judge id to the error that stopped it.
    """

    state: RunState
    planned: int
    stored: int
    outcomes: Mapping[str, int]
    missing: int
    stopped_judges: Mapping[str, str]


async def execute(
    plan: Plan,
    judges: Sequence[Judge],
    directory: RunDirectory,
    *,
    on_progress: OnProgress | None = None,
    stop: StopSignal | None = None,
    retry_failed: bool = False,
    policy: RetryPolicy = DEFAULT_RETRIES,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RunOutcome:
    """Ask for every vote of the plan that is not yet stored, and store each answer at once.

    Args:
        plan: the votes.
        judges: all judges that the plan names.
        directory: where votes are stored; those already there are not asked for again.
        on_progress: told how far the run is, on the loop's thread.
        stop: how the run is asked to end early.
        retry_failed: ask again for stored votes with outcome ``error``. Votes lost because their judge was
            stopped are asked for again in any case.
        policy: when a failed request is tried again.
        sleep: waits so many seconds; replaced in tests.
        clock: seconds from any origin, never going back; replaced in tests.

    Raises:
        CassetteMissError, PanelEvalError: a fault that no other vote would escape; stored votes stay stored.
    """
    stored = read_stored(directory.journal.path)
    stored = {key: vote for key, vote in stored.items() if key in plan.vote_keys}
    open_tasks = _open_tasks(plan, stored, retry_failed)
    with StopWatch(stop or StopSignal()) as watch:

        async def pause(seconds: float) -> None:
            await watch.pause(sleep(seconds))
            if watch.requested:
                raise Abandoned

        def queue(judge: Judge) -> JudgeQueue:
            sender = Sender(
                judge.transport,
                judge.concurrency,
                policy=policy,
                pause=pause,
                stopping=lambda: watch.requested,
                clock=clock,
            )
            return JudgeQueue(judge, sender, open_tasks[judge.id])

        meter = ProgressMeter(
            len(plan), Counter(vote.outcome for vote in stored.values()), on_progress, clock=clock
        )
        run = _Execution([queue(judge) for judge in judges], stored, directory, watch, meter)
        await run.until_done()
    return run.result(len(plan))


def _open_tasks(
    plan: Plan, stored: Mapping[str, StoredVote], retry_failed: bool
) -> defaultdict[str, list[VoteTask]]:
    """Judge id to the votes that are still to be asked for, in plan order."""
    tasks: defaultdict[str, list[VoteTask]] = defaultdict(list)
    for task in plan.tasks:
        vote = stored.get(task.vote_key)
        if vote is None or vote.reopens or (retry_failed and vote.outcome == "error"):
            tasks[task.judge_id].append(task)
    return tasks


class _Execution:
    """One execution of a plan: the workers and what they have stored."""

    def __init__(
        self,
        queues: Sequence[JudgeQueue],
        stored: dict[str, StoredVote],
        directory: RunDirectory,
        watch: StopWatch,
        meter: ProgressMeter,
    ) -> None:
        self._queues = queues
        self._stored = stored
        self._directory = directory
        self._watch = watch
        self._meter = meter

    def result(self, planned: int) -> RunOutcome:
        """How far it came."""
        unfinished = len(self._stored) < planned or any(vote.reopens for vote in self._stored.values())
        return RunOutcome(
            state="partial" if unfinished else "sealed",
            planned=planned,
            stored=len(self._stored),
            outcomes=self._meter.snapshot().outcomes,
            missing=planned - len(self._stored),
            stopped_judges={
                queue.judge.id: str(queue.sender.stopped_by)
                for queue in self._queues
                if queue.sender.stopped_by is not None
            },
        )

    async def until_done(self) -> None:
        """Work until all queues are empty, or a stop is requested and calls in flight are done or given up.

        Raises:
            Exception: the first fault that was no vote's outcome.
        """
        working = asyncio.ensure_future(self._work_all())
        giving_up = asyncio.ensure_future(self._watch.at_once())
        self._meter.tell()
        try:
            await asyncio.wait({working, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            giving_up.cancel()
            if not working.done():
                working.cancel()
            faults = await asyncio.gather(working, giving_up, return_exceptions=True)
            self._meter.tell()
        if isinstance(faults[0], Exception):
            raise _first_fault(faults[0]) from None

    async def _work_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for queue in self._queues:
                for _ in range(queue.workers):
                    group.create_task(self._work(queue))

    async def _work(self, queue: JudgeQueue) -> None:
        while not self._watch.requested and (task := queue.next()) is not None:
            vote = await self._vote(queue, task)
            if vote is not None:
                self._store(task.vote_key, vote)
            # A transport that never waits must not keep other judges, or Ctrl-C, from their turn.
            await asyncio.sleep(0)

    async def _vote(self, queue: JudgeQueue, task: VoteTask) -> Vote | None:
        """The vote, whatever became of it; None if it was abandoned because a stop was requested."""
        if (stopped_by := queue.sender.stopped_by) is not None:
            return unasked_vote(task, queue.judge, stopped_by)
        sending = queue.sender.vote()
        self._meter.in_flight += 1
        try:
            reply = await queue.judge.ask(task.question, sending)
        except TransportError as error:
            if sending.attempts == 0:  # it was waiting for a slot when the judge was stopped
                return unasked_vote(task, queue.judge, error)
            queue.count_failure(error)
            return failed_vote(task, queue.judge, error, sending)
        except Abandoned:
            return None
        except Exception as error:
            error.add_note(f"while judge {task.judge_id} was asked about item {shorten(task.question.item_id)}")
            raise
        finally:
            self._meter.in_flight -= 1
        queue.count_success()
        return answered_vote(task, queue.judge, reply, sending)

    def _store(self, vote_key: str, vote: Vote) -> None:
        self._directory.journal.append(vote)
        before = self._stored.get(vote_key)
        self._stored[vote_key] = StoredVote(vote.outcome, JUDGE_STOPPED in vote.metadata)
        self._meter.stored(vote.outcome, None if before is None else before.outcome)


def _first_fault(error: Exception) -> Exception:
    """The first exception inside (nested) groups."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
