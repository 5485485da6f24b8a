"""A second model of populations: p = softmax(mu + sigma z), z standard normal.

Where the Dirichlet piles populations up at the corners of the simplex, the logistic normal thins them out there.
With a few votes an item both fit alike, but expect other shares: what changes from one to the other is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtri

from panel_eval.stats.arrays import FloatArray, distinct_rows, row_sums
from panel_eval.stats.population_mixture import PopulationMixture
from panel_eval.stats.posterior_predictive import spread_points

LOWEST, HIGHEST = 0.02, 8.0
"""Range of sigma: from everybody alike to populations of one mind."""
_LEAST = 1e-300
_CENTRING = 12
_ROWS = 512


@dataclass(frozen=True)
class LogisticNormal(PopulationMixture):
    """Populations from a fitted logistic normal, equally likely before any vote is seen.

    Attributes:
        sigma: spread of the logits.
    """

    sigma: float


def fit_logistic_normal(counts: FloatArray, base: FloatArray, n_populations: int, seed: int) -> LogisticNormal:
    """The spread that makes the votes likeliest, the populations' mean being the base rate.

    max over sigma of sum_i ln mean_j prod_k p_jk(sigma)^c_ik over quasi-random normal z_j; mu is set for each sigma
    so that the mean population is the base rate.

    Args:
        counts: (n_items, n_labels) votes.
        base: (n_labels,) base rate, above 0.
        n_populations: a power of 2.
        seed: of the z_j.
    """
    rows, place = distinct_rows(counts)
    times = np.bincount(place)
    z = ndtri(spread_points(1, n_populations, base.size, [seed]))

    def unlikeliness(log_sigma: float) -> float:
        log_p = np.log(_centred(base, float(np.exp(log_sigma)), z))
        total = 0.0
        for first in range(0, len(rows), _ROWS):
            log_chance = rows[first : first + _ROWS] @ log_p.T
            top = log_chance.max(axis=1)
            log_mean = np.log(np.exp(log_chance - top[:, None]).mean(axis=1)) + top
            total -= float(times[first : first + _ROWS] @ log_mean)
        return total

    bounds = (np.log(LOWEST), np.log(HIGHEST))
    found = minimize_scalar(unlikeliness, bounds=bounds, method="bounded", options={"xatol": 0.01})
    sigma = float(np.exp(found.x))
    return LogisticNormal(_centred(base, sigma, z), np.full(len(z), 1.0 / len(z)), sigma)


def _centred(base: FloatArray, sigma: float, z: FloatArray) -> FloatArray:
    """(n_populations, n_labels) softmax(mu + sigma z) with mu such that their mean is the base rate."""
    mu = np.log(base)
    for _ in range(_CENTRING):
        logits = mu + sigma * z
        mass = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = mass / row_sums(mass)[:, None]
        mu = mu + np.log(base) - np.log(np.maximum(p.mean(axis=0), _LEAST))
    return np.asarray(np.maximum(p, _LEAST))
