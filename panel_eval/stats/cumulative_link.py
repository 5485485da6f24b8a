"""Regression on an ordinal scale: one latent location an item, and thresholds between the labels.

P(label <= k) = logistic(threshold_k - x · slopes): a feature moves all mass up or down the scale, so there is one
slope a feature where softmax regression has one for each label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.descent import bottom, even_axes
from panel_eval.stats.soft_regression import half_a_vote_each
from panel_eval.stats.softmax import shares_of

_BEND = 0.25
"""Second derivative of an item's loss in its location, about: that of a logistic regression at even odds."""
_NARROWEST = 1e-9
"""Least distance of two thresholds, so that the label between keeps a mass."""


@dataclass(frozen=True)
class CumulativeFit:
    """A fitted proportional-odds regression.

    Attributes:
        thresholds: (n_labels - 1,) ascending, in logits.
        slopes: (n_features,) above 0 where more of the feature moves mass up the scale.
    """

    thresholds: FloatArray
    slopes: FloatArray

    def forecast(self, features: FloatArray) -> FloatArray:
        """Distributions over labels, above 0 throughout: (n_items, n_features) -> (n_items, n_labels)."""
        shares = shares_of(_log_masses(self.thresholds, features @ self.slopes)[0])
        normalised: FloatArray = shares / row_sums(shares)[:, None]
        return normalised


def fit_cumulative(features: FloatArray, votes: FloatArray, ridge: float) -> CumulativeFit:
    """Fit thresholds and slopes to the votes by penalised maximum likelihood.

    Minimises mean_i sum_k -(c_ik / n_i) ln q_ik + ridge / (2 n_items) |slopes|^2: each item counts once. The
    thresholds are not penalised; half a vote for each label in all keeps them apart and finite.

    Args:
        features: (n_items, n_features), of the order of 1.
        votes: (n_items, n_labels) counts or shares, each row with a vote, labels in scale order.
        ridge: precision of the normal prior on the slopes.

    Raises:
        ValueError: shapes that do not fit, no items, fewer than two labels, a row without votes, or a ridge that
            is not above 0.

    References:
        McCullagh (1980), "Regression Models for Ordinal Data".
    """
    if features.ndim != 2 or votes.ndim != 2 or len(features) != len(votes) or not len(votes) or votes.shape[1] < 2:
        raise ValueError(f"features {features.shape} and votes {votes.shape} must be of the same items and fit")
    if not (row_sums(votes) > 0).all() or ridge <= 0:
        raise ValueError("every row of votes needs a vote, and ridge must be above 0")
    n_items, n_cuts = len(votes), votes.shape[1] - 1
    shares = half_a_vote_each(votes)
    centre, turn, penalty = even_axes(features, ridge, _BEND)
    turned = np.ascontiguousarray(((features - centre) @ turn).T)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        thresholds, slopes = _ascending(parameters[:n_cuts]), parameters[n_cuts:]
        logs, below = _log_masses(thresholds, slopes @ turned)
        pull = _pull(thresholds, below, shares)
        gradient = np.concatenate(
            [_along_gaps(pull.sum(axis=1), parameters[:n_cuts]), penalty * slopes - turned @ pull.sum(axis=0)]
        )
        value = 0.5 * float((penalty * slopes**2).sum()) - float(np.vdot(shares, logs))
        return value / n_items, gradient / n_items

    lower = np.cumsum(shares.mean(axis=1))[:-1]
    cuts = np.log(lower / (1.0 - lower))
    found = bottom(loss, np.concatenate([cuts[:1], np.log(np.diff(cuts)), np.zeros(len(turned))]))
    slopes = turn @ found[n_cuts:]
    return CumulativeFit(_ascending(found[:n_cuts]) + centre @ slopes, slopes)


def _ascending(parameters: FloatArray) -> FloatArray:
    """Thresholds from the first of them and the logarithms of the gaps between them."""
    gaps = np.exp(parameters[1:]) + _NARROWEST
    ascending: FloatArray = parameters[0] + np.concatenate([[0.0], np.cumsum(gaps)])
    return ascending


def _along_gaps(slope: FloatArray, parameters: FloatArray) -> FloatArray:
    """Slope of a loss in the parameters of `_ascending`, of its slope in the thresholds."""
    from_here = np.cumsum(slope[::-1])[::-1]
    return np.concatenate([from_here[:1], from_here[1:] * np.exp(parameters[1:])])


def _log_masses(thresholds: FloatArray, location: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n_labels, n_items) logarithm of each label's mass, and (n_cuts, n_items) chance to be below each threshold.

    logistic(b) - logistic(a) = logistic(b) logistic(-a) (1 - exp(a - b)), which loses no digits, and b - a is the
    same for all items.
    """
    distance = thresholds[:, None] - location
    below = np.minimum(distance, 0.0) - np.log(1.0 + np.exp(-np.abs(distance)))  # twice as fast as log_expit
    logs = np.zeros((len(distance) + 1, location.size))
    logs[:-1] += below
    logs[1:] += below - distance
    logs[1:-1] += np.log(-np.expm1(-np.diff(thresholds)))[:, None]
    return logs, np.exp(below)


def _pull(thresholds: FloatArray, below: FloatArray, shares: FloatArray) -> FloatArray:
    """(n_cuts, n_items) slope of the cross-entropy in each distance of a threshold from a location."""
    pull = (shares[1:] + shares[:-1]) * below - shares[:-1]
    inner = shares[1:-1] / np.expm1(np.diff(thresholds))[:, None]
    pull[:-1] += inner
    pull[1:] -= inner
    return pull
