"""What a reliability diagram would look like if the reviewers were drawn from the forecast itself."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from panel_eval.stats.arrays import FloatArray, IntArray, as_vector, quotient


def consistency_bars(
    confidence: FloatArray,
    reviewers: IntArray,
    tied: IntArray,
    bins: IntArray,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Where the mean share of reviewers on the predicted label falls if each reviewer is drawn from the forecast.

    Item i's share is then Binomial(n_i, f_i) / n_i, so a bin's mean share has mean f and variance
    sum_i f_i (1 - f_i) / n_i / |b|²; the ends are those of the normal distribution, cut off at 0 and 1. Where t
    labels tie for the top their shares are averaged, and t f_i of the reviewers' mass is on them: f_i (1 - t f_i)
    / (t n_i). No draws are needed: a bin's mean is a sum of many votes.

    A mean outside the bars speaks against "the forecast is each item's own population". A forecast that is right
    on average but not item by item varies more than this: compare its bin with its own interval instead.

    Args:
        confidence: (n_items,) mass on the predicted label, in [0, 1].
        reviewers: (n_items,) reviewers of the item, at least 1.
        tied: (n_items,) labels that tie for the top, at least 1.
        bins: (n_items,) bin of each item, from 0.
        level: share of such diagrams whose bin is inside.

    Returns:
        (low, high), each (n_bins,); NaN in empty bins.

    Raises:
        ValueError: wrong shapes, or numbers of reviewers or labels below 1.

    References:
        Bröcker & Smith (2007), "Increasing the Reliability of Reliability Diagrams".
    """
    f = as_vector(confidence, "confidence")
    n, t, index = np.asarray(reviewers), np.asarray(tied), np.asarray(bins)
    if not n.shape == t.shape == index.shape == f.shape:
        raise ValueError("confidence, reviewers, tied and bins must have one entry for each item")
    if (n < 1).any() or (t < 1).any():
        raise ValueError("reviewers and tied must be at least 1")
    size = np.bincount(index)
    variance = np.maximum(f * (1.0 - t * f), 0.0) / (t * n)
    spread = quotient(np.sqrt(np.bincount(index, weights=variance)), size)
    middle = quotient(np.bincount(index, weights=f).astype(np.float64), size)
    reach = float(ndtri(0.5 * (1.0 + level))) * spread
    return np.clip(middle - reach, 0.0, 1.0), np.clip(middle + reach, 0.0, 1.0)
