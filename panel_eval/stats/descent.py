"""The bottom of a smooth penalised loss, and axes in which a regression's loss bends about alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

from panel_eval.stats.arrays import FloatArray

Loss = Callable[[FloatArray], tuple[float, FloatArray]]
"""Parameters to the mean loss an item, and its gradient."""


def bottom(loss: Loss, start: FloatArray) -> FloatArray:
    """Parameters at which the loss has no slope left: quasi-Newton descent (L-BFGS).

    Args:
        loss: smooth, bounded from below; of the order of 1, so that tolerances mean the same everywhere.
        start: parameters to begin with, of any shape; the loss is called with the same shape.

    References:
        Liu & Nocedal (1989), "On the limited memory BFGS method for large scale optimization".
    """

    def flat(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, slope = loss(parameters.reshape(start.shape))
        return value, slope.ravel()

    options: Any = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7, "maxcor": 20}
    found: FloatArray = minimize(flat, start.ravel(), jac=True, method="L-BFGS-B", options=options).x
    return found.reshape(start.shape)


def even_axes(features: FloatArray, ridge: float, bend: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centre and axes in which the loss bends about alike in all directions, and the penalty along each axis.

    Judges say much the same as their panel, so that the search would crawl along the features as they are.

    Args:
        features: (n_items, n_features).
        ridge: precision of the normal prior on coefficients of the features as they are.
        bend: second derivative of an item's loss in its score, about.

    Returns:
        (n_features,) centre; (n_features, n_axes) axes, so that the regression is on (features - centre) @ axes
        and its coefficients are axes @ those found; (n_axes,) ridge along each.
    """
    centre = features.mean(axis=0)
    variance, axes = np.linalg.eigh(np.cov(features, rowvar=False, bias=True).reshape(2 * features.shape[1:]))
    scale = 1.0 / np.sqrt(bend * np.maximum(variance, 0.0) + ridge / len(features))
    return centre, axes * scale, ridge * scale**2
