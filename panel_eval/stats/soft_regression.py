"""Softmax regression on soft labels, and forecasts by it that never saw an item's own votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from panel_eval.stats.arrays import FloatArray, IntArray, row_sums

RIDGE = 1.0
"""Precision of the normal prior on every coefficient: the penalty per item is `RIDGE` / n_items."""
MAX_TRAINING = 20_000
"""Most items that one regression is fitted on; more add little to so few coefficients."""
_BLOCK = 1 << 16

Design = Callable[[IntArray], FloatArray]
"""Positions of items (n,) to their features (n, n_features)."""


@dataclass(frozen=True)
class SoftmaxFit:
    """A fitted softmax regression.

    Attributes:
        coefficients: (n_features, n_labels).
        intercept: (n_labels,).
    """

    coefficients: FloatArray
    intercept: FloatArray

    def forecast(self, features: FloatArray) -> FloatArray:
        """Distributions over labels: (n_items, n_features) -> (n_items, n_labels)."""
        scores = self.coefficients.T @ features.T + self.intercept[:, None]
        return np.exp(_log_softmax(scores)).T


def fit_softmax(features: FloatArray, votes: FloatArray, ridge: float = RIDGE) -> SoftmaxFit:
    """Fit q = softmax(x W + a) to the votes by penalised maximum likelihood.

    Minimises mean_i sum_k -(c_ik / n_i) ln q_ik + ridge / (2 n_items) ||W||^2: each item counts once, however
    many reviewers it has. The intercept is not penalised, so forecasts have the mean of the shares (but for half
    a vote for each label in all).

    Args:
        features: (n_items, n_features), of the order of 1.
        votes: (n_items, n_labels) counts or shares, each row with a vote.
        ridge: precision of the normal prior on the coefficients.

    Raises:
        ValueError: shapes that do not fit, no items, a row without votes, or a ridge that is not above 0.
    """
    if features.ndim != 2 or votes.ndim != 2 or len(features) != len(votes) or not len(votes):
        raise ValueError(
            f"features {features.shape} and votes {votes.shape} must be of the same items, at least one"
        )
    totals = row_sums(votes)
    if not (totals > 0).all() or ridge <= 0:
        raise ValueError("every row of votes needs a vote, and ridge must be above 0")
    n_items, n_labels = votes.shape
    # A label that nobody chose would drive its intercept to minus infinity: half a vote for each keeps it finite.
    share_of_votes = n_items / (n_items + 0.5 * n_labels)
    shares = (share_of_votes * votes / totals[:, None] + (1.0 - share_of_votes) / n_labels).T
    centre, turn, penalty = _conditioning(features, ridge, n_labels)
    turned = np.ascontiguousarray(((features - centre) @ turn).T)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        table = parameters.reshape(n_labels, -1)
        slopes = table[:, :-1]
        log_q = _log_softmax(slopes @ turned + table[:, -1:])
        residual = np.exp(log_q) - shares
        gradient = np.column_stack([residual @ turned.T + penalty * slopes, residual.sum(axis=1)])
        value = 0.5 * float((penalty * slopes**2).sum()) - float(np.vdot(shares, log_q))
        return value / n_items, gradient.ravel() / n_items

    start = np.column_stack([np.zeros((n_labels, len(turned))), np.log(shares.mean(axis=1))])
    options: Any = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7, "maxcor": 20}
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=options).x.reshape(start.shape)
    coefficients = turn @ found[:, :-1].T
    return SoftmaxFit(coefficients, found[:, -1] - centre @ coefficients)


def cross_fitted_forecast(
    design: Design, votes: FloatArray, fold: IntArray, generator: np.random.Generator, ridge: float = RIDGE
) -> FloatArray:
    """Forecast each item by a regression fitted to the items of all other folds.

    Args:
        design: gives the features of items; asked for a block of items at a time.
        votes: (n_items, n_labels) counts, each row with a vote.
        fold: (n_items,) fold of each item, from 0.
        generator: picks the items to learn from where a fold has more than `MAX_TRAINING`.
        ridge: as in `fit_softmax`.

    Returns:
        (n_items, n_labels) distributions, all above 0.

    Raises:
        ValueError: fewer than two folds.
    """
    n_folds = int(fold.max(initial=-1)) + 1
    if n_folds < 2:
        raise ValueError("cross-fitting needs at least two folds")
    forecast = np.empty(votes.shape)
    for number in range(n_folds):
        known = np.flatnonzero(fold != number)
        if known.size > MAX_TRAINING:
            known = np.sort(generator.choice(known, MAX_TRAINING, replace=False))
        fitted = fit_softmax(design(known), votes[known], ridge)
        asked = np.flatnonzero(fold == number)
        for first in range(0, asked.size, _BLOCK):
            rows = asked[first : first + _BLOCK]
            forecast[rows] = fitted.forecast(design(rows))
    return forecast


def assign_folds(cluster: IntArray, n_folds: int, generator: np.random.Generator) -> IntArray:
    """Folds of whole clusters, as equal in clusters as can be.

    Args:
        cluster: (n_items,) code of each item's cluster, from 0.
        n_folds: number of folds; fewer where there are fewer clusters.
        generator: shuffles the clusters.

    Returns:
        (n_items,) fold of each item, from 0.
    """
    n_clusters = int(cluster.max(initial=-1)) + 1
    fold_of = np.empty(n_clusters, dtype=np.int64)
    fold_of[generator.permutation(n_clusters)] = np.arange(n_clusters) % max(1, min(n_folds, n_clusters))
    folds: IntArray = fold_of[cluster]
    return folds


def _conditioning(features: FloatArray, ridge: float, n_labels: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centre and axes in which the loss bends about alike in all directions, and the penalty along each axis.

    Judges say much the same as their panel, so that the search would crawl along the features as they are.
    """
    centre = features.mean(axis=0)
    variance, axes = np.linalg.eigh(np.cov(features, rowvar=False, bias=True).reshape(2 * features.shape[1:]))
    bend = (1.0 - 1.0 / n_labels) / n_labels
    scale = 1.0 / np.sqrt(bend * np.maximum(variance, 0.0) + ridge / len(features))
    return centre, axes * scale, ridge * scale**2


def _log_softmax(scores: FloatArray) -> FloatArray:
    """Log of the softmax over labels; (n_labels, n_items), as sums over the first axis are fast."""
    shifted = scores - scores.max(axis=0)
    log_q: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=0))
    return log_q
