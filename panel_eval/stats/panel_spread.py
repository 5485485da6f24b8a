"""Where a panel's uncertainty comes from: each judge's own, or disagreement between judges.

All take the judges' distributions (n_judges, n_items, n_labels), rows NaN throughout where a judge did not answer,
and return (n_items,) bits. Judges that answered count equally; NaN where none did. Judges known only by one hard
vote have no spread of their own, so all of it shows as between judges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from panel_eval.stats.arrays import BoolArray, FloatArray, as_distributions, quotient, row_sums
from panel_eval.stats.divergence import LN2
from panel_eval.stats.entropy import entropy_bits

_BLOCK = 1 << 16
"""Items corrected at a time, so that memory does not grow with them."""


@dataclass(frozen=True)
class PanelSpread:
    """Spread of a panel on each item, in bits.

    Attributes:
        within: (n_items,) mean entropy of the judges' own distributions.
        total: (n_items,) entropy of their equally weighted pool.
        plain_within: (n_items,) within before it was corrected for the few votes behind it.
        plain_total: (n_items,) total likewise.
        corrected: (n_items,) whether the item could be corrected.
    """

    within: FloatArray
    total: FloatArray
    plain_within: FloatArray
    plain_total: FloatArray
    corrected: BoolArray

    @property
    def between(self) -> FloatArray:
        """(n_items,) total less within. Where corrected, an item's can be negative: only averages mean a lot."""
        return np.asarray(self.total - self.within)

    @property
    def plain_between(self) -> FloatArray:
        """(n_items,) the same before the correction, never negative."""
        return np.maximum(self.plain_total - self.plain_within, 0.0)


def total_spread_bits(q_judges: FloatArray) -> FloatArray:
    """Entropy of the equally weighted pool of the judges, in bits; within plus between.

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    q, answered = _answers(q_judges)
    return entropy_bits(_mean_over_judges(q, answered[:, :, None]))


def within_judge_bits(q_judges: FloatArray) -> FloatArray:
    """Mean entropy of the judges' own distributions, in bits: the spread each judge sees in the item.

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    q, answered = _answers(q_judges)
    entropies = entropy_bits(q.reshape(-1, q.shape[2])).reshape(answered.shape)
    return _mean_over_judges(entropies, answered)


def between_judge_bits(q_judges: FloatArray) -> FloatArray:
    """Jensen-Shannon spread among the judges, in bits: total less within, in [0, log2 n_judges].

    Args:
        q_judges: (n_judges, n_items, n_labels).

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: wrong shape or rows that are not distributions.
    """
    return np.maximum(total_spread_bits(q_judges) - within_judge_bits(q_judges), 0.0)


def corrected_spread(q_judges: FloatArray, votes: FloatArray) -> PanelSpread:
    """Within-judge and total spread, corrected for the few votes that each judge cast.

    The entropy of R votes is too low by about (K - 1) / 2R nats, that of a pool of M judges only by a part of it:
    judges who agree perfectly seem to differ by about (K - 1)(M - 1) / (2 M R) (METHODS 6.2). Both terms are
    corrected by the jackknife: a vote of judge j is left out, the entropy changes by d, and (R_j - 1) times the
    mean d is taken off, summed over the judges whose votes the entropy is made of. Like Miller and Madow's
    correction it removes the bias of order 1 / R, but leaves far less where labels are rare.

    Args:
        q_judges: (n_judges, n_items, n_labels).
        votes: (n_judges, n_items) labels that each judge cast, 0 where it did not answer, inf where its
            distribution is stated or computed rather than counted, and needs no correction.

    Returns:
        The spreads. An item with a judge of one single vote is left as it is: one vote says nothing of its spread.

    Raises:
        ValueError: wrong shapes or rows that are not distributions.

    Notes:
        Averages are right within .02 bits from 10 votes a judge on (3 to 5 labels) and within .1 from 5; with 2 or
        3, judges who agree still seem to differ.

    References:
        Efron & Stein (1981), "The jackknife estimate of variance"; Miller (1955).
    """
    q, cast = np.asarray(q_judges, dtype=np.float64), np.asarray(votes, dtype=np.float64)
    if cast.shape != q.shape[:2]:
        raise ValueError(f"votes must be {q.shape[:2]}, got shape {cast.shape}")
    starts = range(0, max(cast.shape[1], 1), _BLOCK)
    blocks = [_corrected_block(q[:, first : first + _BLOCK], cast[:, first : first + _BLOCK]) for first in starts]
    return PanelSpread(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _corrected_block(
    q_judges: FloatArray, cast: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray]:
    """The fields of `PanelSpread` for some of the items."""
    q, answered = _answers(q_judges)
    counted = answered & np.isfinite(cast)
    corrected = np.asarray(answered.any(axis=0) & ~(counted & (cast < 2)).any(axis=0))
    judges = answered.sum(axis=0)
    pool = _mean_over_judges(q, answered[:, :, None])
    plain_within, plain_total = within_judge_bits(q), entropy_bits(pool)
    within, total = plain_within.copy(), plain_total.copy()
    for own, number, usable in zip(q, cast, counted & corrected, strict=True):
        rows = np.flatnonzero(usable)
        if rows.size:
            share = 1.0 / judges[rows]
            within[rows] += share * _jackknife_bits(own[rows], own[rows], number[rows], np.ones(rows.size))
            total[rows] += _jackknife_bits(pool[rows], own[rows], number[rows], share)
    return within, total, plain_within, plain_total, corrected


def _jackknife_bits(mixture: FloatArray, own: FloatArray, votes: FloatArray, share: FloatArray) -> FloatArray:
    """What leaving out one vote of a judge, in turn, says the entropy of a mixture is too low by, in bits.

    Args:
        mixture: (n_items, n_labels) distribution that the judge's is a part of.
        own: (n_items, n_labels) the judge's shares of votes.
        votes: (n_items,) votes behind them, at least 2.
        share: (n_items,) part that the judge has in the mixture.
    """
    whole = row_sums(entr(mixture))
    correction = np.zeros(len(mixture))
    for label in range(mixture.shape[1]):
        rows = np.flatnonzero(own[:, label] > 0)
        mine, n = own[rows], votes[rows]
        without = mine * n[:, None]
        without[:, label] -= 1.0
        without /= (n - 1.0)[:, None]
        changed = mixture[rows] + share[rows][:, None] * (without - mine)
        # A label that only this vote chose comes to zero but for rounding, maybe below it.
        change = row_sums(entr(np.maximum(changed, 0.0))) - whole[rows]
        correction[rows] -= (n - 1.0) * mine[:, label] * change
    bits: FloatArray = correction / LN2
    return bits


def _answers(q_judges: FloatArray) -> tuple[FloatArray, BoolArray]:
    q = np.asarray(q_judges, dtype=np.float64)
    if q.ndim != 3:
        raise ValueError(f"q_judges must be (n_judges, n_items, n_labels), got shape {q.shape}")
    rows = as_distributions(q.reshape(-1, q.shape[2]), "q_judges", nan_rows=True)
    return rows.reshape(q.shape), ~np.isnan(q[:, :, 0])


def _mean_over_judges(values: FloatArray, answered: BoolArray) -> FloatArray:
    return quotient(np.where(answered, values, 0.0).sum(axis=0), answered.sum(axis=0))
