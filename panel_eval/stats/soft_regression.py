"""Softmax regression on soft labels, and forecasts by it that never saw an item's own votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, row_sums
from panel_eval.stats.descent import bottom, even_axes
from panel_eval.stats.softmax import log_softmax, shares_of

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
        """Distributions over labels, above 0 throughout: (n_items, n_features) -> (n_items, n_labels)."""
        scores = self.coefficients.T @ features.T + self.intercept[:, None]
        return shares_of(log_softmax(scores))


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
    if not (row_sums(votes) > 0).all() or ridge <= 0:
        raise ValueError("every row of votes needs a vote, and ridge must be above 0")
    n_items, n_labels = votes.shape
    shares = half_a_vote_each(votes)
    centre, turn, penalty = even_axes(features, ridge, (1.0 - 1.0 / n_labels) / n_labels)
    turned = np.ascontiguousarray(((features - centre) @ turn).T)

    def loss(table: FloatArray) -> tuple[float, FloatArray]:
        slopes = table[:, :-1]
        log_q = log_softmax(slopes @ turned + table[:, -1:])
        residual = np.exp(log_q) - shares
        gradient = np.column_stack([residual @ turned.T + penalty * slopes, residual.sum(axis=1)])
        value = 0.5 * float((penalty * slopes**2).sum()) - float(np.vdot(shares, log_q))
        return value / n_items, gradient / n_items

    start = np.column_stack([np.zeros((n_labels, len(turned))), np.log(shares.mean(axis=1))])
    found = bottom(loss, start)
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


def half_a_vote_each(votes: FloatArray) -> FloatArray:
    """(n_labels, n_items) shares of the votes with half a vote for each label in all, spread over the items.

    A label that nobody chose would drive its intercept to minus infinity; this keeps it finite.

    Args:
        votes: (n_items, n_labels), each row with a vote.
    """
    n_items, n_labels = votes.shape
    share_of_votes = n_items / (n_items + 0.5 * n_labels)
    shares: FloatArray = (share_of_votes * votes / row_sums(votes)[:, None] + (1.0 - share_of_votes) / n_labels).T
    return shares
