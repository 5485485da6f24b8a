"""Dirichlet smoothing of a forecast, so that a label nobody chose stays possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from panel_eval.errors import InputError, Problem
from panel_eval.schema import Smoothing
from panel_eval.stats.arrays import FloatArray


def smooth(
    q_raw: FloatArray, m: FloatArray, smoothing: Smoothing | Literal["none"], labels: Sequence[str]
) -> FloatArray:
    """Smooth a forecast: q = (m·q_raw + α·K·b) / (m + α·K), the posterior mean under a Dirichlet(α·K·b) prior.

    Smoothing belongs to the forecaster, never to the metric: the choice of an epsilon inside a metric would
    decide its value (METHODS §1.2).

    Args:
        q_raw: (n_items, n_labels) distributions; NaN rows stay NaN.
        m: (n_items,) effective votes behind each row.
        smoothing: α and base measure b, or "none" to leave `q_raw` as it is.
        labels: the label set, in the order of the columns.

    Returns:
        (n_items, n_labels) smoothed distributions.

    Raises:
        InputError: the base measure does not give every label a mass, or does not sum to 1.
    """
    if smoothing == "none":
        return q_raw
    base = _base_measure(smoothing, labels)
    pseudo_votes = smoothing.alpha * len(labels)
    votes = m[:, None]
    return (votes * q_raw + pseudo_votes * base) / (votes + pseudo_votes)


def _base_measure(smoothing: Smoothing, labels: Sequence[str]) -> FloatArray:
    if smoothing.base == "uniform":
        return np.full(len(labels), 1.0 / len(labels))
    given = smoothing.base
    total = sum(given.values())
    if set(given) != set(labels) or min(given.values()) < 0 or abs(total - 1.0) > 1e-6:
        raise InputError(
            Problem(
                "must give each label a mass of at least 0, and sum to 1",
                key="smoothing.base",
                value=str(given),
                fix=f"the labels are {', '.join(labels)}",
            )
        )
    return np.array([given[label] for label in labels]) / total
