"""What people drawn from an item's posterior would score, in closed form.

An item's population is Dir(alpha). A fresh panel of n people is multinomial given the population, so the votes for
one label are beta-binomial: a score that is a sum over labels has an exact expectation, and nothing is drawn.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from panel_eval.stats.arrays import FloatArray, IntArray, as_distributions, as_vector, row_sums

_TINY = float(np.finfo(np.float64).tiny)


def fresh_panel_cross_entropy_bits(
    alpha: FloatArray, n: int | IntArray, pseudo_votes: FloatArray, target: FloatArray | None = None
) -> FloatArray:
    """Expected cross-entropy, in bits a vote, of the smoothed shares of n fresh people.

    E[-sum_k t_k log2 q_k] with q_k = (V_k + a_k) / (n + sum a) and V_k ~ beta-binomial(n, alpha_k, S - alpha_k).
    Against the population itself, t_k given V_k = v is (alpha_k + v) / (S + n).

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters of the populations, above 0; S is a row's sum.
        n: people on each panel, one number or (n_items,), at least 1.
        pseudo_votes: (n_labels,) the a_k that smoothing adds to the votes; 0 = unsmoothed.
        target: (n_items, n_labels) shares that are scored against; None for the population the people come from.

    Returns:
        (n_items,) bits; inf where an unsmoothed panel can miss a label of the target.

    Raises:
        ValueError: shapes that do not fit, parameters not above 0, fewer than one person.
    """
    a, people = _populations(alpha, n)
    extra = as_vector(pseudo_votes, "pseudo_votes", a.shape[1])
    if target is not None and np.shape(target) != a.shape:
        raise ValueError(f"target must be {a.shape}, got shape {np.shape(target)}")
    total = row_sums(a)[:, None]
    rest = total - a
    log_chance = betaln(a, rest + people) - betaln(a, rest)
    surprise = np.zeros_like(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        for votes in range(int(people.max(initial=0.0)) + 1):
            weight = np.exp(log_chance)
            if target is None:
                weight *= (a + votes) / (total + people)
            surprise += np.where(weight > 0, weight * -np.log2(votes + extra), 0.0)
            # Chance of one vote more; beyond n there is none.
            ratio = np.maximum(people - votes, 0.0) * (a + votes) / (votes + 1.0)
            log_chance += np.log(ratio / np.maximum(rest + people - votes - 1.0, _TINY))
        if target is not None:
            surprise = np.where(target > 0, target * surprise, 0.0)
    bits: FloatArray = row_sums(surprise) + np.log2(people[:, 0] + extra.sum())
    return bits


def scale_spread(p: FloatArray, n: FloatArray | IntArray) -> FloatArray:
    """Unbiased estimate of sum_k F*_k (1 - F*_k): the ranked probability score that a perfect forecast still has.

    sum_{k<K} F_k (1 - F_k) * n / (n - 1), for F the cumulative shares of n votes. The ordinal sister of `impurity`.

    Args:
        p: (n_items, n_labels) shares in scale order.
        n: (n_items,) reviewers.

    Returns:
        (n_items,) estimates, NaN where n < 2.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    below = np.cumsum(as_distributions(p, "p"), axis=1)[:, :-1]
    people = as_vector(n, "n", len(below))
    spare = np.where(people >= 2.0, people - 1.0, np.nan)
    return row_sums(np.maximum(below * (1.0 - below), 0.0)) * people / spare


def expected_scale_spread(alpha: FloatArray) -> FloatArray:
    """E[sum_k F_k (1 - F_k)] for p ~ Dir(alpha): sum_{k<K} B_k (S - B_k) / (S (S + 1)), B the cumulated alpha.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters in scale order, above 0.

    Returns:
        (n_items,).

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.
    """
    cumulated = np.cumsum(_parameters(alpha), axis=1)
    below, total = cumulated[:, :-1], cumulated[:, -1:]
    return row_sums(below * (total - below) / (total * (total + 1.0)))


def _populations(alpha: FloatArray, n: int | IntArray) -> tuple[FloatArray, FloatArray]:
    """Checked parameters, and (n_items, 1) people."""
    a = _parameters(alpha)
    people = np.broadcast_to(np.asarray(n, dtype=np.float64), len(a))[:, None]
    if not (people >= 1).all():
        raise ValueError("n must be at least 1")
    return a, people


def _parameters(alpha: FloatArray) -> FloatArray:
    a = np.asarray(alpha, dtype=np.float64)
    if a.ndim != 2 or a.shape[1] < 2 or not (a > 0).all():
        raise ValueError(f"alpha must be (n_items, at least 2 labels) and above 0, got shape {a.shape}")
    return a
