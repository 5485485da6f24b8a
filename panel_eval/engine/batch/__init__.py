"""Votes bought in provider batches: submitted in one process, collected in a later one, paid for once.

`submit_batches` sends what it is given and writes every step down before it takes the next (`BatchLog`);
`collect_batches` looks at the batches and stores what came. Between the two, the votes of a batch are *out*
(`votes_out`): nobody else may ask for them.
"""

from panel_eval.engine.batch.accounts import Accounts
from panel_eval.engine.batch.batch_log import BATCHES_NAME, BatchLog, BatchRecord, read_batches, read_panel
from panel_eval.engine.batch.collecting import Collection, Collector
from panel_eval.engine.batch.out import money_out, refuse_votes_out, votes_out
from panel_eval.engine.batch.request_files import BatchLimits
from panel_eval.engine.batch.submitting import Submission, submit_batches

__all__ = [
    "BATCHES_NAME",
    "Accounts", "BatchLimits", "BatchLog", "BatchRecord", "Collection", "Collector", "Submission",
    "money_out", "read_batches", "read_panel", "refuse_votes_out", "submit_batches", "votes_out",
]  # fmt: skip
