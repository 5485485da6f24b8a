"""From open votes to files of requests, as far as the budget goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from panel_eval.engine.batch.accounts import Accounts
from panel_eval.engine.batch.request_files import BatchLimits, RequestFile, RequestWriter
from panel_eval.engine.batch.result_votes import bad_item_vote
from panel_eval.engine.journal import Journal
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.plan import Plan
from panel_eval.errors import InputError
from panel_eval.judges.batches import request_line
from panel_eval.judges.judge import Judge


@dataclass
class Written:
    """What was written.

    Attributes:
        files: the request files, none of them sent yet.
        over_budget: votes that the budget had no room for: the last ones in plan order.
        bad_items: votes whose item cannot be put to the judge; they stand in the journal as errors.
    """

    files: list[RequestFile] = field(default_factory=list)
    over_budget: int = 0
    bad_items: int = 0


def write_requests(
    plan: Plan,
    positions: Iterable[int],
    judges: Mapping[str, Judge],
    accounts: Accounts,
    ledger: Ledger,
    folder: Path,
    journal: Journal,
    limits: BatchLimits,
) -> Written:
    """Write the requests of votes, reserving the most that each can cost at the price inside batches.

    Args:
        plan: the plan.
        positions: the votes' places in it, in plan order; all of judges with a batch service.
        judges: judge id to judge.
        accounts: the batch services.
        ledger: what the run may still spend.
        folder: where the files are kept.
        journal: where votes go that cannot be asked for.
        limits: the largest file.

    Raises:
        IncompleteError: the disk is full or failing.
    """
    writers = {judge_id: RequestWriter(folder, judge_id, limits) for judge_id in accounts.judge_ids}
    written = Written()
    positions = list(positions)
    for number, position in enumerate(positions):
        task = plan.task(position)
        judge = judges[task.judge_id]
        try:
            request = judge.request(task.question)
        except InputError as error:
            journal.append(bad_item_vote(task, judge, error))
            written.bad_items += 1
            continue
        bound = judge.worst_case(request)
        price = None if judge.price is None else judge.price.in_batch
        worst = ledger.reserve(price, bound.input_tokens, bound.output_tokens)
        if worst is None:
            written.over_budget = len(positions) - number
            break
        line = request_line(task.vote_key, accounts.backend(judge.id).body(request))
        writers[judge.id].add(task.vote_key, line, request.response_mode, worst)
    for writer in writers.values():
        writer.finish()
        written.files += writer.files
    return written
