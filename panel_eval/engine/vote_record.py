"""From what a judge said to the line that stands in `votes.jsonl`."""

from __future__ import annotations

import math
from typing import Any, Protocol

from pydantic import ValidationError

from panel_eval.engine.journal_lines import JUDGE_STOPPED
from panel_eval.engine.ledger import VoteBill
from panel_eval.engine.manifest import utc_now
from panel_eval.engine.plan import VoteTask
from panel_eval.engine.sending import VoteSending
from panel_eval.judges.judge import Judge, Reply
from panel_eval.judges.outcome import Answered, NotAnswered
from panel_eval.judges.wire import TransportError
from panel_eval.schema import Usage, Vote, VoteError

_LONGEST_RAW = 20_000
_LONGEST_MESSAGE = 500
_NOTHING_SENT: dict[str, Any] = {"attempts": 0, "cost_usd": 0.0}


class Took(Protocol):
    """What it took to get a reply: a live vote's `VoteSending`, or what is known of a vote from a batch."""

    @property
    def attempts(self) -> int:
        """Requests sent."""
        ...

    @property
    def wire_s(self) -> float | None:
        """Seconds that requests were under way; None = nobody knows."""
        ...

    @property
    def bill(self) -> VoteBill:
        """What the vote has cost besides its replies."""
        ...


def answered_vote(task: VoteTask, judge: Judge, reply: Reply, sent: Took) -> Vote:
    """The vote for a reply, usable or not.

    An answer that the vote contract refuses (a confidence of 7, a sum of 0.9) becomes ``unparseable``: it is
    counted, and it is no label.
    """
    fields = _identity(task, judge) | {
        "usage": _with_uncertain(reply.usage, sent),
        "cost_usd": reply.cost_usd if reply.requests else 0.0,  # a request that is refused costs nothing
        "cost_uncertain_usd": sent.bill.uncertain_usd,
        "attempts": sent.attempts,
        "latency_s": sent.wire_s,
        "model_reported": _clean(reply.model_reported),
        "snapshot": _clean(reply.snapshot),
        "raw": _clean(reply.raw, _LONGEST_RAW),
    }
    try:
        return Vote.model_validate(fields | _answer(reply.answer))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        detail = f"the answer breaks the vote contract: {first['msg']}"
        return Vote.model_validate(fields | _answer(NotAnswered("unparseable", detail, kind="parse")))


def failed_vote(
    task: VoteTask, judge: Judge, error: TransportError, sent: VoteSending, *, reopens: bool = False
) -> Vote:
    """The vote for a question that brought no reply. It reopens if an outage is to blame."""
    fields = _identity(task, judge) | _cost(judge, sent)
    fields["metadata"] = {JUDGE_STOPPED: True} if reopens else {}
    return Vote.model_validate(fields | _answer(_lost(error, error.message)))


def unasked_vote(task: VoteTask, judge: Judge, stopped_by: TransportError) -> Vote:
    """The vote for a question that was not put, because its judge had been stopped."""
    answer = _lost(stopped_by, f"not asked; the judge was stopped: {stopped_by.message}")
    fields = _identity(task, judge) | _NOTHING_SENT | {"metadata": {JUDGE_STOPPED: True}}
    return Vote.model_validate(fields | _answer(answer))


def over_budget_vote(task: VoteTask, judge: Judge, sent: VoteSending | None = None) -> Vote:
    """The vote that the budget had no room for: for its first request, or for a further one. It reopens."""
    answer = NotAnswered("over_budget", "the budget has no room for it; raise it and run again", kind="budget")
    cost = _NOTHING_SENT if sent is None else _cost(judge, sent)
    return Vote.model_validate(_identity(task, judge) | cost | _answer(answer))


def _identity(task: VoteTask, judge: Judge) -> dict[str, Any]:
    return {
        "vote_key": task.vote_key,
        "item_id": task.question.item_id,
        "judge": task.judge_id,
        "sample": task.question.sample,
        "label_order": list(task.question.label_order),
        "elicit": judge.config.elicit,
        "at": utc_now(),
    }


def _answer(answer: Answered | NotAnswered) -> dict[str, Any]:
    if isinstance(answer, Answered):
        return {
            "outcome": "ok",
            "label": answer.label,
            "distribution": None if answer.distribution is None else dict(answer.distribution),
            "captured_mass": answer.captured_mass,
            "confidence": answer.confidence,
            "rationale": _clean(answer.rationale, _LONGEST_RAW),
            "parse_rung": answer.parse_rung,
        }
    message = _clean(answer.detail, _LONGEST_MESSAGE) or ""
    error = VoteError(kind=answer.kind or answer.outcome, message=message, status=answer.status)
    return {"outcome": answer.outcome, "error": error}


def _lost(error: TransportError, detail: str) -> NotAnswered:
    return NotAnswered("error", detail, kind=error.kind, status=error.status)


def _cost(judge: Judge, sent: VoteSending) -> dict[str, Any]:
    """What a vote took that came to no answer: tokens and money of replies before the failure, and of failures."""
    price = judge.price
    replied = sum((reply.usage for reply in sent.replies), Usage())
    usage = _with_uncertain(replied, sent)
    return {
        "attempts": sent.attempts,
        "latency_s": sent.wire_s,
        "usage": usage if sent.replies or usage.uncertain_tokens else None,
        "cost_usd": None if price is None else math.fsum(price.cost_usd(reply.usage) for reply in sent.replies),
        "cost_uncertain_usd": sent.bill.uncertain_usd,
    }


def _with_uncertain(usage: Usage, sent: Took) -> Usage:
    if not sent.bill.uncertain_tokens:
        return usage
    return usage + Usage(uncertain_tokens=sent.bill.uncertain_tokens)


def _clean(text: str | None, limit: int = 200) -> str | None:
    """The text as it can stand in a UTF-8 file: half surrogate pairs (a model may send them) become '?'."""
    if text is None:
        return None
    if len(text) > limit:
        text = text[:limit] + f"… ({len(text)} characters)"
    return text.encode("utf-8", "replace").decode("utf-8")
