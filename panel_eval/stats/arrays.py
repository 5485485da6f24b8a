"""Array types of the statistics, and the checks every public function makes on its inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SUM_TOLERANCE = 1e-6
"""How far the sum of a row may be from 1 (the label files are held to the same)."""


def as_distributions(rows: ArrayLike, name: str, *, nan_rows: bool = False) -> FloatArray:
    """Check that every row is a distribution over labels; nothing is renormalised.

    Args:
        rows: (n_items, n_labels).
        name: what to call the array in an error.
        nan_rows: allow rows that are NaN throughout (an item nobody answered).

    Returns:
        The rows as float64.

    Raises:
        ValueError: wrong shape, negative mass, or a row whose sum is not 1 within `SUM_TOLERANCE`.
    """
    array = np.asarray(rows, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError(f"{name} must be (n_items, n_labels), got shape {array.shape}")
    if (array < 0).any():
        row = int(np.flatnonzero((array < 0).any(axis=1))[0])
        raise ValueError(f"{name} has negative mass in row {row}: {array[row].tolist()}")
    sums = row_sums(array)
    off = np.flatnonzero(~(np.abs(sums - 1.0) <= SUM_TOLERANCE))
    if nan_rows and off.size:
        off = off[~np.isnan(array[off]).all(axis=1)]
    if off.size:
        raise ValueError(f"{name} row {off[0]} sums to {sums[off[0]]}, not 1: {array[off[0]].tolist()}")
    return array


def row_sums(rows: FloatArray) -> FloatArray:
    """Sum over labels, (n_items, n_labels) -> (n_items,)."""
    sums: FloatArray = rows @ np.ones(rows.shape[1])  # several times faster than sum(axis=1) on short rows
    return sums


def distinct_rows(rows: FloatArray) -> tuple[FloatArray, IntArray]:
    """The different rows of a table of counts, and which of them each row is.

    Args:
        rows: (n_items, n_labels), not negative.

    Returns:
        (n_distinct, n_labels) and (n_items,).
    """
    base = rows.max(initial=0.0) + 1.0
    if (rows == np.rint(rows)).all() and rows.shape[1] * np.log2(base) < 62:
        # One whole number for a row: sorting numbers is far faster than sorting rows.
        digits = np.rint(base) ** np.arange(rows.shape[1])
        key = rows.astype(np.int64) @ digits.astype(np.int64)
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        return rows[first], place
    vectors, place = np.unique(rows, axis=0, return_inverse=True)
    return vectors, place.reshape(-1)


def as_pair(p: ArrayLike, q: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check human rows `p` and forecast rows `q`, which may be NaN throughout, of the same shape."""
    human, forecast = as_distributions(p, "p"), as_distributions(q, "q", nan_rows=True)
    if human.shape != forecast.shape:
        raise ValueError(f"p {human.shape} and q {forecast.shape} differ in shape")
    return human, forecast


def as_vector(values: ArrayLike, name: str, n_items: int | None = None) -> FloatArray:
    """Check a (n_items,) array of numbers; NaN is allowed, infinity is not.

    Raises:
        ValueError: wrong shape, or an infinite value.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or (n_items is not None and array.size != n_items):
        wanted = "(n_items,)" if n_items is None else f"({n_items},)"
        raise ValueError(f"{name} must be {wanted}, got shape {array.shape}")
    if np.isinf(array).any():
        raise ValueError(f"{name} holds infinite values")
    return array


def as_weights(w: ArrayLike | None, n_items: int) -> FloatArray:
    """Check item weights and turn them items first, as sorting and summing over items wants them.

    Args:
        w: (n_replicates, n_items), (n_items,), or None for one of each item.
        n_items: number of items.

    Returns:
        (n_items, n_replicates), or (n_items,) where `w` is one-dimensional or None.

    Raises:
        ValueError: wrong shape, or a weight that is negative or not finite.
    """
    if w is None:
        return np.ones(n_items)
    array = np.asarray(w, dtype=np.float64)
    if array.ndim not in (1, 2) or array.shape[-1] != n_items:
        raise ValueError(f"w must be (n_replicates, {n_items}), got shape {array.shape}")
    if not (array.min(initial=0.0) >= 0 and array.max(initial=0.0) < np.inf):
        raise ValueError("w must be finite and not negative")
    return np.ascontiguousarray(array.T)


def quotient(amount: FloatArray, number: FloatArray | IntArray, empty: float = np.nan) -> FloatArray:
    """The amount divided by a number of items (or their weight), `empty` where that is not above 0."""
    shape = np.broadcast_shapes(np.shape(amount), np.shape(number))
    return np.asarray(np.divide(amount, number, out=np.full(shape, empty), where=np.asarray(number) > 0))


def per_item(values: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_items,) values shaped so that they multiply weights of (n_items,) or (n_items, n_replicates)."""
    return values if weights.ndim == 1 else values[:, None]
