"""Vote files, read whole: every bad line is named, and of a vote asked twice the last line counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from panel_eval.engine import Plan
from panel_eval.engine.key_index import hex_keys
from panel_eval.pooling import VoteTable, latest_votes, read_vote_table


def load_votes(path: str | Path) -> VoteTable:
    """Read a vote file; of votes with the same vote key the last one counts.

    The votes are a sequence of `Vote`, each made from its line when it is asked for, so that millions fit.

    Raises:
        InputError: with every bad line.
    """
    return latest_votes(read_vote_table(Path(path)))


def load_planned(path: Path, plan: Plan) -> VoteTable:
    """The votes of a journal that its plan holds, in plan order; of each key the last line counts.

    The order makes scores of the same votes the same to the last digit, in whatever order they came in.

    Raises:
        InputError: with every bad line.
    """
    if not path.stat().st_size:
        return VoteTable.of(())
    table = read_vote_table(path)
    keys = [hex_keys([row["vote_key"] for row in rows]) for rows in table.field_blocks()]
    positions = np.concatenate([plan.index.positions(block) for block in keys])
    last = np.full(len(plan), -1, dtype=np.int64)
    planned = np.flatnonzero(positions >= 0)
    last[positions[planned]] = planned
    return table.take(last[last >= 0])
