"""Populations and fresh human panels that item posteriors allow."""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray


def draw_populations(alpha: FloatArray, generator: np.random.Generator) -> FloatArray:
    """One population distribution for each item, from its Dirichlet posterior.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        generator: source of randomness.

    Returns:
        (n_items, n_labels), rows summing to 1.

    Raises:
        ValueError: wrong shape, or parameters that are not above 0.
    """
    parameters = np.asarray(alpha, dtype=np.float64)
    if parameters.ndim != 2 or not (parameters > 0).all():
        raise ValueError(f"alpha must be (n_items, n_labels) and above 0, got shape {parameters.shape}")
    # ln Gamma(a) = ln Gamma(a + 1) + ln(U) / a in distribution: stays finite where a is tiny.
    log_mass = np.log(generator.standard_gamma(parameters + 1.0)) - generator.exponential(size=parameters.shape) / (
        parameters
    )
    log_mass -= log_mass.max(axis=1, keepdims=True)
    mass = np.exp(log_mass)
    populations: FloatArray = mass / mass.sum(axis=1, keepdims=True)
    return populations


def draw_votes(populations: FloatArray, n: int | IntArray, generator: np.random.Generator) -> FloatArray:
    """Votes of a fresh panel of n reviewers for each item.

    Args:
        populations: (n_items, n_labels), rows summing to 1.
        n: reviewers, one number or (n_items,).
        generator: source of randomness.

    Returns:
        (n_items, n_labels) whole numbers as float64; rows sum to n.
    """
    votes: FloatArray = generator.multinomial(n, populations).astype(np.float64)
    return votes
