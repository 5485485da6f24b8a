"""Votes of invented judges on items of invented people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.pooling import VoteTable
from panel_eval.schema import Vote

LABELS = ("mild", "moderate", "severe")
ROTATIONS = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]])


def drawn(populations: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """One label from each row."""
    return (populations.cumsum(axis=1) > generator.random((len(populations), 1))).argmax(axis=1)


def votes_of(
    judge: str,
    choices: Sequence[int] | np.ndarray,
    item: Sequence[int] | np.ndarray | None = None,
    sample: Sequence[int] | np.ndarray | None = None,
    order: np.ndarray | None = None,
    **fields,
) -> list[Vote]:
    """Votes of one judge: label, item, sample and rotation of the label order of each."""
    n = len(choices)
    items = np.arange(n) if item is None else item
    samples = np.zeros(n, dtype=int) if sample is None else sample
    return [
        Vote(
            item_id=f"item-{items[row]:04d}",
            judge=judge,
            sample=int(samples[row]),
            label=LABELS[choices[row]],
            label_order=None if order is None else [LABELS[place] for place in ROTATIONS[order[row]]],
            **fields,
        )
        for row in range(n)
    ]


def shuffled(votes: Sequence[Vote], seed: int = 9) -> VoteTable:
    """The votes in another order of lines."""
    return VoteTable.of([votes[row] for row in np.random.default_rng(seed).permutation(len(votes))])
