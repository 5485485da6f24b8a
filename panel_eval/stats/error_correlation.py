"""Do judges err together: correlation of their errors, and how many independent judges they amount to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray, quotient


def residual_product(a: FloatArray, b: FloatArray, p: FloatArray) -> FloatArray:
    """Product of two judges' residuals on each item, summed over labels: Σ_k (a_k - p_k) (b_k - p_k).

    Residuals sum to 0 over labels, so its mean over items is (K times) their covariance over items and labels.
    With p shares of few reviewers it holds the reviewers' own noise too: take `vote_noise` off.

    Args:
        a: (n_items, n_labels) one judge's distributions; NaN rows give NaN.
        b: (n_items, n_labels) the other's.
        p: (n_items, n_labels) the reviewers' shares.

    Returns:
        (n_items,).
    """
    product: FloatArray = np.einsum("ik,ik->i", a - p, b - p)
    return product


def vote_noise(p: FloatArray, n: ArrayLike) -> FloatArray:
    """Unbiased estimate of E||p - p*||² = (1 - Σ p*²) / n, the reviewers' noise in every product of residuals.

    Σ_k p_k (1 - p_k) / (n - 1). It enters variances and covariances alike: p stands in both residuals.

    Args:
        p: (n_items, n_labels) the reviewers' shares.
        n: (n_items,) reviewers.

    Returns:
        (n_items,), NaN where n < 2.
    """
    return quotient((p * (1.0 - p)).sum(axis=1), np.asarray(n, dtype=np.float64) - 1.0)


def error_correlation(covariance: ArrayLike, variance_a: ArrayLike, variance_b: ArrayLike) -> FloatArray:
    """Correlation of two judges' errors from mean products: G_ab / √(G_aa G_bb).

    G are means (or sums) over the same items of `residual_product`, each less `vote_noise`. An average error on a
    label that both judges make counts as shared.

    Args:
        covariance: (...) G_ab.
        variance_a: (...) G_aa.
        variance_b: (...) G_bb.

    Returns:
        (...), NaN where a variance is not above 0 (a judge as close to the reviewers as can be told). An estimate
        after taking noise off: it can lie outside [-1, 1].
    """
    a, b = np.asarray(variance_a, dtype=np.float64), np.asarray(variance_b, dtype=np.float64)
    exists = (a > 0) & (b > 0)
    scale = np.sqrt(np.where(exists, a, 1.0)) * np.sqrt(np.where(exists, b, 1.0))
    return np.where(exists, np.asarray(covariance, dtype=np.float64) / scale, np.nan)


def effective_judges(mean_correlation: ArrayLike, n_judges: int) -> FloatArray:
    """How many judges with independent errors average to the same error: M / (1 + (M - 1) ρ̄).

    For judges of equal quality. ρ̄ = .6: three judges are 1.36, nine are 1.55, any number at most 1 / .6 = 1.67.
    A correlation above 1, which only noise gives, counts as 1; below 0 the errors cancel and it exceeds M.

    Args:
        mean_correlation: (...) ρ̄, mean over pairs of judges.
        n_judges: M.

    Returns:
        (...), at least 1; NaN where 1 + (M - 1) ρ̄ is not above 0.

    Raises:
        ValueError: fewer than one judge.
    """
    if n_judges < 1:
        raise ValueError(f"n_judges must be at least 1, got {n_judges}")
    rho = np.minimum(np.asarray(mean_correlation, dtype=np.float64), 1.0)
    spread = 1.0 + (n_judges - 1.0) * rho
    return quotient(np.full(np.shape(spread), float(n_judges)), np.nan_to_num(spread, nan=0.0))


def effective_judges_eigen(correlations: ArrayLike) -> FloatArray:
    """How many directions the judges' errors really use: (Σλ)² / Σλ² over the eigenvalues of their correlations.

    M² / Σ ρ_jl², as the diagonal is 1: no eigenvalue needs computing. M for uncorrelated errors, 1 for equal ones.
    Unlike `effective_judges` it counts opposite errors as one direction, too.

    Args:
        correlations: (..., n_judges, n_judges), ones on the diagonal.

    Returns:
        (...), in [1, M]; NaN where a correlation is NaN.
    """
    rho = np.clip(np.asarray(correlations, dtype=np.float64), -1.0, 1.0)
    result: FloatArray = rho.shape[-1] ** 2 / (rho**2).sum(axis=(-2, -1))
    return result


def kappa_p(overlap: ArrayLike, hit_a: ArrayLike, hit_b: ArrayLike, n_labels: int) -> FloatArray:
    """Agreement of two judges beyond what their accuracies explain (CAPA's κ_p).

    c_obs = mean Σ_k a_k b_k; c_exp = â b̂ + (1 - â) (1 - b̂) / (K - 1); κ_p = (c_obs - c_exp) / (1 - c_exp).
    â = mean mass on the true label. There is one truth an item in the paper; with shares of reviewers p,
    â = mean Σ_k p_k a_k is our extension (unbiased for the population's shares at any number of reviewers).

    Args:
        overlap: (...) c_obs.
        hit_a: (...) â.
        hit_b: (...) b̂.
        n_labels: K.

    Returns:
        (...): 0 = as two judges that err independently, 1 = always the same; NaN where chance agrees fully.

    Raises:
        ValueError: fewer than two labels.

    References:
        Goel et al. (2025), "Great Models Think Alike and this Undermines AI Oversight".
    """
    if n_labels < 2:
        raise ValueError(f"n_labels must be at least 2, got {n_labels}")
    a, b = np.asarray(hit_a, dtype=np.float64), np.asarray(hit_b, dtype=np.float64)
    expected = a * b + (1.0 - a) * (1.0 - b) / (n_labels - 1.0)
    exists = expected < 1.0 - 1e-12
    room = np.where(exists, 1.0 - expected, 1.0)
    return np.where(exists, (np.asarray(overlap, dtype=np.float64) - expected) / room, np.nan)
