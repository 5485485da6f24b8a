"""What is expected of an item's population, given its Dirichlet posterior, in closed form.

A = posterior parameters of an item (votes + prior), S = their sum, m = A / S its mean, V its total variance. All
take alpha (n_items, n_labels), above 0. A forecast's expected cross-entropy is that of m, and its expected squared
distance is ||m - q||^2 + V.
"""

from __future__ import annotations

import numpy as np
from scipy.special import psi

from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.divergence import LN2


def expected_impurity(alpha: FloatArray) -> FloatArray:
    """E[1 - sum_k p_k^2]: the chance that two people of the population disagree.

    1 - sum_k A_k (A_k + 1) / (S (S + 1)).

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.

    Returns:
        (n_items,) in [0, 1 - 1 / n_labels].

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.
    """
    parameters, total = _posterior(alpha)
    impurity: FloatArray = 1.0 - row_sums(parameters * (parameters + 1.0)) / (total * (total + 1.0))
    return impurity


def posterior_mean(alpha: FloatArray) -> FloatArray:
    """M = A / S.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.

    Returns:
        (n_items, n_labels), rows summing to 1.

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.
    """
    parameters, total = _posterior(alpha)
    return parameters / total[:, None]


def total_variance(alpha: FloatArray) -> FloatArray:
    """V = sum_k Var(p_k) = sum_k m_k (1 - m_k) / (S + 1).

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.

    Returns:
        (n_items,) in [0, 1 - 1 / n_labels].

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.
    """
    parameters, total = _posterior(alpha)
    mean = parameters / total[:, None]
    return row_sums(mean * (1.0 - mean)) / (total + 1.0)


def expected_entropy_bits(alpha: FloatArray) -> FloatArray:
    """E[H(p)] = psi(S + 1) - sum_k m_k psi(A_k + 1), in bits.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.

    Returns:
        (n_items,) in [0, log2 n_labels].

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.

    References:
        Wolpert and Wolf (1995), "Estimating functions of probability distributions from a finite set of samples".
    """
    parameters, total = _posterior(alpha)
    nats = psi(total + 1.0) - row_sums(parameters * psi(parameters + 1.0)) / total
    return np.maximum(nats, 0.0) / LN2


def _posterior(alpha: FloatArray) -> tuple[FloatArray, FloatArray]:
    parameters = np.asarray(alpha, dtype=np.float64)
    if parameters.ndim != 2 or not (parameters > 0).all():
        raise ValueError(f"alpha must be (n_items, n_labels) and above 0, got shape {parameters.shape}")
    return parameters, row_sums(parameters)
