"""Carrying out a plan: questions go out in plan order, votes are stored as they come in.

Each judge has its own queue (the plan's votes for it, in plan order), its own circuit breaker and its own workers,
so a slow or failing judge holds up nobody; judges of one account share a governor, and all share one ledger. What
a judge has answered when a run is cut short is a prefix of its queue, give or take the calls in flight: a random
sample of its items.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.allotment import allot
from panel_eval.engine.breaker import Breaker, BreakerPolicy
from panel_eval.engine.collector import calm_collector
from panel_eval.engine.execution import Execution
from panel_eval.engine.judge_queue import JudgeQueue
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.manifest import utc_now
from panel_eval.engine.plan import Plan, Tasks
from panel_eval.engine.progress import OnProgress, ProgressMeter
from panel_eval.engine.retrying import DEFAULT_RETRIES, RetryPolicy
from panel_eval.engine.run_directory import RunDirectory
from panel_eval.engine.sending import Abandoned, Sender
from panel_eval.engine.spending import open_ledger
from panel_eval.engine.stop import StopSignal, StopWatch
from panel_eval.engine.stored_votes import StoredVotes, read_stored
from panel_eval.engine.story import load_of, session_of, spend_of
from panel_eval.engine.switchboard import Switchboard
from panel_eval.judges.judge import Judge
from panel_eval.schema import Budget, Probe, RunState, Session, Spend


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
        over_budget: votes that the budget had no room for.
        spend: what the run has cost, all its sessions together.
        session: what this session took.
    """

    state: RunState
    planned: int
    stored: int
    outcomes: Mapping[str, int]
    missing: int
    stopped_judges: Mapping[str, str]
    over_budget: int
    spend: Spend
    session: Session


async def execute(
    plan: Plan,
    judges: Sequence[Judge],
    directory: RunDirectory,
    *,
    budget: Budget | None = None,
    on_progress: OnProgress | None = None,
    stop: StopSignal | None = None,
    retry_failed: bool = False,
    held: NDArray[np.bool_] | None = None,
    probes: Sequence[Probe] = (),
    policy: RetryPolicy = DEFAULT_RETRIES,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RunOutcome:
    """Ask for every vote of the plan that is not yet stored, and store each answer at once.

    Args:
        plan: the votes.
        judges: all judges that the plan names.
        directory: where votes are stored; those already there are not asked for again.
        budget: what the run may spend, all its sessions together; None = no limit.
        on_progress: told how far the run is, on the loop's thread.
        stop: how the run is asked to end early.
        retry_failed: ask again for stored votes with outcome ``error``. Votes lost because their judge was
            stopped or the budget was used up are asked for again in any case.
        held: (n_votes,) votes that are not to be asked for now, since they are out in batches; None = all may be.
        probes: calls made before, which the budget pays for too.
        policy: when a failed request is tried again.
        sleep: waits so many seconds; replaced in tests.
        clock: seconds from any origin, never going back; replaced in tests.

    Raises:
        CassetteMissError, PanelEvalError: a fault that no other vote would escape; stored votes stay stored.
    """
    began = utc_now()
    stored = read_stored(directory.journal.path, plan)
    ledger = open_ledger(directory.path, budget, stored, probes)
    board = Switchboard(judges, clock=clock)
    positions = stored.open_positions(retry_failed)
    still_open = len(positions)
    open_votes = _open_votes(plan, positions, held)
    with StopWatch(stop or StopSignal()) as watch, calm_collector():
        desk = _Desk(board, ledger, watch, policy, sleep, clock)
        queues = desk.queues(judges, open_votes)
        meter = ProgressMeter(
            len(plan),
            lambda: (len(plan) - still_open + run.votes_stored, stored.outcomes()),
            on_progress,
            load=lambda: load_of(run.under_way, queues, board, ledger),
            clock=clock,
        )
        run = Execution(queues, stored, directory.journal, watch, meter, ledger)
        try:
            await run.until_done()
        finally:
            ledger.close()
    session = session_of(began, queues, board, run.votes_stored, stopped=watch.requested)
    return _outcome(stored, queues, session, spend_of(ledger))


@dataclass(frozen=True)
class _Desk:
    """What the senders of all judges share in one session."""

    board: Switchboard
    ledger: Ledger
    watch: StopWatch
    policy: RetryPolicy
    sleep: Callable[[float], Awaitable[None]]
    clock: Callable[[], float]

    async def wait(self, something: Awaitable[object]) -> None:
        """Wait for something, but not beyond a request to stop."""
        await self.watch.pause(something)
        if self.watch.requested:
            raise Abandoned

    def queues(self, judges: Sequence[Judge], open_votes: Mapping[str, Tasks]) -> list[JudgeQueue]:
        """Each judge's open votes, with what sends them and its part of the budget."""
        shares = allot(self.ledger, judges, open_votes)
        return [
            JudgeQueue(judge, self.sender(judge), open_votes[judge.id], self.wait, shares.get(judge.id))
            for judge in judges
        ]

    def sender(self, judge: Judge) -> Sender:
        """What sends a judge's requests."""
        return Sender(
            judge,
            governor=self.board.governor(judge),
            rate=self.board.rate(judge),
            ledger=self.ledger,
            breaker=Breaker(BreakerPolicy(patience_s=judge.outage_s), clock=self.clock),
            policy=self.policy,
            pause=lambda seconds: self.wait(self.sleep(seconds)),
            stopping=lambda: self.watch.requested,
            clock=self.clock,
        )


def _open_votes(
    plan: Plan, positions: NDArray[np.int64], held: NDArray[np.bool_] | None
) -> defaultdict[str, Tasks]:
    """Judge id to the votes that are to be asked for now, in plan order."""
    if held is not None:
        positions = positions[~held[positions]]
    judge_of = plan.judge[positions]
    tasks = defaultdict(lambda: Tasks(plan, ()))
    for index, judge_id in enumerate(plan.judge_ids):
        tasks[judge_id] = Tasks(plan, positions[judge_of == index].tolist())
    return tasks


def _outcome(stored: StoredVotes, queues: Sequence[JudgeQueue], session: Session, spend: Spend) -> RunOutcome:
    planned, outcomes = len(stored.plan), stored.outcomes()
    return RunOutcome(
        state="partial" if stored.unfinished else "sealed",
        planned=planned,
        stored=len(stored),
        outcomes=outcomes,
        missing=planned - len(stored),
        stopped_judges={
            queue.judge.id: str(queue.breaker.stopped_by)
            for queue in queues
            if queue.breaker.stopped_by is not None
        },
        over_budget=outcomes.get("over_budget", 0),
        spend=spend,
        session=session,
    )
