"""Provider batches: many requests in one file, answered within a day, usually at half the price.

`batches_of` finds a judge's `BatchBackend` (or says in words why it has none), `request_line` writes a request into
the file, and `read_result` reads what came back, through the same code that reads live answers.
"""

from panel_eval.judges.batches.backend import BatchBackend, BatchStatus
from panel_eval.judges.batches.choice import BatchAccount, batches_of
from panel_eval.judges.batches.lines import LineResult, read_result, request_line

__all__ = [
    "BatchAccount", "BatchBackend", "BatchStatus", "LineResult",
    "batches_of", "read_result", "request_line",
]  # fmt: skip
