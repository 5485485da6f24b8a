"""Distributions and numbers as few characters of JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from panel_eval.stats.arrays import FloatArray

Mass = int | list[int] | None
"""A distribution: position of the label with all mass, or positions and thousandths by turns; None if unknown.

Where labels are left out, the last position is `REST`, with what they hold together.
"""

MOST_LABELS: Final = 12
"""Labels of a distribution that are written, those with the most mass."""
REST: Final = -1
_WHOLE: Final = 1000


def masses(rows: FloatArray, most: int = MOST_LABELS) -> list[Mass]:
    """Each row as a `Mass`, in thousandths; labels that round to nothing are not listed.

    Args:
        rows: (n, n_labels); NaN rows where there is no distribution.
        most: labels of a row that are written.
    """
    known = np.asarray(np.isfinite(rows).all(axis=1))
    parts = np.rint(_WHOLE * np.where(known[:, None], rows, 0.0)).astype(np.int64)
    top = parts.argmax(axis=1)
    certain = known & (parts.max(axis=1, initial=0) == _WHOLE)
    found: list[Mass] = [
        label if sure else None for label, sure in zip(top.tolist(), certain.tolist(), strict=True)
    ]
    for row in np.flatnonzero(known & ~certain).tolist():
        found[row] = _listed(parts[row], most)
    return found


def _listed(parts: np.ndarray, most: int) -> list[int]:
    labels, rest = np.flatnonzero(parts), []
    if len(labels) > most:
        order = labels[np.argsort(-parts[labels], kind="stable")]
        labels, rest = np.sort(order[:most]), [REST, int(parts[order[most:]].sum())]
    return [number for label in labels.tolist() for number in (label, int(parts[label]))] + rest


def rounded(values: FloatArray, digits: int = 3) -> list[float | str | None]:
    """Numbers with so many decimals; None where there is none; infinite ones as JavaScript's Number reads them."""
    return [_number(value, digits) for value in values.tolist()]


def _number(value: float, digits: int) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return round(value, digits)
