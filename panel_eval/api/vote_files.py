"""Vote files, read whole: every bad line is named, and of a vote asked twice the last line counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine import Plan
from panel_eval.engine.key_index import hex_keys
from panel_eval.pooling import VoteTable, latest_votes, read_vote_table
from panel_eval.schema import OUTCOMES


def load_votes(path: str | Path) -> VoteTable:
    """Read a vote file; of votes with the same vote key the last one counts.

    The votes are a sequence of `Vote`, each made from its line when it is asked for, so that millions fit.

    Raises:
        InputError: with every bad line.
    """
    return latest_votes(read_vote_table(Path(path)))


def paid_votes(table: VoteTable) -> VoteTable:
    """The votes that count and, besides them, the failures that were asked again: they may have been billed too."""
    repeated = table.columns.rows_with_shared_keys().tolist()
    last = {table[row].vote_key: row for row in repeated}
    failed = _failed(table)
    dropped = [row for row in repeated if last[table[row].vote_key] != row and not failed[row]]
    return table.take(np.delete(np.arange(len(table)), dropped)) if dropped else table


@dataclass(frozen=True)
class PlannedVotes:
    """The votes of a journal that its plan holds, in plan order.

    Attributes:
        standing: of each vote its last line, the one that counts.
        paid: as of `paid_votes`.
    """

    standing: VoteTable
    paid: VoteTable


def load_planned(path: Path, plan: Plan) -> PlannedVotes:
    """Read a journal.

    The order makes scores of the same votes the same to the last digit, in whatever order they came in.

    Raises:
        InputError: with every bad line.
    """
    if not path.stat().st_size:
        return PlannedVotes(VoteTable.of(()), VoteTable.of(()))
    table = read_vote_table(path)
    keys = [hex_keys([row["vote_key"] for row in rows]) for rows in table.field_blocks()]
    positions = np.concatenate([plan.index.positions(block) for block in keys])
    order = np.argsort(positions, kind="stable")
    order = order[positions[order] >= 0]
    stands = np.append(positions[order[1:]] != positions[order[:-1]], [True] * bool(len(order)))
    return PlannedVotes(table.take(order[stands]), table.take(order[stands | _failed(table)[order]]))


def _failed(table: VoteTable) -> NDArray[np.bool_]:
    """Which votes were asked for and not answered, (n_votes,)."""
    failed: NDArray[np.bool_] = table.columns.attempted & (table.columns.outcome != OUTCOMES.index("ok"))
    return failed
