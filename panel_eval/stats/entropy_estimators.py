"""Entropy of the population behind a few votes, in bits: the plug-in entropy of the votes is too low.

All take counts (n_items, n_labels), which need not be whole (effective votes), and know the number of labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi, zeta

from panel_eval.stats.arrays import FloatArray, IntArray, distinct_rows, row_sums
from panel_eval.stats.divergence import LN2
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.posterior_expectations import expected_entropy_bits

_LOG_BETA = np.linspace(np.log(1e-6), np.log(1e4), 769)
"""Grid over NSB's concentration; ten times as many points change the seventh digit (a test holds it to that)."""
_BLOCK = 1 << 11
"""Count vectors weighed at a time, so that memory does not grow with them."""


def miller_madow_bits(counts: ArrayLike) -> FloatArray:
    """Miller-Madow entropy of each row: plug-in + (labels seen - 1) / (2 n ln 2).

    Args:
        counts: (n_items, n_labels) votes, at least one in each row.

    Returns:
        (n_items,) bits, not clipped: a row may exceed log2 n_labels.

    Raises:
        ValueError: wrong shape, negative counts, or a row without votes.

    Notes:
        A correction of averages: one row's value means little. Clip the average at log2 n_labels, not the rows.

    References:
        Miller (1955), "Note on the bias of information estimates".
    """
    votes = as_counts(counts)
    n = row_sums(votes)
    seen = (votes > 0).sum(axis=1)
    corrected: FloatArray = entropy_bits(votes / n[:, None]) + (seen - 1) / (2.0 * n * LN2)
    return corrected


def dirichlet_entropy_bits(counts: ArrayLike, prior: ArrayLike) -> FloatArray:
    """Posterior mean entropy of each row's population under a Dirichlet prior.

    With A = counts + prior and S = sum_k A_k: E[H] = psi(S + 1) - sum_k (A_k / S) psi(A_k + 1), in nats.

    Args:
        counts: (n_items, n_labels) votes.
        prior: pseudo-votes above 0: one number for all labels (0.5 is Jeffreys' prior), (n_labels,), or
            (n_items, n_labels).

    Returns:
        (n_items,) bits, in (0, log2 n_labels).

    Raises:
        ValueError: wrong shape, negative counts, a row without votes, or a prior that is not above 0.

    References:
        Wolpert & Wolf (1995), "Estimating functions of probability distributions from a finite set of samples".
    """
    return expected_entropy_bits(_posterior(counts, prior))


def dirichlet_entropy_sd_bits(counts: ArrayLike, prior: ArrayLike) -> FloatArray:
    """Posterior standard deviation that goes with `dirichlet_entropy_bits`.

    E[H^2] is Wolpert & Wolf's double sum over labels, written with sums of rows only.

    Args:
        counts: (n_items, n_labels) votes.
        prior: pseudo-votes above 0, as in `dirichlet_entropy_bits`.

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: as `dirichlet_entropy_bits`.
    """
    alpha = _posterior(counts, prior)
    total = row_sums(alpha)
    spread, digamma = zeta(2.0, total + 2.0), psi(alpha + 1.0)
    log_mass = digamma - psi(total + 2.0)[:, None]
    own = alpha * log_mass
    unlike = row_sums(own) ** 2 - row_sums(own**2) - spread * (total**2 - row_sums(alpha**2))
    twice = (log_mass + 1.0 / (alpha + 1.0)) ** 2 + zeta(2.0, alpha + 2.0) - spread[:, None]
    square = (unlike + row_sums(alpha * (alpha + 1.0) * twice)) / (total * (total + 1.0))
    mean = psi(total + 1.0) - row_sums(alpha * digamma) / total
    sd: FloatArray = np.sqrt(np.maximum(square - mean**2, 0.0)) / LN2
    return sd


