"""Krippendorff's alpha within a group of raters, and its counterpart between two groups."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from panel_eval.stats.arrays import FloatArray, quotient

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(
    coincidences: ArrayLike, level: Level = "nominal", values: ArrayLike | None = None
) -> FloatArray:
    """Krippendorff's alpha: 1 - observed / expected disagreement between two votes of one item.

    D_o = Σ o_kl δ²_kl / n and D_e = Σ n_k n_l δ²_kl / (n (n - 1)), with coincidences o, n_k = Σ_l o_kl, n = Σ n_k.
    δ² is 1 for different labels (nominal), (v_k - v_l)² (interval), or the squared number of votes between the two
    labels, half of their own included (ordinal).

    Args:
        coincidences: (..., n_labels, n_labels) coincidence matrices summed over items (`coincidences`).
        level: which disagreements count how much.
        values: (n_labels,) of the labels; only for "interval", default 0, 1, 2 …

    Returns:
        (...): 1 = perfect, 0 = chance, below 0 = worse; NaN where all votes are for one label, or there are none.

    Raises:
        ValueError: matrices that are not square, or values of another length.

    References:
        Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability".
    """
    table = _as_tables(coincidences)
    totals = table.sum(axis=-1)
    n = totals.sum(axis=-1)
    distance = _squared_distance(totals, level, values)
    observed = (table * distance).sum(axis=(-2, -1))
    expected = np.einsum("...k,...kl,...l->...", totals, distance, totals)
    return 1.0 - quotient(observed * (n - 1.0), np.where(n > 1.0, expected, 0.0))


def cross_alpha(confusion: ArrayLike, level: Level = "nominal", values: ArrayLike | None = None) -> FloatArray:
    """Agreement across two groups of raters: 1 - observed / expected disagreement between a vote of each.

    D_o = Σ t_kl δ²_kl / n and D_e = Σ r_k s_l δ²_kl / n², with t the pairs of votes on the same item, one from each
    group, and r, s its margins: each group keeps its own frequencies of labels. δ² as in `krippendorff_alpha`,
    ordinal over the votes of both. Nominal, this is Cohen's kappa of a vote of one group with one of the other.

    Args:
        confusion: (..., n_labels, n_labels) pairs, labels of the first group in rows.
        level: which disagreements count how much.
        values: (n_labels,) of the labels; only for "interval", default 0, 1, 2 …

    Returns:
        (...): 1 = perfect, 0 = chance; NaN where no disagreement can be expected.

    Raises:
        ValueError: matrices that are not square, or values of another length.

    References:
        Wong, Paritosh & Aroyo (2021), "Cross-replication Reliability" (κ_x; items weigh by their pairs here).
    """
    table = _as_tables(confusion)
    first, second = table.sum(axis=-1), table.sum(axis=-2)
    distance = _squared_distance(first + second, level, values)
    observed = (table * distance).sum(axis=(-2, -1)) * first.sum(axis=-1)
    return 1.0 - quotient(observed, np.einsum("...k,...kl,...l->...", first, distance, second))


def normalised_cross_alpha(cross: ArrayLike, first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Agreement across two groups as a part of what their own consistency allows: α_cross / √(α_1 α_2).

    Near 1: the groups differ no more from each other than their members do. Well below 1: at least one group
    shares a judgement that the other does not.

    Args:
        cross: (...) `cross_alpha`.
        first: (...) alpha within the first group.
        second: (...) alpha within the second.

    Returns:
        (...), NaN where either group's own alpha is not above 0.

    References:
        Wong, Paritosh & Aroyo (2021), "Cross-replication Reliability" (normalised κ_x).
    """
    inside = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    exists = (inside[0] > 0) & (inside[1] > 0)
    product = np.where(exists, inside[0] * inside[1], 1.0)
    return np.where(exists, np.asarray(cross, dtype=np.float64) / np.sqrt(product), np.nan)


def _as_tables(tables: ArrayLike) -> FloatArray:
    array = np.asarray(tables, dtype=np.float64)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise ValueError(f"tables must be (..., n_labels, n_labels), got shape {array.shape}")
    return array


def _squared_distance(totals: FloatArray, level: Level, values: ArrayLike | None) -> FloatArray:
    """(n_labels, n_labels), for "ordinal" (..., n_labels, n_labels): the votes decide how far labels are apart."""
    n_labels = totals.shape[-1]
    if level == "nominal":
        return 1.0 - np.eye(n_labels)
    if level == "ordinal":
        position = np.cumsum(totals, axis=-1) - 0.5 * totals
    else:
        position = np.arange(float(n_labels)) if values is None else np.asarray(values, dtype=np.float64)
        if position.shape != (n_labels,):
            raise ValueError(f"values must be ({n_labels},), got shape {position.shape}")
    squared: FloatArray = (position[..., :, None] - position[..., None, :]) ** 2
    return squared
