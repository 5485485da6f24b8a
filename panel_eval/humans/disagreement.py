"""Disagreement classes: how split the human votes on an item are.

Rule R1 goes by the share of the most chosen label, R2 corrects it on ordinal scales for how far apart the votes
lie. Votes are whole numbers, so no class hangs on a rounding error. A modal share, unlike a cut-off in entropy,
means the same for any number of reviewers and labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.schema import CLASS_NAMES, Scale

if TYPE_CHECKING:
    from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

NOT_REPORTED = "not reported"

_THOUSANDTHS = 1000
_AGREEMENT, _MINOR, _MAJOR, _UNRESOLVED, _INSUFFICIENT = range(5)  # positions in CLASS_NAMES


def disagreement_class(
    counts: NDArray[Any], scale: Scale = "nominal", n_min: int = 3
) -> tuple[tuple[str, ...], BoolArray]:
    """Class of each item by rules R1 and, on ordinal scales, R2.

    R1, with m1 ≥ m2 the two largest counts of n votes, first rule that holds: n < n_min insufficient;
    m1 = m2 unresolved; m1 ≥ 9/10 n agreement; m1 ≥ 2/3 n minor; else major.
    R2: minor becomes major if the dispersion is at least 1/2; then major becomes minor if all votes fall on two
    adjacent labels and one has more than half. An unresolved item on adjacent labels stays so and is flagged.

    Args:
        counts: (n_items, n_labels) votes, labels in scale order. A row that is not whole (weighted or rounded
            reviewers: mass × reviewer_count) is judged by its masses rounded to thousandths, so labels whose
            masses agree to three digits tie.
        scale: nominal or ordinal.
        n_min: fewest votes that can be classed.

    Returns:
        (n_items,) names, each one of `CLASS_NAMES`, and the mask of ordinal ties between adjacent labels.

    Raises:
        ValueError: counts are not two-dimensional, negative or not finite.

    References:
        METHODS 7.2 and 7.3.
    """
    codes, adjacent_tie = disagreement_codes(counts, scale, n_min)
    return tuple(CLASS_NAMES[code] for code in codes), adjacent_tie


def disagreement_codes(
    counts: NDArray[Any], scale: Scale = "nominal", n_min: int = 3
) -> tuple[IntArray, BoolArray]:
    """`disagreement_class` as numbers, for tables too large for names.

    Args:
        counts: (n_items, n_labels) votes, labels in scale order.
        scale: nominal or ordinal.
        n_min: fewest votes that can be classed.

    Returns:
        (n_items,) positions in `CLASS_NAMES`, and the mask of ordinal ties between adjacent labels.

    Raises:
        ValueError: counts are not two-dimensional, negative or not finite.
    """
    votes, reviewers = _whole_votes(counts)
    total = votes.sum(axis=1)
    ranked = np.sort(votes, axis=1)[:, ::-1]
    top, second = ranked[:, 0], ranked[:, 1] if votes.shape[1] > 1 else np.zeros_like(total)
    codes = np.select(
        [reviewers < n_min, top == second, 10 * top >= 9 * total, 3 * top >= 2 * total],
        [_INSUFFICIENT, _UNRESOLVED, _AGREEMENT, _MINOR],
        default=_MAJOR,
    )
    adjacent_tie = np.zeros(len(codes), dtype=bool)
    if scale == "ordinal":
        adjacent = _range(votes) <= 1
        codes[(codes == _MINOR) & _is_dispersed(votes, total)] = _MAJOR
        codes[(codes == _MAJOR) & adjacent & (2 * top > total)] = _MINOR
        adjacent_tie = (codes == _UNRESOLVED) & adjacent
    return codes, adjacent_tie


def dispersion(counts: NDArray[Any]) -> FloatArray:
    """How far apart ordinal votes lie: 0 if all agree, 1 if half stand at either end of the scale.

    d = 4 / (K − 1) · Σ_{k<K} F_k (1 − F_k), F the cumulative shares.

    Args:
        counts: (n_items, n_labels) votes or masses in scale order, n_labels ≥ 2.

    Returns:
        (n_items,) dispersions; NaN for an item without votes.

    References:
        Blair and Lacy (2000), "Statistics of Ordinal Variation" (their ℓ²); METHODS 7.3.
    """
    votes = np.asarray(counts, dtype=np.float64)
    total = votes.sum(axis=1, keepdims=True)
    shares = np.divide(votes, total, out=np.full_like(votes, np.nan), where=total > 0)
    below = shares.cumsum(axis=1)[:, :-1]
    result: FloatArray = 4.0 / (votes.shape[1] - 1) * (below * (1.0 - below)).sum(axis=1)
    return result


def class_confusion(reported: Sequence[str | None], derived: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many items of each reported class fall in each derived class.

    Args:
        reported: (n_items,) classes as they stand in the label file, None where it names none.
        derived: (n_items,) our classes.

    Returns:
        reported class (or "not reported") → derived class → items. Reported classes that do not occur are left
        out; every derived class stands in each row.
    """
    occur = {name or NOT_REPORTED for name in set(reported)}
    rows = [name for name in (*CLASS_NAMES, NOT_REPORTED) if name in occur]
    table = {row: dict.fromkeys(CLASS_NAMES, 0) for row in rows}
    for (theirs, ours), items in Counter(zip(reported, derived, strict=True)).items():
        table[theirs or NOT_REPORTED][ours] += items
    return table


def _whole_votes(counts: NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Votes as integers (thousandths where rows are not whole) and the number of reviewers behind each row."""
    raw = np.asarray(counts, dtype=np.float64)
    if raw.ndim != 2 or not np.isfinite(raw).all() or (raw < 0).any():
        raise ValueError(f"counts must be (n_items, n_labels), finite and not negative; shape is {raw.shape}")
    total = raw.sum(axis=1, keepdims=True)
    whole = (np.abs(raw - np.rint(raw)) < 1e-9).all(axis=1, keepdims=True)
    masses = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    votes = np.rint(np.where(whole, raw, _THOUSANDTHS * masses)).astype(np.int64)
    return votes, np.rint(total[:, 0]).astype(np.int64)


def _range(votes: IntArray) -> IntArray:
    """Labels between the lowest and the highest one that was chosen, in steps."""
    chosen = votes > 0
    highest = votes.shape[1] - 1 - chosen[:, ::-1].argmax(axis=1)
    result: IntArray = highest - chosen.argmax(axis=1)
    return result


def _is_dispersed(votes: IntArray, total: IntArray) -> BoolArray:
    """Dispersion ≥ 1/2 in integers: 8 Σ C_k (n − C_k) ≥ (K − 1) n²."""
    below = votes.cumsum(axis=1)[:, :-1]
    result: BoolArray = 8 * (below * (total[:, None] - below)).sum(axis=1) >= (votes.shape[1] - 1) * total**2
    return result
