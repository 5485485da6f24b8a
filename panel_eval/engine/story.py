"""What a session is doing, and what it took as it stands in `run.json`."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.engine.judge_queue import JudgeQueue
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.manifest import utc_now
from panel_eval.engine.progress import Load
from panel_eval.engine.switchboard import Switchboard
from panel_eval.schema import AccountTraffic, EndedBy, JudgeTraffic, Session, Spend

_USD_DIGITS = 9  # a billionth of a dollar; sums of thousands of costs are no exact decimals


def load_of(under_way: int, queues: Sequence[JudgeQueue], board: Switchboard, ledger: Ledger) -> Load:
    """What a run is doing now.

    Args:
        under_way: votes being asked for.
        queues: the judges being asked.
        board: their accounts.
        ledger: the run's account book.
    """
    return Load(
        under_way=under_way,
        paces=board.paces(),
        spend=spend_of(ledger),
        reserved_usd=ledger.reserved_usd,
        budget=ledger.budget,
        paused_s={queue.judge.id: queue.breaker.pause_left_s() for queue in queues if queue.breaker.is_open},
        stopped=tuple(queue.judge.id for queue in queues if queue.breaker.stopped_by is not None),
        waited_s=sum(queue.sender.traffic.waited_s for queue in queues),
    )


def session_of(
    started_at: str, queues: Sequence[JudgeQueue], board: Switchboard, votes_stored: int, *, stopped: bool
) -> Session:
    """The record of a session that has ended.

    Args:
        started_at: when it began.
        queues: the judges it asked.
        board: their accounts.
        votes_stored: votes stored in it.
        stopped: whether a stop was requested.
    """
    return Session(
        started_at=started_at,
        ended_at=utc_now(),
        ended_by=_ended_by(queues, stopped),
        votes_stored=votes_stored,
        judges={queue.judge.id: _judge_traffic(queue) for queue in queues},
        accounts={
            name: AccountTraffic(
                highest=pace.highest, limit=pace.limit, cuts=pace.cuts, rate_limited=pace.rate_limited
            )
            for name, pace in board.paces().items()
            if pace.highest
        },
    )


def spend_of(ledger: Ledger) -> Spend:
    """What the run has cost so far."""
    spent = ledger.spent
    return Spend(
        usd=round(spent.usd, _USD_DIGITS),
        tokens=spent.tokens,
        uncertain_usd=round(spent.uncertain_usd, _USD_DIGITS),
        uncertain_tokens=spent.uncertain_tokens,
        unpriced=spent.unpriced,
    )


def _ended_by(queues: Sequence[JudgeQueue], stopped: bool) -> EndedBy:
    if stopped:
        return "stop"
    if any(queue.over_budget for queue in queues):
        return "budget"
    if any(queue.breaker.stopped_by is not None for queue in queues):
        return "outage"
    return "done"


def _judge_traffic(queue: JudgeQueue) -> JudgeTraffic:
    traffic, stopped_by = queue.sender.traffic, queue.breaker.stopped_by
    return JudgeTraffic(
        requests=traffic.requests,
        failures=dict(sorted(traffic.failures.items())),
        waited_s=round(traffic.waited_s, 3),
        outages=queue.breaker.outages,
        stopped_by=None if stopped_by is None else str(stopped_by),
    )
