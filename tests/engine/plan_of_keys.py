"""A plan with given vote keys, for tests of what goes by keys only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.engine import Plan
from panel_eval.engine.key_index import hex_keys
from panel_eval.schema import SoftLabel


def plan_of_keys(keys: Sequence[str], judges: Sequence[int] | None = None) -> Plan:
    """Votes of the judges ``j0``, ``j1`` … (default: all of ``j0``) on one item, in the order of the keys."""
    judge = np.array([0] * len(keys) if judges is None else judges, dtype=np.uint16)
    names = tuple(f"j{number}" for number in range(int(judge.max(initial=0)) + 1))
    return Plan(
        keys=hex_keys(keys),
        judge=judge,
        item=np.zeros(len(keys), dtype=np.int32),
        sample=np.arange(len(keys), dtype=np.uint16),
        label_row=np.zeros(len(keys), dtype=np.uint16),
        judge_ids=names,
        label_orders=((("kind", "rude"),),) * len(names),
        item_ids=("i",),
        records=[SoftLabel(item_id="i", task="tone", content={"text": "t"})],
        n_labelled=1,
    )
