"""How sure a disagreement class is: the classes of the populations that an item's votes allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, as_distributions
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.posterior_predictive import draw_populations

POPULATION_CLASSES: tuple[str, ...] = ("agreement", "minor", "major", "unresolved")
"""What a population can be; the codes of `population_class` are positions in it."""

NEAR_TIE = 0.1
"""Two leading labels whose shares differ by less are a tie: shares of a population are never exactly equal."""
ALL_BUT_STRAY = 0.9
"""The share that counts as everyone, as in the rule for agreement."""

_AGREEMENT, _MINOR, _MAJOR, _UNRESOLVED = range(4)
_BLOCK = 50_000
"""Populations drawn at a time."""


@dataclass(frozen=True)
class ClassMoments:
    """Posterior expectations of an item, split by the class its population has.

    Attributes:
        probability: (n_items, 4) P(class); rows sum to 1.
        mass: (n_items, 4, n_labels) E[p_k 1(class)]; sums over classes to the posterior mean.
        entropy_bits: (n_items, 4) E[H(p) 1(class)].
    """

    probability: FloatArray
    mass: FloatArray
    entropy_bits: FloatArray


def population_class(p: FloatArray, ordinal: bool = False) -> IntArray:
    """Class of whole populations, by rules that match those for votes.

    With p1 >= p2 the two largest shares, first rule that holds: p1 - p2 < 0.1 unresolved; p1 >= 0.9 agreement;
    p1 >= 2/3 minor; else major. On ordinal scales minor becomes major if the dispersion
    4 / (K - 1) sum_k F_k (1 - F_k) is at least 1/2; then major becomes minor if two neighbouring labels hold at
    least 0.9 and one label more than half.

    Args:
        p: (n, n_labels), rows summing to 1, labels in scale order if ordinal.
        ordinal: whether the labels have an order.

    Returns:
        (n,) positions in `POPULATION_CLASSES`.

    Raises:
        ValueError: rows that are not distributions.

    Notes:
        METHODS 7.4 counts near ties within major and states their share beside it; here they are taken out of
        major, so that the four classes exclude one another as those of votes do. A near tie has p1 < 0.55, so
        agreement and minor are the same under either reading.

    References:
        METHODS 7.3 and 7.4; Blair and Lacy (2000), "Statistics of Ordinal Variation".
    """
    shares = as_distributions(p, "p")
    top, second = shares[:, 0].copy(), np.zeros(len(shares))
    for column in shares.T[1:]:  # several times faster than sorting short rows
        np.maximum(second, np.minimum(top, column), out=second)
        np.maximum(top, column, out=top)
    codes = np.full(len(shares), _MAJOR, dtype=np.int64)
    codes[top >= 2.0 / 3.0] = _MINOR
    codes[top >= ALL_BUT_STRAY] = _AGREEMENT
    if ordinal and shares.shape[1] > 1:
        below = np.cumsum(shares, axis=1)[:, :-1]
        dispersed = 4.0 / (shares.shape[1] - 1) * (below * (1.0 - below)).sum(axis=1) >= 0.5
        codes[(codes == _MINOR) & dispersed] = _MAJOR
        neighbours = (shares[:, 1:] + shares[:, :-1]).max(axis=1) >= ALL_BUT_STRAY
        codes[(codes == _MAJOR) & neighbours & (top > 0.5)] = _MINOR
    codes[top - second < NEAR_TIE] = _UNRESOLVED
    return codes


def class_moments(
    alpha: FloatArray, draws: int, generator: np.random.Generator, ordinal: bool = False
) -> ClassMoments:
    """Probability of each class and what is expected of the population within it, by drawing from the posterior.

    The error of a probability P is about sqrt(P (1 - P) / draws).

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        draws: populations drawn for each item.
        generator: source of randomness.
        ordinal: whether the labels have an order.

    Raises:
        ValueError: wrong shape, parameters that are not above 0, or fewer than one draw.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    step = max(1, _BLOCK // draws)
    blocks = [
        _block_moments(alpha[first : first + step], draws, generator, ordinal)
        for first in range(0, len(alpha), step)
    ] or [_block_moments(alpha, draws, generator, ordinal)]
    return ClassMoments(
        np.concatenate([block.probability for block in blocks]),
        np.concatenate([block.mass for block in blocks]),
        np.concatenate([block.entropy_bits for block in blocks]),
    )


def _block_moments(alpha: FloatArray, draws: int, generator: np.random.Generator, ordinal: bool) -> ClassMoments:
    n_items, n_classes = len(alpha), len(POPULATION_CLASSES)
    populations = draw_populations(np.repeat(alpha, draws, axis=0), generator)
    cell = n_classes * np.repeat(np.arange(n_items), draws) + population_class(populations, ordinal)

    def mean(values: FloatArray | None) -> FloatArray:
        sums = np.bincount(cell, values, minlength=n_items * n_classes)
        return sums.reshape(n_items, n_classes) / draws

    mass = np.stack([mean(column) for column in populations.T], axis=2)
    return ClassMoments(mean(None), mass, mean(entropy_bits(populations)))
