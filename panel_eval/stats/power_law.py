"""How a loss falls with the size of the sample learned from: a + b n^-c, fitted and read backwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray

EXPONENTS = np.geomspace(0.5, 2.0, 57)
"""Exponents that are tried, 2.5 % apart. Fits of a fixed number of parameters end at 1, those that go on finding
more to learn fall more slowly. Slower than 1/2 is not tried: the asymptote could lie as low as one likes."""
SLOW_EXPONENTS = np.geomspace(0.05, 2.0, 150)
"""For reading a law a little beyond its sizes only; the slowest is all but logarithmic."""


@dataclass(frozen=True)
class PowerLaw:
    """a + b n^-c, one law or one for each replicate.

    Attributes:
        asymptote: a, () or (n_replicates,).
        scale: b, at least 0; 0 where the values do not fall.
        exponent: c; NaN where they do not fall.
    """

    asymptote: FloatArray
    scale: FloatArray
    exponent: FloatArray

    def excess(self, size: float) -> FloatArray:
        """How far the law is above its asymptote at a size."""
        return np.where(self.scale > 0, self.scale * size ** -np.nan_to_num(self.exponent, nan=1.0), 0.0)

    def size_within(self, tolerance: float) -> FloatArray:
        """The size from which on the law is within `tolerance` of its asymptote; 0 where it does not fall."""
        falls = self.scale > 0
        with np.errstate(over="ignore", divide="ignore"):
            logs = np.log(np.where(falls, self.scale, 1.0) / tolerance) / np.where(falls, self.exponent, 1.0)
            return np.where(falls, np.exp(logs), 0.0)


def fit_power_law(
    sizes: FloatArray | IntArray,
    values: FloatArray,
    weights: FloatArray | None = None,
    exponents: FloatArray = EXPONENTS,
) -> PowerLaw:
    """Fit a + b n^-c by weighted least squares, b at least 0.

    Args:
        sizes: (n_sizes,) above 0, at least 3 different ones.
        values: (n_sizes,) or (n_replicates, n_sizes).
        weights: (n_sizes,) above 0; default equal.
        exponents: the values of c that are tried.

    Raises:
        ValueError: shapes that do not fit, too few sizes, or any that are not above 0.

    References:
        Hestness et al. (2017), "Deep Learning Scaling is Predictable, Empirically"; Viering & Loog (2022), "The
        Shape of Learning Curves: a Review" (this form among those that extrapolate best).
    """
    n = np.asarray(sizes, dtype=np.float64)
    y = np.atleast_2d(np.asarray(values, dtype=np.float64))
    w = np.ones(n.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if n.ndim != 1 or y.shape[1] != n.size or w.shape != n.shape or np.unique(n).size < 3:
        raise ValueError(f"a law takes values at 3 or more sizes; got sizes {n.shape}, values {np.shape(values)}")
    if not (n.min() > 0 and w.min() > 0):
        raise ValueError("sizes and weights must be above 0")
    w = w / w.sum()
    x = (n / n.min()) ** -exponents[:, None]
    x_mean, y_mean = x @ w, y @ w
    spread = np.square(x - x_mean[:, None]) @ w
    slope = ((y - y_mean[:, None]) * w) @ (x - x_mean[:, None]).T / spread
    slope = np.maximum(slope, 0.0)
    best = np.argmax(slope**2 * spread, axis=1)
    row = np.arange(len(y))
    b, c = slope[row, best], exponents[best]
    shape = np.shape(values)[:-1]
    a = y_mean - b * x_mean[best]
    law = (a, b * n.min() ** c, np.where(b > 0, c, np.nan))
    return PowerLaw(*(part.reshape(shape) for part in law))
