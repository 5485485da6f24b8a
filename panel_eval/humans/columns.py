"""Soft labels as columns, block by block, and which of them certainly keep the rules of `integrity`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

import numpy as np

from panel_eval.humans.integrity import ENTROPY_TOLERANCE_BITS, MOST_VOTES, SUM_TOLERANCE, VOTE_TOLERANCE
from panel_eval.stats.arrays import BoolArray, FloatArray

Fields = Mapping[str, Any]

_MARGIN = 1e-9
"""What lies this close to a rule's limit is left to the rule, which adds in another order."""


@dataclass(frozen=True, eq=False)
class ItemColumns:
    """What scoring needs of some items.

    Attributes:
        item_ids, tasks: (n_items,)
        reported: (n_items,) the class as reported.
        clusters: (n_items,) as named in the file.
        has_content: (n_items,) whether the record brings its own content.
        counts, masses: (n_items, n_labels) as given, 0 where a label is not named.
        has_counts, has_masses: (n_items,) whether they are given at all.
        reviewers: (n_items,) the number of reviewers as stated, NaN where it is not.
    """

    item_ids: list[str]
    tasks: list[str]
    reported: list[str | None]
    clusters: list[str | None]
    has_content: BoolArray
    counts: FloatArray
    masses: FloatArray
    has_counts: BoolArray
    has_masses: BoolArray
    reviewers: FloatArray

    def __len__(self) -> int:
        return len(self.item_ids)

    @property
    def votes(self) -> FloatArray:
        """(n_items, n_labels) counts, or mass × reviewers where there are none."""
        votes: FloatArray = np.where(self.has_counts[:, None], self.counts, self.masses * self.reviewers[:, None])
        return votes

    @property
    def panel_sizes(self) -> FloatArray:
        """(n_items,) reviewers as stated, or as counted."""
        sizes: FloatArray = np.where(np.isnan(self.reviewers), self.counts.sum(axis=1), self.reviewers)
        return sizes


def item_columns(records: Sequence[Fields], labels: Sequence[str]) -> ItemColumns:
    """The columns of records that their model accepts; labels that are not in `labels` are left out."""
    counts, has_counts = _table([record.get("counts") for record in records], labels)
    masses, has_masses = _table([record.get("distribution") for record in records], labels)
    return ItemColumns(
        item_ids=[record["item_id"] for record in records],
        tasks=[record["task"] for record in records],
        reported=[record.get("disagreement_class") for record in records],
        clusters=[record.get("cluster") for record in records],
        has_content=np.array([record.get("content") is not None for record in records], dtype=bool),
        counts=counts,
        masses=masses,
        has_counts=has_counts,
        has_masses=has_masses,
        reviewers=_numbers(records, "reviewer_count"),
    )


def joined_columns(parts: Sequence[ItemColumns]) -> ItemColumns:
    """The columns of several blocks as one; at least one block."""
    columns = {field.name: [getattr(part, field.name) for part in parts] for field in fields(ItemColumns)}
    joined: dict[str, Any] = {
        name: np.concatenate(blocks) if isinstance(blocks[0], np.ndarray) else list(chain.from_iterable(blocks))
        for name, blocks in columns.items()
    }
    return ItemColumns(**joined)


def suspect_rows(records: Sequence[Fields], columns: ItemColumns, labels: Sequence[str]) -> set[int]:
    """Rows that may break a rule of `integrity.RULES`; all others keep them.

    Args:
        records: plain soft labels, so without rationales, confidence and adjudicated label.
        columns: the same records as columns.
        labels: the labels that may occur.
    """
    known = frozenset(labels)
    suspects = {row for row, record in enumerate(records) if record.get("gold_label") not in known | {None}}
    for key in ("counts", "distribution"):
        given = [record.get(key) or {} for record in records]
        if not known.issuperset(chain.from_iterable(given)):
            suspects.update(row for row, members in enumerate(given) if not known.issuperset(members))
    return suspects.union(np.flatnonzero(_may_be_wrong(columns, _numbers(records, "entropy_bits"))).tolist())


def _may_be_wrong(columns: ItemColumns, entropy_bits: FloatArray) -> BoolArray:
    """The rules on votes, masses and entropy, each a little stricter than it is."""
    counts, masses, reviewers = columns.counts, columns.masses, columns.reviewers
    has_counts, has_masses, stated = columns.has_counts, columns.has_masses, ~np.isnan(reviewers)
    total = counts.sum(axis=1)
    wrong: BoolArray = (counts > MOST_VOTES).any(axis=1) | (reviewers > MOST_VOTES)
    wrong |= has_counts & (total == 0)
    wrong |= ~has_counts & ~(has_masses & stated)
    wrong |= has_masses & (np.abs(masses.sum(axis=1) - 1.0) > SUM_TOLERANCE - _MARGIN)
    wrong |= has_counts & stated & (total != reviewers)
    apart = np.abs(masses * total[:, None] - counts).max(axis=1, initial=0.0)
    wrong |= has_counts & has_masses & (apart > VOTE_TOLERANCE)
    if not np.isnan(entropy_bits).all():
        off = np.abs(_entropy_bits(np.where(has_masses[:, None], masses, counts)) - entropy_bits)
        wrong |= ~np.isnan(entropy_bits) & ~(off < ENTROPY_TOLERANCE_BITS - _MARGIN)
    return wrong


def _entropy_bits(weights: FloatArray) -> FloatArray:
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: FloatArray = -(shares * logs).sum(axis=1)
    return entropy


def _table(given: Sequence[Mapping[str, float] | None], labels: Sequence[str]) -> tuple[FloatArray, BoolArray]:
    """(n_items, n_labels) the members of each object, 0 where a label is absent; and which objects are given."""
    table = np.zeros((len(given), len(labels)))
    if given.count(None) == len(given):
        return table, np.zeros(len(given), dtype=bool)
    members = [value or {} for value in given]
    for column, label in enumerate(labels):
        table[:, column] = _floats([value.get(label, 0.0) for value in members])
    return table, np.array([value is not None for value in given], dtype=bool)


def _numbers(records: Iterable[Fields], key: str) -> FloatArray:
    return _floats([record.get(key) for record in records])


def _floats(values: Sequence[float | None]) -> FloatArray:
    """The numbers, None as NaN. Whole numbers that no float can hold are a problem anyway, and cut."""
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return np.array([None if value is None else min(value, 2 * MOST_VOTES) for value in values], np.float64)
