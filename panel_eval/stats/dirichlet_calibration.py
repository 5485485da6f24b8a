"""Recalibration by an affine map of the forecast's logarithms: vector scaling and Dirichlet calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, as_pair
from panel_eval.stats.descent import bottom
from panel_eval.stats.softmax import log_softmax, shares_of


@dataclass(frozen=True)
class LogAffineMap:
    """The map q -> softmax(W log q + b).

    Attributes:
        matrix: (n_labels, n_labels) W; row k says what the score of label k is made of.
        bias: (n_labels,) b in nats, summing to 0.
    """

    matrix: FloatArray
    bias: FloatArray

    def apply(self, q: FloatArray) -> FloatArray:
        """The recalibrated forecast (n_items, n_labels), above 0 throughout, of a forecast without zeros."""
        return shares_of(log_softmax(self.matrix @ np.log(q).T + self.bias[:, None]))


def fit_log_affine(p: FloatArray, q: FloatArray, ridge: float, *, diagonal: bool = False) -> LogAffineMap:
    """Fit the map to the human shares by penalised maximum likelihood.

    W = a I + D with a common sharpness a and, in D, each label's own slope and what other labels add. Minimises
    mean_i CE(p_i, softmax(W log q_i + b)) + (ridge |D|² + (a - 1)² + |b|²) / (2 n_items): with a large ridge only
    the temperature and label biases of `fit_recalibration` are left.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape, above 0 throughout.
        ridge: precision of the normal prior on each element of D.
        diagonal: vector scaling (True: nothing off the diagonal) or Dirichlet calibration.

    Raises:
        ValueError: no items, rows that are not distributions, zeros or missing rows in q, ridge not above 0.

    References:
        Guo et al. (2017), "On Calibration of Modern Neural Networks" (vector scaling); Kull et al. (2019), "Beyond
        temperature scaling" (Dirichlet calibration, with a ridge off the diagonal and on the intercept).
    """
    p, q = as_pair(p, q)
    if not len(p) or not (q > 0).all() or not ridge > 0:
        raise ValueError(
            "a map is fitted on at least one item, to forecasts above 0 throughout, with a ridge above 0"
        )
    n_items, n_labels = p.shape
    human, logs = np.ascontiguousarray(p.T), np.ascontiguousarray(np.log(q).T)
    free = np.eye(n_labels) if diagonal else np.ones((n_labels, n_labels))
    stretch = 1.0 / np.sqrt(ridge)  # in units of its prior's deviation each parameter is as easily moved

    def loss(table: FloatArray) -> tuple[float, FloatArray]:
        own, bias, sharpness = table[:, :n_labels], table[:, n_labels], table[0, -1]
        log_q = log_softmax((sharpness * np.eye(n_labels) + stretch * free * own) @ logs + bias[:, None])
        excess = np.exp(log_q) - human
        on_matrix = excess @ logs.T
        gradient = np.zeros_like(table)
        gradient[:, :n_labels] = free * (stretch * on_matrix) + own
        gradient[:, n_labels] = excess.sum(axis=1) + bias
        gradient[0, -1] = np.trace(on_matrix) + sharpness - 1.0
        penalty = 0.5 * (float(np.vdot(own, own)) + float(bias @ bias) + (sharpness - 1.0) ** 2)
        return (penalty - float(np.vdot(human, log_q))) / n_items, gradient / n_items

    start = np.zeros((n_labels, n_labels + 2))
    start[0, -1] = 1.0
    found = bottom(loss, start)
    bias = found[:, n_labels]
    return LogAffineMap(found[0, -1] * np.eye(n_labels) + stretch * found[:, :n_labels], bias - bias.mean())
