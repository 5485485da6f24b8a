"""Evidence that a mean has changed on an unknown night: e-values that may be looked at every night.

An e-process is a wager against "nothing has changed" that starts with 1 and gains nothing in expectation while that
is true; so the chance that it ever reaches 1 / alpha is at most alpha, however often one looks (Ville 1939).
"""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.change_contrasts import Contrasts
from panel_eval.stats.confidence_sequence import mixing_scale

HALF_OF_PRIOR = 20.0
"""Nights within which half of the prior for the night of the change lies."""
TARGET = 300.0
"""Number of differences that the wager is made for: fewer find large changes sooner, more small ones."""


def night_prior(n_nights: int) -> FloatArray:
    """(n_nights,) prior weight of a change on each night, 0 at the first; what is left belongs to later nights.

    c / ((c + j - 1) (c + j)) for night j, c = `HALF_OF_PRIOR`: no night is given up.
    """
    j = np.arange(n_nights, dtype=np.float64)
    weight = HALF_OF_PRIOR / ((HALF_OF_PRIOR + j - 1.0) * (HALF_OF_PRIOR + j))
    return np.where(j > 0, weight, 0.0)


def mean_log_evidence(contrasts: Contrasts) -> FloatArray:
    """(n_nights, n_nights) log e-value for a change at tau, looked at on night T; 0 where nothing can be told.

    (1 + rho² t)^(-1/2) exp(z² / 2 rho² t / (1 + rho² t)), with t the count and z the difference in
    its standard errors: Robbins' normal mixture, which is what the confidence sequence inverts.

    References:
        Robbins (1970), "Statistical methods related to the law of the iterated logarithm"; Howard, Ramdas,
        McAuliffe & Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of
        Statistics 49; de la Peña, Klass & Lai (2004), "Self-normalized processes".
    """
    usable = contrasts.known & (contrasts.variance > 0) & (contrasts.count > 0)
    t = np.where(usable, contrasts.count, 0.0)
    squared_z = np.where(usable, np.square(contrasts.difference) * t, 0.0) / np.where(
        usable, contrasts.variance, 1.0
    )
    gain = np.square(mixing_scale(TARGET)) * t
    return np.asarray(0.5 * squared_z * gain / (1.0 + gain) - 0.5 * np.log1p(gain))


def mix_over_nights(log_evidence: FloatArray) -> FloatArray:
    """(n_nights, n_nights) log of prior weight times e-value, one row more for what is left of the prior (last).

    Its logsumexp over rows is the log of an e-process against "nothing has changed yet".

    Args:
        log_evidence: (n_nights, n_nights), tau first.
    """
    n_nights = len(log_evidence)
    prior = night_prior(n_nights)
    night = np.arange(n_nights)
    seen = night[:, None] <= night[None, :]
    with np.errstate(divide="ignore"):
        weighted = np.where(seen, np.log(prior)[:, None] + log_evidence, -np.inf)
        rest = np.log(1.0 - np.cumsum(prior))
    return np.vstack([weighted, rest[None, :]])
