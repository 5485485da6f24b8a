"""The sign-flip permutation test of paired differences, whole clusters at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray

MOST_EXACT = 13
"""Units up to which all 2^n sign patterns are tried: 8,192 of them."""
MAX_UNITS = 3_000
"""Most units whose signs are flipped one by one; more are flipped in as many random groups."""
_TIE = 1e-9


@dataclass(frozen=True)
class SignFlip:
    """p-values of a sign-flip test, each (n_columns,).

    Attributes:
        two_sided: share of sign patterns with a sum at least as far from 0.
        above: share of sign patterns with a sum at least as high.
    """

    two_sided: FloatArray
    above: FloatArray


def sign_flip_test(units: FloatArray, *, flips: int = 10_000, seed: int = 0) -> SignFlip:
    """Test that paired differences are centred on 0: were the two sides alike, each unit's sign would be a coin.

    Up to `MOST_EXACT` units all patterns are tried. With more units `flips` random ones, and the pattern found
    counts as one of them, (1 + b) / (1 + flips), which keeps the level. Columns share their patterns.

    Args:
        units: (n_units, n_columns) sums of the differences in each independent unit (an item, or a cluster of items
            that come together); 0 where a unit has no part in a column.
        flips: random patterns.
        seed: of the patterns.

    Returns:
        The p-values; 1 for a column of zeros, NaN without units.

    Raises:
        ValueError: another shape, or values that are not finite.

    References:
        Phipson & Smyth (2010), "Permutation p-values should never be zero"; METHODS 3.2.
    """
    table = np.asarray(units, dtype=np.float64)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError(f"units must be (n_units, n_columns) and finite; shape is {table.shape}")
    if not len(table):
        return SignFlip(*(np.full(table.shape[1], np.nan) for _ in range(2)))
    table = table[np.any(table != 0, axis=1)]  # the sign of 0 does not matter
    generator = np.random.default_rng([seed, 61])
    if len(table) > MAX_UNITS:
        table = _grouped(table, generator)
    exact = len(table) <= MOST_EXACT
    total = table.sum(axis=0)
    slack = _TIE * (np.abs(table).sum(axis=0) + 1e-300)
    far, high = np.zeros(table.shape[1]), np.zeros(table.shape[1])
    blocks = [_all_signs(len(table))] if exact else _random_signs(len(table), flips, generator)
    for signs in blocks:
        sums = signs @ table
        far += (np.abs(sums) >= np.abs(total) - slack).sum(axis=0)
        high += (sums >= total - slack).sum(axis=0)
    if exact:
        return SignFlip(far / 2 ** len(table), high / 2 ** len(table))
    return SignFlip((1 + far) / (1 + flips), (1 + high) / (1 + flips))


def _all_signs(n: int) -> FloatArray:
    """(2^n, n) every pattern."""
    codes = np.arange(2**n)[:, None] >> np.arange(n)
    return np.asarray(1.0 - 2.0 * (codes & 1))


def _random_signs(n: int, flips: int, generator: np.random.Generator) -> Iterator[FloatArray]:
    """Blocks of (n_some, n) patterns, `flips` in all."""
    step = max(1, (1 << 22) // n)
    for first in range(0, flips, step):
        rows = min(step, flips - first)
        bits = np.unpackbits(np.frombuffer(generator.bytes((rows * n + 7) // 8), dtype=np.uint8), count=rows * n)
        yield np.asarray(1.0 - 2.0 * bits.reshape(rows, n), dtype=np.float64)


def _grouped(table: FloatArray, generator: np.random.Generator) -> FloatArray:
    """The units in `MAX_UNITS` random groups: flipping groups is a valid test too, at a cost that stays."""
    group = np.arange(len(table)) % MAX_UNITS
    generator.shuffle(group)
    return np.column_stack([np.bincount(group, weights=column, minlength=MAX_UNITS) for column in table.T])
