"""What the judges said: the rationales of their valid votes on some items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from panel_eval.evaluation.rationales.evidence import random_within
from panel_eval.evaluation.rationales.terms import MAX_CHARS
from panel_eval.evaluation.recorded_votes import recorded_votes
from panel_eval.humans import HumanLabels
from panel_eval.pooling import VoteTable
from panel_eval.schema import OUTCOMES
from panel_eval.stats.arrays import IntArray

Spoken = Mapping[int, Mapping[str, Sequence[str]]]
"""Position of the item to judge to its rationales, one for each vote that has one."""

MAX_VOTES = 250_000
"""Most votes whose rationales are looked for: where items have very many, fewer items are read."""

_OK = OUTCOMES.index("ok")
_SEED = 708


def judge_rationales(votes: VoteTable, humans: HumanLabels, judge_ids: Sequence[str]) -> Spoken:
    """The rationales of the judges' valid votes on these items; items without any are left out.

    Args:
        votes: any votes; those that were asked again count once.
        humans: the items.
        judge_ids: the judges whose votes count.
    """
    if "rationale" not in votes.columns.named:
        return {}
    recorded = recorded_votes(votes, humans, judge_ids)
    recorded = recorded.take(recorded.table.columns.outcome == _OK)
    fields = (vote for block in recorded.table.field_blocks() for vote in block)
    spoken: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item, judge, vote in zip(recorded.item.tolist(), recorded.judge.tolist(), fields, strict=True):
        text = vote.get("rationale")
        if text and not text.isspace():
            spoken[item][judge_ids[judge]].append(text[:MAX_CHARS])
    return spoken


def within_bounds(spoken: Spoken, seed: int) -> IntArray:
    """The items that are read, rising: all, or random ones until their rationales are as long as may be."""
    items = np.array(sorted(spoken), dtype=np.int64)
    chars = [sum(len(text) for texts in spoken[item].values() for text in texts) for item in items.tolist()]
    return items[random_within(np.array(chars), [seed, _SEED])]