def nsb_entropy_bits(counts: ArrayLike) -> FloatArray:
    """Nemenman-Shafee-Bialek entropy of each row, the number of labels K known.

    The posterior mean entropy under a symmetric Dirichlet(beta), averaged over beta with weight
    p(counts | beta) d xi / d beta, where xi(beta) = psi(K beta + 1) - psi(beta + 1) is the entropy that the prior
    expects: all entropies are equally likely beforehand.

    Args:
        counts: (n_items, n_labels) votes.

    Returns:
        (n_items,) bits. The cost goes with the number of different rows, whatever the order of their labels.

    Raises:
        ValueError: wrong shape, negative counts, or a row without votes.

    References:
        Nemenman, Shafee & Bialek (2002), "Entropy and inference, revisited".
    """
    vectors, place = distinct_count_vectors(counts)
    if vectors.shape[1] == 1:
        return np.zeros(place.size)
    values, code = np.unique(vectors, return_inverse=True)
    code = code.reshape(vectors.shape)
    blocks = range(0, len(vectors), _BLOCK)
    means = [_nsb(vectors[i : i + _BLOCK], values, code[i : i + _BLOCK]) for i in blocks]
    entropy: FloatArray = np.concatenate(means)[place] if means else np.empty(0)
    return entropy


def distinct_count_vectors(counts: ArrayLike) -> tuple[FloatArray, IntArray]:
    """The different rows of counts when the order of labels does not matter.

    Args:
        counts: (n_items, n_labels) votes.

    Returns:
        (n_distinct, n_labels) sorted rows, and (n_items,) which of them each item has.

    Raises:
        ValueError: wrong shape, negative counts, or a row without votes.
    """
    return distinct_rows(np.sort(as_counts(counts), axis=1))


def as_counts(counts: ArrayLike) -> FloatArray:
    """Check votes by label.

    Args:
        counts: (n_items, n_labels).

    Raises:
        ValueError: wrong shape, negative or not finite counts, or a row without votes.
    """
    votes = np.asarray(counts, dtype=np.float64)
    if votes.ndim != 2 or votes.shape[1] == 0:
        raise ValueError(f"counts must be (n_items, n_labels), got shape {votes.shape}")
    if not (votes.min(initial=0.0) >= 0 and votes.max(initial=0.0) < np.inf):
        raise ValueError("counts must be finite and not negative")
    if not (row_sums(votes) > 0).all():
        raise ValueError("every row of counts needs a vote")
    return votes


def _posterior(counts: ArrayLike, prior: ArrayLike) -> FloatArray:
    votes, pseudo = as_counts(counts), np.asarray(prior, dtype=np.float64)
    if pseudo.shape not in ((), votes.shape[1:], votes.shape):
        raise ValueError(f"prior must be a number, (n_labels,) or {votes.shape}, got shape {pseudo.shape}")
    if not (pseudo > 0).all():
        raise ValueError("prior must be above 0")
    return votes + pseudo


def _nsb(vectors: FloatArray, values: FloatArray, code: IntArray) -> FloatArray:
    """NSB entropy of sorted rows in bits; `values[code]` is `vectors`, so that tables by value do for all rows."""
    beta, n_labels = np.exp(_LOG_BETA), vectors.shape[1]
    n, row = np.unique(row_sums(vectors), return_inverse=True)
    total = n_labels * beta + n[:, None]
    with_votes = beta + values[:, None]
    chance = (gammaln(with_votes) - gammaln(beta))[code].sum(axis=1)
    chance += (gammaln(n_labels * beta) - gammaln(total))[row]
    # d xi / d ln beta; the difference of the two is of the order of 1 / beta where beta is large.
    slope = beta * (n_labels * zeta(2.0, n_labels * beta + 1.0) - zeta(2.0, beta + 1.0))
    weight = np.exp(chance - chance.max(axis=1, keepdims=True)) * slope
    surprise = (with_votes * psi(with_votes + 1.0))[code].sum(axis=1)
    entropy = psi(total + 1.0)[row] - surprise / total[row]
    mean: FloatArray = (weight * entropy).sum(axis=1) / weight.sum(axis=1) / LN2
    return mean
