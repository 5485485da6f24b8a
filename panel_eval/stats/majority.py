"""The hard label of a panel: which label most of n people choose, and how likely each label is to be it."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, as_distributions, row_sums

_ROWS = 2_048
"""Populations at a time: their polynomials stay in the processor's cache."""


def most_voted(votes: FloatArray) -> BoolArray:
    """Which labels have the most votes of their row; ties are kept as sets.

    Args:
        votes: (n, n_labels) whole numbers, not negative.

    Returns:
        (n, n_labels) mask, at least one True a row.

    Raises:
        ValueError: not two-dimensional, or no labels.
    """
    if votes.ndim != 2 or not votes.shape[1]:
        raise ValueError(f"votes must be (n, n_labels), got shape {votes.shape}")
    mask: BoolArray = votes == votes.max(axis=1, keepdims=True)
    return mask


def set_codes(sets: BoolArray) -> IntArray:
    """Which sets of labels are alike.

    Args:
        sets: (n, n_labels) masks.

    Returns:
        (n,) codes from 0.
    """
    if sets.shape[1] < 62:  # numbers are sorted far faster than rows
        keys = sets.astype(np.int64) @ (1 << np.arange(sets.shape[1], dtype=np.int64))
        return np.unique(keys, return_inverse=True)[1].reshape(-1)
    return np.unique(np.packbits(sets, axis=1), axis=0, return_inverse=True)[1].reshape(-1)


def majority_chances(p: FloatArray, n: int) -> FloatArray:
    """Chance of each label to be the hard label of n people: the most frequent one, ties settled by a fair coin.

    g_k = P(C_k > C_l for all l != k) + sum over ties E[1 / number of tied labels], for C ~ multinomial(n, p). This
    is what a model that fits the hard labels of such panels perfectly gives as its probabilities.

    With t votes on k and t > n / 2 nobody can tie: the binomial chance of t. For smaller t it is
    n! p_k^t / t! times the coefficient of x^(n - t) in the integral over z from 0 to 1 of
    prod_{l != k} (sum_{j < t} (p_l x)^j / j! + z (p_l x)^t / t!), as z^m integrates to 1 / (m + 1) for m other
    labels with t votes. Gauss and Legendre's nodes give the integral exactly.

    Args:
        p: (n_rows, n_labels), rows summing to 1.
        n: people on the panel, at least 1.

    Returns:
        (n_rows, n_labels), rows summing to 1.

    Raises:
        ValueError: rows that are not distributions, or fewer than one person.
    """
    rows = as_distributions(p, "p")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    found = np.empty(rows.shape)
    for first in range(0, len(rows), _ROWS):
        found[first : first + _ROWS] = _chances(rows[first : first + _ROWS].T, n).T
    return found


def majority_work(n: int, n_labels: int) -> float:
    """About how many multiplications `majority_chances` takes for one row."""
    work = float(n * n_labels)
    for t in range(-(-n // n_labels), n // 2 + 1):
        work += 3.0 * n_labels * _n_nodes(n, t) * (t + 1) * (n - t + 1)
    return work


def _chances(p: FloatArray, n: int) -> FloatArray:
    """(n_labels, n_rows) from (n_labels, n_rows)."""
    chance = np.zeros(p.shape)
    for t in range(n // 2 + 1, n + 1):
        chance += math.comb(n, t) * p**t * np.maximum(1.0 - p, 0.0) ** (n - t)
    for t in range(max(1, -(-n // len(p))), n // 2 + 1):
        chance += _with_few(p, n, t)
    return np.asarray(chance / chance.sum(axis=0))  # the sum is 1 but for rounding


def _with_few(p: FloatArray, n: int, t: int) -> FloatArray:
    """Chance that a label wins with t votes, at most half of n."""
    degree = n - t
    terms = np.array([p**j / math.factorial(j) for j in range(t + 1)])  # (t + 1, n_labels, n_rows)
    nodes, weights = np.polynomial.legendre.leggauss(_n_nodes(n, t))
    total = np.zeros(p.shape)
    for z, weight in zip(0.5 * (nodes + 1.0), 0.5 * weights, strict=True):
        factors = terms.copy()
        factors[t] *= z
        total += weight * _others(factors, degree)
    scale = math.exp(float(gammaln(n + 1.0) - gammaln(t + 1.0)))
    return np.asarray(scale * p**t * total)


def _n_nodes(n: int, t: int) -> int:
    """Nodes that integrate a polynomial of degree floor((n - t) / t) exactly."""
    return ((n - t) // t) // 2 + 1


def _others(factors: FloatArray, degree: int) -> FloatArray:
    """(n_labels, n_rows) coefficient of x^degree in the product of all factors but the label's own."""
    n_labels, n_rows = factors.shape[1:]
    one = np.zeros((degree + 1, n_rows))
    one[0] = 1.0
    before, after = [one], [one]
    for label in range(n_labels - 1):
        before.append(_times(before[-1], factors[:, label]))
        after.append(_times(after[-1], factors[:, n_labels - 1 - label]))
    return np.array([(b * a[::-1]).sum(axis=0) for b, a in zip(before, after[::-1], strict=True)])


def _times(product: FloatArray, factor: FloatArray) -> FloatArray:
    """Product of two polynomials, cut off at the degree of the first; lowest power first."""
    found = product * factor[0]
    for power in range(1, min(len(factor), len(product))):
        found[power:] += product[: len(product) - power] * factor[power]
    return np.asarray(found)


def log_tempered(log_q: FloatArray, beta: float) -> FloatArray:
    """Log of q^beta, normalised: the forecast at temperature 1 / beta.

    Args:
        log_q: (n, n_labels) natural logarithms, finite.
        beta: inverse temperature.

    Returns:
        (n, n_labels) natural logarithms.
    """
    scaled = beta * log_q
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    return np.asarray(scaled - np.log(row_sums(np.exp(scaled)))[:, None])
