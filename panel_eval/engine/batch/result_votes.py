"""From a line of a batch's results to a line of `votes.jsonl`, through the code that reads live answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from panel_eval.engine.batch.batch_log import BatchRecord
from panel_eval.engine.ledger import VoteBill
from panel_eval.engine.plan import VoteTask
from panel_eval.engine.vote_record import answered_vote
from panel_eval.errors import InputError, shorten
from panel_eval.judges.batches import LineResult
from panel_eval.judges.judge import Judge, Reply
from panel_eval.judges.outcome import NotAnswered
from panel_eval.judges.wire import ResponseMode, TransportError, WireRequest
from panel_eval.schema import Usage, Vote


@dataclass(frozen=True)
class _Took:
    """What is known of a vote from a batch: one request, answered some time later."""

    attempts: int = 1
    wire_s: float | None = None
    bill: VoteBill = field(default_factory=VoteBill)


def result_vote(task: VoteTask, judge: Judge, result: LineResult, record: BatchRecord, mode: ResponseMode) -> Vote:
    """The vote for a result, usable or not, at the price inside batches.

    Args:
        task: the vote.
        judge: whom it was asked.
        result: what came back.
        record: the batch.
        mode: how the shape of the answer was asked for.

    Raises:
        TransportError: there is no answer, and the vote can be asked for again (it expired, the provider was busy)
            or nobody can be asked so (a refused key, a shape of answers that the provider does not take).
    """
    request = replace(judge.request(task.question), response_mode=mode)
    price = None if judge.price is None else judge.price.in_batch
    if result.reply is not None:
        usage = result.reply.usage
        cost = None if price is None else price.cost_usd(usage)
        reply = replace(judge.read(request, result.reply), cost_usd=cost)
        unknown = usage.input_tokens + usage.output_tokens == 0
    else:
        assert result.error is not None
        if judge.rejects_shape(request, result.error):
            raise result.error
        reply = replace(_reply_to(judge, result.error), cost_usd=0.0)
        unknown = result.error.may_be_billed
    took = _Took(bill=worst_bill(judge, request)) if unknown else _Took()
    vote = answered_vote(task, judge, reply, took)
    return vote.model_copy(update={"batch": record.batch_id})


def worst_bill(judge: Judge, request: WireRequest) -> VoteBill:
    """The bill of a request that may be billed, nobody knows how much: all that was reserved for it."""
    bound = judge.worst_case(request)
    usd = None if judge.price is None else judge.price.in_batch.worst_usd(bound.input_tokens, bound.output_tokens)
    return VoteBill(usd, bound.input_tokens + bound.output_tokens)


def answer_bill(judge: Judge, result: LineResult) -> VoteBill:
    """The bill of an answer that cannot be stored, as far as it tells."""
    usage = Usage() if result.reply is None else result.reply.usage
    usd = None if judge.price is None else judge.price.in_batch.cost_usd(usage)
    return VoteBill(usd, usage.input_tokens + usage.output_tokens)


def add_bill(bill: VoteBill, more: VoteBill) -> None:
    """Add one bill to another; an unknown price makes the sum unknown."""
    known = bill.uncertain_usd is not None and more.uncertain_usd is not None
    bill.uncertain_usd = (bill.uncertain_usd or 0.0) + (more.uncertain_usd or 0.0) if known else None
    bill.uncertain_tokens += more.uncertain_tokens


def bad_item_vote(task: VoteTask, judge: Judge, error: InputError) -> Vote:
    """The vote for an item that cannot be put to the judge."""
    reply = Reply(NotAnswered("error", shorten(error, 300), kind="bad_item"), cost_usd=0.0)
    return answered_vote(task, judge, reply, _Took(attempts=0))


def _reply_to(judge: Judge, error: TransportError) -> Reply:
    try:
        return judge.read_failure(error)
    except TransportError:
        if error.retryable or error.fatal_for_judge:
            raise
        return Reply(NotAnswered("error", error.message, kind=error.kind, status=error.status))
