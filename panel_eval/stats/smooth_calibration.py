"""Calibration error without bins."""

from __future__ import annotations

import numpy as np
from scipy.fft import dct
from scipy.sparse import csr_array

from panel_eval.stats.arrays import FloatArray, IntArray, as_vector, as_weights, per_item, quotient

_CELLS = 1000
"""Residuals are spread over a grid of this many cells; kernels narrower than one are not tried."""
_POINTS = 200
"""The smoothed residuals are read at this many places."""
_BISECTIONS = 10


def smooth_calibration_error(f: FloatArray, y: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Smooth ECE: mean absolute residual f - y after smoothing along f, at its own width.

    The residuals are smoothed with a Gaussian reflected at 0 and 1; the width is the one at which the error
    equals the width. That width is bisected to 2^-10 and its upper end used, as by the authors' own program, so
    the result can be up to about 0.001 below the exact fixed point. `y` may be soft.

    Args:
        f: (n_items,) forecasts in [0, 1].
        y: (n_items,) outcomes in [0, 1]. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, values outside [0, 1], negative weights.

    References:
        Błasiok & Nakkiran (2023), "Smooth ECE: Principled Reliability Diagrams via Kernel Smoothing".
    """
    f = as_vector(f, "f")
    y = as_vector(y, "y", f.size)
    for name, values in (("f", f), ("y", y)):
        if (values < 0).any() or (values > 1 + 1e-6).any():
            raise ValueError(f"{name} must lie in [0, 1]")
    keep = ~(np.isnan(f) | np.isnan(y))
    weights = as_weights(w, f.size)[keep]
    if not keep.any():
        return np.full(weights.shape[1:], np.nan)
    spread = _spread_over_grid(f[keep])
    residuals = spread @ (weights * per_item((f - y)[keep], weights))
    return smooth_error_on_grid(residuals, spread @ weights)


def grid_shares(f: FloatArray, cells: int) -> tuple[IntArray, FloatArray]:
    """The grid point below each forecast, and the share of it that belongs to the next one.

    Args:
        f: (n_items,) in [0, 1].
        cells: cells of the grid, which has cells + 1 points.

    Returns:
        (n_items,) points from 0 to cells - 1, and (n_items,) shares in [0, 1].
    """
    place = f * cells
    left = np.clip(place.astype(np.int64), 0, cells - 1)
    return left, place - left


def smooth_error_on_grid(residuals: FloatArray, masses: FloatArray) -> FloatArray:
    """Smooth ECE from sums on a grid over [0, 1]; see `smooth_calibration_error`.

    Args:
        residuals: (n_points, ...) sums of the residuals f - y that belong to each point.
        masses: (n_points, ...) likewise, the items.

    Returns:
        (...) NaN where there are no items.
    """
    error = _at_own_width(_cosines(residuals), _cosines(masses))
    return np.where(masses.sum(axis=0) > 0, error, np.nan)


def _spread_over_grid(f: FloatArray) -> csr_array:
    """(n_cells + 1, n_items) matrix that shares each item between the two grid points around it."""
    left, share = grid_shares(f, _CELLS)
    item = np.arange(f.size)
    entries = np.concatenate([1.0 - share, share])
    where = (np.concatenate([left, left + 1]), np.concatenate([item, item]))
    return csr_array((entries, where), shape=(_CELLS + 1, f.size))


def _cosines(values: FloatArray) -> FloatArray:
    """Coefficients in which smoothing with a reflected Gaussian is a multiplication."""
    # The transform counts inner points of the mirrored line twice and its two ends once.
    doubled = values.copy()
    doubled[[0, -1]] *= 2.0
    coefficients: FloatArray = dct(doubled, type=1, axis=0)
    return coefficients


def _at_own_width(residuals: FloatArray, masses: FloatArray) -> FloatArray:
    """Bisect for the width that equals the error it gives; all resamples at once."""
    narrowest = 1.0 / (len(residuals) - 1)
    low, high = np.zeros(residuals.shape[1:]), np.ones(residuals.shape[1:])
    for _ in range(_BISECTIONS):
        width = 0.5 * (low + high)
        too_narrow = (width < narrowest) | (width < _smoothed_error(residuals, masses, width))
        low, high = np.where(too_narrow, width, low), np.where(too_narrow, high, width)
    return _smoothed_error(residuals, masses, high)


def _smoothed_error(residuals: FloatArray, masses: FloatArray, width: FloatArray) -> FloatArray:
    cells = len(residuals) - 1
    stride = max(1, cells // _POINTS)
    frequency = per_item(np.pi * np.arange(cells + 1.0), residuals)
    damping = np.exp(-0.5 * np.square(frequency * width))
    missed = np.abs(dct(residuals * damping, type=1, axis=0)[::stride]).sum(axis=0)
    # The smoothed mass is only summed, so its transform is not needed: each cosine has a known sum.
    total = np.einsum("k,k...,k...->...", _cosine_sums(cells, stride), masses, damping)
    return quotient(missed, total)


def _cosine_sums(cells: int, stride: int) -> FloatArray:
    """(n_points,) sum of what each coefficient adds at every `stride`th point of the grid, both ends included."""
    reads = cells // stride
    order = np.arange(cells + 1)
    sums = np.where(order % (2 * reads) == 0, reads + 1.0, np.where(order % 2 == 0, 1.0, 0.0))
    sums[1:-1] *= 2.0  # inner coefficients count twice in this transform
    return sums
