"""What is expected of an item's population, given its Dirichlet posterior, in closed form.

A = posterior parameters of an item (votes + prior), S = their sum, m = A / S its mean. All take alpha
(n_items, n_labels), above 0, and return (n_items,). The expected cross-entropy of a forecast is that of m.
"""

from __future__ import annotations

import numpy as np
from scipy.special import psi

from panel_eval.stats.arrays import FloatArray, as_distributions, row_sums
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


def expected_squared_distance(alpha: FloatArray, q: FloatArray) -> FloatArray:
    """E||p - q||^2 = sum_k [(m_k - q_k)^2 + m_k (1 - m_k) / (S + 1)], in [0, 2].

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        q: (n_items, n_labels) forecasts; NaN rows give NaN.

    Returns:
        (n_items,) distances.

    Raises:
        ValueError: wrong shapes, parameters that are not above 0, rows of q that are no distributions.
    """
    parameters, total = _posterior(alpha)
    mean = parameters / total[:, None]
    spread = row_sums(mean * (1.0 - mean)) / (total + 1.0)
    return row_sums(np.square(mean - _forecast(q, mean))) + spread


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


def _forecast(q: FloatArray, mean: FloatArray) -> FloatArray:
    forecast = as_distributions(q, "q", nan_rows=True)
    if forecast.shape != mean.shape:
        raise ValueError(f"alpha {mean.shape} and q {forecast.shape} differ in shape")
    return forecast
