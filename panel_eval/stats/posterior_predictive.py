"""Populations and fresh human panels that item posteriors allow."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv
from scipy.stats import qmc

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


def spread_points(n_groups: int, draws: int, n_dimensions: int, seed: list[int]) -> FloatArray:
    """Points that fill the unit cube evenly, for `populations_at`: Sobol's, shifted at random for each group.

    Args:
        n_groups: sets of points.
        draws: points in each set, a power of 2.
        n_dimensions: of the cube.
        seed: of the scrambling and the shifts.

    Returns:
        (n_groups * draws, n_dimensions), set by set, each point uniform on (0, 1).

    References:
        Cranley and Patterson (1976), "Randomization of number theoretic methods for multiple integration".
    """
    generator = np.random.default_rng(seed)
    points = qmc.Sobol(n_dimensions, rng=generator).random(draws)
    shifted = (points + generator.random((n_groups, 1, n_dimensions))) % 1.0
    inside: FloatArray = np.clip(shifted.reshape(-1, n_dimensions), 1e-12, 1.0 - 1e-12)
    return inside


def populations_at(alpha: FloatArray, points: FloatArray) -> FloatArray:
    """Populations at given places of their Dirichlet distributions: a little more alpha moves them a little.

    Gamma quantiles, divided by their sum. With the same points two priors are compared without noise of their own.

    Args:
        alpha: (n, n_labels) Dirichlet parameters, above 0, one of each row at least 1.
        points: (n, n_labels) uniform on (0, 1).

    Returns:
        (n, n_labels), rows summing to 1; a mass may be too small for a number, and 0.
    """
    mass = gammaincinv(alpha, points)
    populations: FloatArray = mass / mass.sum(axis=1, keepdims=True)
    return populations


def votes_at(populations: FloatArray, points: FloatArray) -> FloatArray:
    """Votes of the people at given places of their populations.

    Args:
        populations: (n, n_labels), rows summing to 1.
        points: (n, n_people) uniform on [0, 1).

    Returns:
        (n, n_labels) whole numbers as float64; rows sum to n_people.
    """
    votes = np.zeros(populations.shape)
    below = np.zeros(len(points))
    for label, upto in enumerate(np.cumsum(populations, axis=1).T[:-1]):
        counted = (points < upto[:, None]).sum(axis=1)
        votes[:, label] = counted - below
        below = counted
    votes[:, -1] = points.shape[1] - below
    return votes
