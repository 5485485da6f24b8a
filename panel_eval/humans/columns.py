"""Soft labels as columns, block by block, and which of them certainly keep the rules of `integrity`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from panel_eval.humans.integrity import ENTROPY_TOLERANCE_BITS, MOST_VOTES, SUM_TOLERANCE, VOTE_TOLERANCE
from panel_eval.stats.arrays import BoolArray, FloatArray

_MARGIN = 1e-9
"""What lies this close to a rule's limit is left to the rule, which adds in another order."""


@dataclass(frozen=True, eq=False)
class GivenVotes:
    """The votes on some items as the file gives them.

    Attributes:
        counts, masses: (n_items, n_labels), 0 where a label is not named.
        has_counts, has_masses: (n_items,) whether they are given at all.
        reviewers: (n_items,) the number of reviewers as stated, NaN where it is not.
    """

    counts: FloatArray
    masses: FloatArray
    has_counts: BoolArray
    has_masses: BoolArray
    reviewers: FloatArray


@dataclass(frozen=True, eq=False)
class ItemColumns:
    """What scoring needs of some items.

    Attributes:
        item_ids, tasks: (n_items,)
        reported: (n_items,) the class as reported.
        clusters: (n_items,) as named in the file.
        has_content: (n_items,) whether the record brings its own content.
        counts, counts_known, distribution: see `HumanLabels`.
    """

    item_ids: list[str]
    tasks: list[str]
    reported: list[str | None]
    clusters: list[str | None]
    has_content: BoolArray
    counts: FloatArray
    counts_known: BoolArray
    distribution: FloatArray

    def __len__(self) -> int:
        return len(self.item_ids)


TextT = TypeVar("TextT", str, str | None)


class RecordFields:
    """The fields of some records, key by key.

    Args:
        records: parsed records; keys may be absent.
    """

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._records = records
        self._named = frozenset(chain.from_iterable(records))

    def values(self, key: str) -> list[Any]:
        """The value of every record, None where it has none. Most files lack most keys; those cost nothing."""
        if key not in self._named:
            return [None] * len(self._records)
        return [record.get(key) for record in self._records]


def given_votes(fields: RecordFields, labels: Sequence[str]) -> GivenVotes:
    """The votes in records that their model accepts; labels that are not in `labels` are left out."""
    counts, has_counts = _table(fields.values("counts"), labels)
    masses, has_masses = _table(fields.values("distribution"), labels)
    return GivenVotes(counts, masses, has_counts, has_masses, _floats(fields.values("reviewer_count")))


def item_columns(fields: RecordFields, given: GivenVotes) -> ItemColumns:
    """The columns of records that keep all rules; of others the numbers mean nothing."""
    counts, known, distribution = _votes(given)
    return ItemColumns(
        item_ids=compact(fields.values("item_id")),
        tasks=shared(fields.values("task")),
        reported=shared(fields.values("disagreement_class")),
        clusters=shared(fields.values("cluster")),
        has_content=_present(fields.values("content")),
        counts=counts,
        counts_known=known,
        distribution=distribution,
    )


def compact(texts: Sequence[str]) -> list[str]:
    """The same strings, made anew side by side: left where they were parsed, they would keep that memory in use."""
    return pa.array(texts, pa.string()).to_pylist()  # type: ignore[no-any-return]


def shared(texts: Sequence[TextT]) -> list[TextT]:
    """The same strings, equal ones as one object."""
    one = dict(zip(texts, texts, strict=True))
    return [one[text] for text in texts]


def _votes(given: GivenVotes) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Counts, whether they are known, and shares (METHODS 7.7)."""
    reviewers = np.where(np.isnan(given.reviewers), given.counts.sum(axis=1), given.reviewers)[:, None]
    raw = np.where(given.has_counts[:, None], given.counts, given.masses * reviewers)
    whole = np.rint(raw)
    known = (np.abs(raw - whole) <= VOTE_TOLERANCE + 1e-9).all(axis=1, keepdims=True)
    known &= whole.sum(axis=1, keepdims=True) == reviewers
    weights = np.where(known, whole, raw)
    total = weights.sum(axis=1, keepdims=True)
    distribution = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return np.where(known, whole, distribution * reviewers), known[:, 0], distribution


def joined_columns(parts: Sequence[ItemColumns]) -> ItemColumns:
    """The columns of several blocks as one."""
    if not parts:
        nothing = RecordFields([])
        return item_columns(nothing, given_votes(nothing, ()))
    columns = {field.name: [getattr(part, field.name) for part in parts] for field in dataclass_fields(ItemColumns)}
    joined: dict[str, Any] = {
        name: np.concatenate(blocks) if isinstance(blocks[0], np.ndarray) else list(chain.from_iterable(blocks))
        for name, blocks in columns.items()
    }
    return ItemColumns(**joined)


def suspect_rows(fields: RecordFields, given: GivenVotes, labels: Sequence[str]) -> set[int]:
    """Rows that may break a rule of `integrity.RULES`; all others keep them.

    Args:
        fields: plain soft labels, so without rationales, confidence and adjudicated label.
        given: their votes.
        labels: the labels that may occur.
    """
    known = frozenset(labels)
    gold = fields.values("gold_label")
    suspects = set() if (known | {None}).issuperset(gold) else _rows(gold, lambda label: label in known | {None})
    for key in ("counts", "distribution"):
        objects = fields.values(key)
        if not known.issuperset(chain.from_iterable(filter(None, objects))):
            suspects |= _rows(objects, lambda members: known.issuperset(members or ()))
    return suspects.union(np.flatnonzero(_may_be_wrong(given, _floats(fields.values("entropy_bits")))).tolist())


def _rows(values: Sequence[Any], fits: Callable[[Any], bool]) -> set[int]:
    """Positions of the values that do not fit."""
    return {row for row, value in enumerate(values) if not fits(value)}


def _may_be_wrong(given: GivenVotes, entropy_bits: FloatArray) -> BoolArray:
    """The rules on votes, masses and entropy, each a little stricter than it is."""
    counts, masses, reviewers = given.counts, given.masses, given.reviewers
    has_counts, has_masses, stated = given.has_counts, given.has_masses, ~np.isnan(reviewers)
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
    if given.count(None) < len(given):
        members = [value or {} for value in given]
        for column, label in enumerate(labels):
            table[:, column] = _floats([value.get(label, 0.0) for value in members])
    return table, _present(given)


def _present(values: Sequence[object]) -> BoolArray:
    if values.count(None) == len(values):
        return np.zeros(len(values), dtype=bool)
    return np.array([value is not None for value in values], dtype=bool)


def _floats(values: Sequence[float | None]) -> FloatArray:
    """The numbers, None as NaN. Whole numbers that no float can hold are a problem anyway, and cut."""
    if values.count(None) == len(values):
        return np.full(len(values), np.nan)
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return np.array([None if value is None else min(value, 2 * MOST_VOTES) for value in values], np.float64)
