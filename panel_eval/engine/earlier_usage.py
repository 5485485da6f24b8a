"""What earlier votes of a plan's judges took: the tokens and seconds that an estimate can rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.journal_lines import journal_blocks
from panel_eval.engine.plan import Plan
from panel_eval.schema.columnar import parse_lines
from panel_eval.stats.arrays import FloatArray

MOST = 20_000
"""Most votes of a run that are looked at. Journals stand in random order, so the first are a random sample."""

_TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens")
_LARGEST = 1e12


@dataclass(frozen=True, eq=False)
class EarlierVotes:
    """Votes that were asked for and answered, with what they took.

    Attributes:
        position: (n,) place in the plan.
        tokens: (n, 5) input, output, cached, cache-write and reasoning tokens.
        latency_s: (n,) NaN where unknown.
    """

    position: NDArray[np.int64]
    tokens: FloatArray
    latency_s: FloatArray

    def __len__(self) -> int:
        return len(self.position)

    def of_judge(self, plan: Plan, judge: int) -> EarlierVotes:
        """The votes of the judge at a place of `Plan.judge_ids`."""
        own = plan.judge[self.position] == judge
        return EarlierVotes(self.position[own], self.tokens[own], self.latency_s[own])


def read_earlier(journals: Iterable[Path], plan: Plan, most: int = MOST) -> EarlierVotes:
    """Votes of the plan that report their tokens, from the journals of runs.

    A vote has the same key only if it was asked in the same way, so these are votes of the same instruments.

    Args:
        journals: vote journals; missing ones hold nothing.
        plan: the plan.
        most: most votes taken from each journal.

    Raises:
        InputError: a journal cannot be read.
    """
    rows = [row for path in journals for row in islice(_rows(path, plan), most)]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 2 + len(_TOKENS))
    return EarlierVotes(table[:, 0].astype(np.int64), table[:, 2:], table[:, 1])


def _rows(path: Path, plan: Plan) -> Iterable[tuple[float, ...]]:
    for block in journal_blocks(path):
        positions = plan.index.positions(block.keys).tolist()
        for position, record in zip(positions, parse_lines(block.lines), strict=True):
            usage = record.get("usage") if isinstance(record, Mapping) else None
            if position >= 0 and isinstance(usage, Mapping):
                tokens = [_amount(usage.get(name)) or 0.0 for name in _TOKENS]
                if tokens[0] > 0.0:
                    yield position, _amount(record.get("latency_s")) or np.nan, *tokens


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LARGEST:
        return None
    return float(value)
