"""Single votes of judges on labelled items, with the label order that each was asked in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.pooling import VoteTable
from panel_eval.pooling.standing import votes_replaced
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

NO_ORDER = -1
"""The order of a vote that names none, or one that is not all the labels once."""


@dataclass(frozen=True)
class RecordedVotes:
    """The votes that stand, by item, judge and sample; (n_votes,) arrays unless said otherwise.

    Attributes:
        table: the votes.
        item: row of the item.
        judge: row of the judge.
        order: code of the label order, or `NO_ORDER`.
        orders: (n_orders, n_labels) positions of labels in the order shown; rows rise.
    """

    table: VoteTable
    item: IntArray
    judge: IntArray
    order: IntArray
    orders: IntArray

    def __len__(self) -> int:
        return len(self.item)

    @property
    def cell(self) -> IntArray:
        """(n_votes,) one number for each item and judge, from 0, rising."""
        places: IntArray = np.unique(
            self.item * (int(self.judge.max(initial=0)) + 1) + self.judge, return_inverse=True
        )[1]
        return places

    def take(self, which: BoolArray) -> RecordedVotes:
        """The votes in a mask."""
        rows = np.flatnonzero(which)
        return RecordedVotes(
            self.table.take(rows), self.item[rows], self.judge[rows], self.order[rows], self.orders
        )

    def shares(self, labels: Sequence[str]) -> FloatArray:
        """(n_votes, n_labels) what each vote says: one label, or its distribution; NaN rows for unusable votes."""
        columns = self.table.columns
        position = {label: place for place, label in enumerate(labels)}
        place = np.array([position.get(label, -1) for label in columns.labels] + [-1], dtype=np.int64)
        said = np.zeros((len(self), len(labels)))
        chosen = np.flatnonzero(place[columns.label] >= 0)
        said[chosen, place[columns.label[chosen]]] = 1.0
        np.add.at(said, (columns.shares.vote, place[columns.shares.label]), columns.shares.mass)
        total = said.sum(axis=1, keepdims=True)
        shares: FloatArray = np.divide(said, total, out=np.full(said.shape, np.nan), where=total > 0)
        return shares


def recorded_votes(votes: VoteTable, humans: HumanLabels, judge_ids: Sequence[str]) -> RecordedVotes:
    """The votes of some judges on some items; the order of votes does not matter.

    Args:
        votes: any votes; those that were asked again count once.
        humans: the items.
        judge_ids: the judges.

    Raises:
        InputError: two votes claim the same item, judge and sample.
    """
    item = _rows(votes.columns.item_ids, humans.index)[votes.columns.item]
    judge = _rows(votes.columns.judges, {name: row for row, name in enumerate(judge_ids)})[votes.columns.judge]
    kept = np.flatnonzero((item >= 0) & (judge >= 0))
    table = votes.take(kept)
    standing = np.delete(np.arange(len(kept)), np.concatenate(votes_replaced(table)))
    own_item, own_judge = item[kept[standing]], judge[kept[standing]]
    in_order = np.lexsort((table.columns.sample[standing], own_judge, own_item))
    table = table.take(standing[in_order])
    order, orders = _label_orders(table, humans.labels)
    return RecordedVotes(table, own_item[in_order], own_judge[in_order], order, orders)


def _rows(names: Sequence[str], index: dict[str, int]) -> IntArray:
    return np.fromiter(map(index.get, names, repeat(-1)), dtype=np.int64, count=len(names))


def _label_orders(table: VoteTable, labels: Sequence[str]) -> tuple[IntArray, IntArray]:
    """The order of each vote as a code, and the orders."""
    if "label_order" not in table.columns.named:
        return np.full(len(table), NO_ORDER), np.empty((0, len(labels)), dtype=np.int64)
    given = [_positions(fields.get("label_order"), labels) for block in table.field_blocks() for fields in block]
    known = sorted({order for order in given if order is not None})
    code = {order: place for place, order in enumerate(known)}
    codes = np.array([NO_ORDER if order is None else code[order] for order in given], dtype=np.int64)
    return codes, np.array(known, dtype=np.int64).reshape(len(known), len(labels))


def _positions(order: Sequence[str] | None, labels: Sequence[str]) -> tuple[int, ...] | None:
    """The order as positions of labels; None if it is not all labels once."""
    if order is None or len(order) != len(labels) or set(order) != set(labels):
        return None
    return tuple(labels.index(label) for label in order)
