"""How much closer recalibration alone brings a forecast to the votes: a map of few parameters, cross-fitted.

The map is softmax(a log q + b): one temperature T = 1 / a for all items, and one bias for each label. It cannot
learn which item is which, only how sharp the forecast should be and which labels it prefers too much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, as_pair
from panel_eval.stats.softmax import LOWEST_LOG

MAX_FITTED = 20_000
"""Most items a map of so few parameters is fitted on; more would not change its third digit."""
_STEPS = 50
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Recalibration:
    """The map q -> softmax(a log q + b).

    Attributes:
        sharpness: a, the inverse of the temperature; below 1 it flattens the forecast.
        bias: (n_labels,) b in nats, summing to 0; above 0 where the forecast gives the label too little.
    """

    sharpness: float
    bias: FloatArray

    def apply(self, q: FloatArray) -> FloatArray:
        """The recalibrated forecast (n_items, n_labels), above 0 throughout, of a forecast without zeros."""
        return self.apply_to_logs(np.log(q))

    def apply_to_logs(self, logs: FloatArray) -> FloatArray:
        """The same of the forecast's logarithms, which need not be normalised."""
        return _softmax(self.sharpness * logs + self.bias)


def fit_recalibration(p: FloatArray, q: FloatArray, *, with_bias: bool = True) -> Recalibration:
    """Fit temperature and label biases to the human shares, by Newton's method on the convex cross-entropy.

    Minimises mean_i CE(p_i, softmax(a log q_i + b)) + ((a - 1)² + |b|²) / (2 n_items): the penalty weighs as much
    as one item, keeps a label that nobody chose at a finite bias, and fixes the sum of the biases.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape, above 0 throughout.
        with_bias: False fits the temperature alone (b = 0).

    Raises:
        ValueError: no items, rows that are not distributions, zeros or missing rows in q.

    References:
        Guo et al. (2017), "On Calibration of Modern Neural Networks" (temperature and vector scaling).
    """
    p, q = as_pair(p, q)
    if not len(p) or not (q > 0).all():
        raise ValueError("a map is fitted on at least one item, to forecasts above 0 throughout")
    logs = np.log(q)
    free = 1 + (p.shape[1] if with_bias else 0)
    start = np.zeros(1 + p.shape[1])
    start[0] = 1.0
    found, loss = start, _loss(start, p, logs, start)
    for _ in range(_STEPS):
        slope, curvature = _derivatives(found, p, logs, start)
        step = np.zeros_like(start)
        step[:free] = np.linalg.solve(curvature[:free, :free], slope[:free])
        gain = float(step @ slope)
        if gain < _TOLERANCE:
            break
        length = 1.0
        while (tried := _loss(found - length * step, p, logs, start)) > loss - 1e-4 * length * gain:
            length *= 0.5
            if length < _TOLERANCE:
                return _as_map(found)
        found, loss = found - length * step, tried
    return _as_map(found)


def cross_fitted(
    p: FloatArray, q: FloatArray, fold: IntArray, generator: np.random.Generator, *, with_bias: bool = True
) -> FloatArray:
    """The recalibrated forecast of each item, by a map fitted on the items of the other folds.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape, above 0 throughout.
        fold: (n_items,) fold of each item; items that share an origin belong in one.
        generator: picks `MAX_FITTED` items where there are more.
        with_bias: see `fit_recalibration`.

    Returns:
        (n_items, n_labels), rows summing to 1.

    Raises:
        ValueError: as `fit_recalibration`; fewer than two folds.
    """
    recalibrated = np.empty(q.shape)
    for code in np.unique(fold):
        own = fold == code
        others = some_of(np.flatnonzero(~own), generator)
        recalibrated[own] = fit_recalibration(p[others], q[others], with_bias=with_bias).apply(q[own])
    return recalibrated


def some_of(rows: IntArray, generator: np.random.Generator) -> IntArray:
    """The rows, or `MAX_FITTED` of them picked at random."""
    if rows.size <= MAX_FITTED:
        return rows
    return np.sort(generator.choice(rows, MAX_FITTED, replace=False))


def _as_map(found: FloatArray) -> Recalibration:
    return Recalibration(float(found[0]), found[1:] - found[1:].mean())


def _softmax(logits: FloatArray) -> FloatArray:
    top = logits[:, 0].copy()
    for column in logits.T[1:]:
        np.maximum(top, column, out=top)
    mass = np.exp(np.maximum(logits - top[:, None], LOWEST_LOG))
    shares: FloatArray = mass / (mass @ np.ones(mass.shape[1]))[:, None]
    return shares


def _loss(found: FloatArray, p: FloatArray, logs: FloatArray, start: FloatArray) -> float:
    logits = found[0] * logs + found[1:]
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    cross_entropy = float(np.mean(total - np.einsum("ik,ik->i", p, logits)))
    return cross_entropy + 0.5 * float(np.square(found - start).sum()) / len(p)


def _derivatives(
    found: FloatArray, p: FloatArray, logs: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian of the penalised loss."""
    n = len(p)
    shares = _softmax(found[0] * logs + found[1:])
    mean_log = np.einsum("ik,ik->i", shares, logs)
    excess = shares - p
    slope = np.concatenate(([float((excess * logs).sum())], excess.sum(axis=0)))
    curvature = np.empty((slope.size, slope.size))
    centred = logs - mean_log[:, None]
    weighted = shares * centred
    curvature[0, 0] = (weighted * centred).sum()
    curvature[0, 1:] = curvature[1:, 0] = weighted.sum(axis=0)
    curvature[1:, 1:] = np.diag(shares.sum(axis=0)) - shares.T @ shares
    return (slope + found - start) / n, (curvature + np.eye(slope.size)) / n
