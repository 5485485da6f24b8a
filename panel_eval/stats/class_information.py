"""What further votes on an item would tell about the class of its population."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from math import comb, factorial

import numpy as np
from scipy.special import entr

from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.class_probability import POPULATION_CLASSES, population_class
from panel_eval.stats.divergence import LN2
from panel_eval.stats.posterior_predictive import draw_populations

_MOST_COLUMNS = 600
"""Outcomes of further votes that are told apart, over all numbers of them, if fewer labels will do."""
_FEWEST_TOLD_APART = 3
_CELLS = 1 << 17
"""Likelihoods held at a time: as many as stay close to the processor."""


@dataclass(frozen=True)
class ClassInformation:
    """What is unknown about the classes of some items, and what further votes would take of it.

    Attributes:
        probability: (n_items, 4) P(class), as `POPULATION_CLASSES`.
        entropy_bits: (n_items,) H(class), from 0 to 2.
        gain_bits: (n_items, most + 1) I(class; y_1 … y_m) for m = 0 … most; not negative, and never falls with m.
        told_apart: labels whose votes are told apart: the likeliest of the item; the rest count as one.
    """

    probability: FloatArray
    entropy_bits: FloatArray
    gain_bits: FloatArray
    told_apart: int


def class_information(
    alpha: FloatArray, most: int, draws: int, generator: np.random.Generator, ordinal: bool = False
) -> ClassInformation:
    """Expected fall of the entropy of the class in m further votes, m = 0 … most.

    Populations p_d are drawn from Dirichlet(alpha) and classed. All outcomes o of m votes are gone through; the
    likelihood of o under p_d is multinomial, so that P(class, o) is a mean over draws and
    gain = H(class) - sum_o P(o) H(class given o). The same draws serve all m: the gain is the exact mutual
    information under the drawn populations, hence not negative and never falling. It is somewhat too high where
    draws are few: with 1,000 of them by less than 0.002 bits for a vote on three labels.

    Where labels are many the votes for all but the item's likeliest ones count as one outcome: what is told apart
    less tells less, so that the gain is then a lower bound.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        most: further votes to look ahead to, at least 1.
        draws: populations drawn for each item.
        generator: source of randomness.
        ordinal: whether the labels have an order.

    Raises:
        ValueError: wrong shape, parameters that are not above 0, fewer than one draw or one vote.
    """
    if draws < 1 or most < 1:
        raise ValueError(f"draws and most must be at least 1, got {draws} and {most}")
    parameters = np.asarray(alpha, dtype=np.float64)
    told = labels_told_apart(parameters.shape[1], most)
    found = [_of_item(row, most, draws, generator, ordinal, told) for row in parameters]
    probability = np.array([own for own, _ in found]).reshape(-1, len(POPULATION_CLASSES))
    gain = np.array([own for _, own in found]).reshape(-1, most + 1)
    return ClassInformation(probability, entr(probability).sum(axis=1) / LN2, gain, told)


def labels_told_apart(n_labels: int, most: int) -> int:
    """How many outcomes a vote is given: all labels, or the likeliest ones and one for the rest."""
    told = n_labels
    while told > _FEWEST_TOLD_APART and outcomes(told, most) > _MOST_COLUMNS:
        told -= 1
    return told


def outcomes(labels: int, most: int) -> int:
    """Number of different counts that 1 … most votes over so many labels can have."""
    return comb(most + labels, most) - 1


def _of_item(
    alpha: FloatArray, most: int, draws: int, generator: np.random.Generator, ordinal: bool, told: int
) -> tuple[FloatArray, FloatArray]:
    """(4,) P(class), and (most + 1,) gains in bits."""
    populations = draw_populations(np.broadcast_to(alpha, (draws, alpha.size)), generator)
    codes = population_class(populations, ordinal)
    shares = _likeliest(populations, alpha, told)
    part = max(1, _CELLS // comb(most + told - 1, most))  # draws at a time
    joint = [np.zeros((grown.parent.size, len(POPULATION_CLASSES))) for grown in _tree(told, most)]
    for first in range(0, draws, part):
        some = shares[:, first : first + part]
        member = (codes[first : first + part, None] == np.arange(len(POPULATION_CLASSES))) / draws
        likelihood = np.ones((1, some.shape[1]))
        for m, grown in enumerate(_tree(told, most)):
            likelihood = likelihood[grown.parent] * some[grown.last]
            joint[m] += likelihood @ member
    probability = np.bincount(codes, minlength=len(POPULATION_CLASSES)) / draws
    entropy, gain = entr(probability).sum(), np.zeros(most + 1)
    for m, grown in enumerate(_tree(told, most)):
        chances = joint[m] * grown.orders[:, None]
        gain[m + 1] = entropy - (entr(chances).sum() - entr(chances.sum(axis=1)).sum())
    return probability, np.maximum.accumulate(np.maximum(gain, 0.0)) / LN2


def _likeliest(populations: FloatArray, alpha: FloatArray, told: int) -> FloatArray:
    """(told, draws) shares of the item's likeliest labels, the last of them with all others'."""
    if told == alpha.size:
        return np.ascontiguousarray(populations.T)
    ranked = populations[:, np.argsort(-alpha, kind="stable")].T
    return np.concatenate([ranked[: told - 1], ranked[told - 1 :].sum(axis=0, keepdims=True)])


@dataclass(frozen=True)
class _Grown:
    """Outcomes of some votes, each as one of a vote fewer and one vote more.

    Attributes:
        parent: (n_outcomes,) place of the outcome without its last vote.
        last: (n_outcomes,) label of the last vote.
        orders: (n_outcomes,) number of orders that the votes can come in.
    """

    parent: IntArray
    last: IntArray
    orders: FloatArray


@cache
def _tree(labels: int, most: int) -> tuple[_Grown, ...]:
    """The outcomes of 1 … most votes."""
    return tuple(_grown(labels, m) for m in range(1, most + 1))


def _grown(labels: int, m: int) -> _Grown:
    """An outcome is the rising tuple of its votes' labels."""
    place = {votes: row for row, votes in enumerate(combinations_with_replacement(range(labels), m - 1))}
    grown = list(combinations_with_replacement(range(labels), m))
    counts = np.array([np.bincount(votes, minlength=labels) for votes in grown])
    factorials = np.array([float(factorial(c)) for c in range(m + 1)])
    return _Grown(
        np.array([place[votes[:-1]] for votes in grown], dtype=np.int64),
        np.array([votes[-1] for votes in grown], dtype=np.int64),
        factorials[m] / factorials[counts].prod(axis=1),
    )
