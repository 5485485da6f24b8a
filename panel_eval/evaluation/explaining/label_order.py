"""What one item's answers owe to the order of labels and to the chance of asking again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.means import finite_or_none
from panel_eval.evaluation.recorded_votes import NO_ORDER, RecordedVotes
from panel_eval.schema.explanation import LabelOrderEffect, Pairs, Repetition
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.position_bias import place_counts, position_excess

MOST_VOTES: Final = 1_000
"""Most answers to an item that are paired and permuted; of more, as many are picked at random."""
FEWEST_TESTED: Final = 12
"""Answers below which a test of places could hardly find anything."""
_SHUFFLES: Final = 4_999
_CELLS: Final = 1 << 21
_SEED: Final = 79


@dataclass(frozen=True)
class Answers:
    """The usable answers to one item.

    Attributes:
        shares: (n, n_labels) what each says.
        judge: (n,) code of the judge, rising.
        order: (n,) code of the label order, or `NO_ORDER`.
        orders: (n_orders, n_labels) positions of labels in the order shown.
    """

    shares: FloatArray
    judge: IntArray
    order: IntArray
    orders: IntArray

    @classmethod
    def of(cls, votes: RecordedVotes, shares: FloatArray, seed: int) -> Answers:
        """The answers among the votes on one item, at most `MOST_VOTES` of them."""
        rows = np.flatnonzero(~np.isnan(shares[:, 0]))
        if rows.size > MOST_VOTES:
            rows = np.sort(np.random.default_rng([seed, _SEED]).choice(rows, MOST_VOTES, replace=False))
        return cls(shares[rows], votes.judge[rows], votes.order[rows], votes.orders)


def repetition(answers: Answers) -> Repetition:
    """How many pairs of answers name different labels: ties that share a label do not.

    Where the order of any answer is not known, all count as of one order: which pairs differ in it cannot be told.
    """
    modes = mode_sets(answers.shares).astype(np.float64)
    apart = np.asarray(modes @ modes.T == 0)
    upper = np.triu(np.ones(apart.shape, dtype=np.bool_), 1)
    one_judge = answers.judge[:, None] == answers.judge
    known = bool((answers.order != NO_ORDER).all())
    one_order = np.asarray((answers.order[:, None] == answers.order) | (not known))

    def pairs(kind: BoolArray) -> Pairs:
        return Pairs(pairs=int((kind & upper).sum()), apart=int((kind & upper & apart).sum()))

    return Repetition(
        same_order=pairs(one_judge & one_order),
        other_order=pairs(one_judge & ~one_order),
        other_judge=pairs(~one_judge),
        orders_known=known,
    )


def label_order_effect(answers: Answers, seed: int) -> LabelOrderEffect | None:
    """Whether answers go with the place of their label; None where no judge was asked in two known orders.

    The test deals the label orders of each judge anew among its answers: were places of no matter, any deal would
    be as likely. Its statistic is sum over places of (answers with their label there - those expected)^2.

    Args:
        answers: to one item.
        seed: of the deals.

    References:
        Good (2005), "Permutation, Parametric and Bootstrap Tests of Hypotheses", on restricted permutations.
    """
    own = _of_judges_with_several_orders(answers)
    if not own.any():
        return None
    shares, judge = answers.shares[own], answers.judge[own]
    orders = answers.orders[answers.order[own]]
    n = len(shares)
    by_place = _by_place(shares, orders)
    note = None if n >= FEWEST_TESTED else f"no test: {n} answers, fewer than {FEWEST_TESTED}"
    first = place_counts(shares, orders[:, 0], np.zeros(n, dtype=np.int64), 1)
    return LabelOrderEffect(
        n_votes=n,
        n_orders=int(np.unique(answers.order[own]).size),
        mass_by_place=by_place.tolist(),
        first_excess=finite_or_none(position_excess(first)[0]),
        p_value=None if note else _permutation_p(shares, orders, judge, seed),
        note=note,
    )


def _of_judges_with_several_orders(answers: Answers) -> BoolArray:
    """(n,) answers in a known order of judges that were asked in two or more."""
    known = answers.order != NO_ORDER
    pairs = np.unique(np.column_stack([answers.judge[known], answers.order[known]]), axis=0)
    judges, orders = np.unique(pairs[:, 0], return_counts=True)
    return np.asarray(known & np.isin(answers.judge, judges[orders >= 2]))


def _by_place(shares: FloatArray, orders: IntArray) -> FloatArray:
    """Mass by the place of its label: (..., n, n_labels) orders -> (..., n_labels)."""
    placed = np.take_along_axis(np.broadcast_to(shares, orders.shape), orders, axis=-1)
    total: FloatArray = placed.sum(axis=-2)
    return total


def _permutation_p(shares: FloatArray, orders: IntArray, judge: IntArray, seed: int) -> float:
    n, n_labels = shares.shape
    generator = np.random.default_rng([seed, _SEED, 1])

    def statistic(by_place: FloatArray) -> FloatArray:
        apart: FloatArray = ((by_place - n / n_labels) ** 2).sum(axis=-1)
        return apart

    found = float(statistic(_by_place(shares, orders)))
    as_far, step = 0, max(1, _CELLS // (n * n_labels))
    for first in range(0, _SHUFFLES, step):
        keys = (
            generator.random((min(step, _SHUFFLES - first), n)) + 2.0 * judge
        )  # judges rise: each keeps its orders
        dealt = orders[np.argsort(keys, axis=1)]
        as_far += int((statistic(_by_place(shares, dealt)) >= found - 1e-9).sum())
    return (1 + as_far) / (1 + _SHUFFLES)
