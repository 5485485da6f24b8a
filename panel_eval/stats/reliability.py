"""How far the reviewers' own labels can be relied on: halves of an item's votes, one vote against the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient, row_sums

_CONSTANT = 1e-12
"""A smaller variance is rounding."""

ItemScore = Callable[[FloatArray, FloatArray, IntArray], FloatArray]
"""Of the others' shares (m, n_labels), the left-out vote as shares (m, n_labels), and their items (m,): (m,)."""


def split_votes(counts: FloatArray, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Two disjoint random halves of each item's votes, floor(n / 2) votes each, drawn without replacement.

    With an odd number of votes one random vote is in neither half.

    Args:
        counts: (n_items, n_labels) whole votes.
        generator: source of randomness.

    Returns:
        Counts of the first and of the second halves, each (n_items, n_labels).

    Raises:
        ValueError: votes that are negative or not whole.
    """
    votes = _whole(counts)
    half = votes.sum(axis=1) // 2
    first = draw_without_replacement(votes, half, generator)
    return first.astype(np.float64), draw_without_replacement(votes - first, half, generator).astype(np.float64)


def half_moments(first: FloatArray, second: FloatArray) -> FloatArray:
    """Moments of a statistic of two exchangeable halves: their mean, mean square and product.

    Args:
        first: (n_items,) the statistic on the first half.
        second: (n_items,) the statistic on the second half.

    Returns:
        (n_items, 3). Average over splits and items, then take `half_correlation`.
    """
    return np.column_stack([0.5 * (first + second), 0.5 * (first * first + second * second), first * second])


def share_half_moments(counts: FloatArray, label: int) -> FloatArray:
    """`half_moments` of the share of one label, averaged over all splits in closed form.

    For halves of h votes out of n, c of them for the label: mean c / n; product c (c - 1) / (n (n - 1)), the chance
    that two different votes are both for it; mean square (c / n + (h - 1) product) / h.

    Args:
        counts: (n_items, n_labels) whole votes.
        label: which label.

    Returns:
        (n_items, 3); NaN where an item has fewer than two votes.

    Raises:
        ValueError: votes that are negative or not whole.
    """
    votes = _whole(counts).astype(np.float64)
    n = row_sums(votes)
    n = np.where(n >= 2, n, np.nan)
    half = np.floor(n / 2)
    own = votes[:, label]
    pair = own * (own - 1.0) / (n * (n - 1.0))
    return np.column_stack([own / n, (own / n + (half - 1.0) * pair) / half, pair])


def dispersion_moments(counts: FloatArray) -> FloatArray:
    """Unbiased estimates of 1 - sum p*^2, its square, and the square of the first estimate, for each item.

    With P2 the share of pairs of votes that agree, and P4 the share of two disjoint pairs that both agree:
    U = 1 - P2 estimates 1 - sum p*^2, and 1 - 2 P2 + P4 its square. So E[second] - E[U]^2 is the variance of the
    true dispersion over items, E[U^2] - E[U]^2 that of the estimate, and their ratio the reliability of U from as
    many votes as there are. Halves and Spearman-Brown would mislead for an entropy: two votes do not measure, at
    half the length, what four votes measure.

    Args:
        counts: (n_items, n_labels) whole votes.

    Returns:
        (n_items, 3): U, the estimate of its truth squared, U squared; NaN where an item has fewer than four votes.

    Raises:
        ValueError: votes that are negative or not whole.
    """
    votes = _whole(counts).astype(np.float64)
    n = row_sums(votes)
    n = np.where(n >= 4, n, np.nan)
    pairs = votes * (votes - 1.0)
    agreeing = row_sums(pairs)
    same_label = row_sums(pairs * (votes - 2.0) * (votes - 3.0))
    both = (same_label + agreeing * agreeing - row_sums(pairs * pairs)) / (n * (n - 1.0) * (n - 2.0) * (n - 3.0))
    agree = agreeing / (n * (n - 1.0))
    return np.column_stack([1.0 - agree, 1.0 - 2.0 * agree + both, np.square(1.0 - agree)])


def dispersion_reliability(moments: FloatArray) -> FloatArray:
    """Share of the spread of dispersion over items that is not chance, from means of `dispersion_moments`.

    Args:
        moments: (..., 3) means over items.

    Returns:
        (...,); about the correlation with the dispersion of as many other reviewers' votes. NaN where it does
        not vary.
    """
    mean, true_square, square = np.moveaxis(np.asarray(moments, dtype=np.float64), -1, 0)
    spread = square - mean * mean
    return quotient(true_square - mean * mean, np.where(spread > _CONSTANT, spread, 0.0))


def half_correlation(moments: FloatArray) -> FloatArray:
    """Correlation between halves, (E[xy] - E[x]^2) / (E[x^2] - E[x]^2), as the halves may change places.

    Args:
        moments: (..., 3) means over items of `half_moments`.

    Returns:
        (...,) correlations; NaN where the statistic does not vary.
    """
    mean, square, product = np.moveaxis(np.asarray(moments, dtype=np.float64), -1, 0)
    spread = square - mean * mean
    return quotient(product - mean * mean, np.where(spread > _CONSTANT, spread, 0.0))


def spearman_brown(correlation: FloatArray | float, factor: float) -> FloatArray:
    """Reliability of a measurement `factor` times as long as the one with this reliability.

    f r / (1 + (f - 1) r); for two halves f = 2.

    Args:
        correlation: reliability r of the shorter measurement, any shape.
        factor: how many times as long, above 0.

    Returns:
        Reliabilities of the same shape; NaN where r is so far below zero that none exists.

    Raises:
        ValueError: a factor that is not above 0.

    References:
        Spearman (1910) and Brown (1910).
    """
    if not factor > 0:
        raise ValueError(f"factor must be above 0, got {factor}")
    r = np.asarray(correlation, dtype=np.float64)
    return quotient(factor * r, 1.0 + (factor - 1.0) * r)


def leave_one_out_mean(counts: FloatArray, score: ItemScore) -> FloatArray:
    """Mean over an item's votes of a score between the vote and the other n - 1.

    Reviewers who chose the same label are exchangeable, so it is sum_k (c_k / n) score(others without one k, k):
    one call for each label, however many reviewers.

    Args:
        counts: (n_items, n_labels) whole votes.
        score: of the others' shares, the vote as a one-hot row, and the items they belong to.

    Returns:
        (n_items,); NaN where an item has fewer than two votes.

    Raises:
        ValueError: votes that are negative or not whole.
    """
    votes = _whole(counts).astype(np.float64)
    n = row_sums(votes)
    mean = np.where(n >= 2, 0.0, np.nan)
    one = np.eye(votes.shape[1])
    for label in range(votes.shape[1]):
        rows = np.flatnonzero((votes[:, label] > 0) & (n >= 2))
        others = (votes[rows] - one[label]) / (n[rows, None] - 1.0)
        chosen = np.broadcast_to(one[label], others.shape)
        mean[rows] += votes[rows, label] / n[rows] * score(others, chosen, rows)
    return mean


def reviewers_for_loss(sizes: FloatArray, losses: FloatArray, loss: FloatArray) -> FloatArray:
    """1 / n for the smallest human panel whose expected loss is no more than `loss`, interpolated in 1 / n.

    Args:
        sizes: (n_sizes,) people on the panels, rising.
        losses: (..., n_sizes) expected loss of each panel; made falling in n first (a larger panel is no worse).
        loss: (...,) the loss to be matched.

    Returns:
        (...,) 1 / n; -inf where even the largest panel's loss is higher, inf where the smallest one's is lower,
        NaN where a loss is NaN.

    Raises:
        ValueError: sizes that do not rise.
    """
    inverse = 1.0 / np.asarray(sizes, dtype=np.float64)
    if inverse.ndim != 1 or inverse.size < 2 or not (np.diff(inverse) < 0).all():
        raise ValueError("sizes must be two or more, rising")
    falling = np.minimum.accumulate(np.asarray(losses, dtype=np.float64), axis=-1)
    wanted = np.asarray(loss, dtype=np.float64)[..., None]
    # The first size that is good enough, and the one before it.
    at = np.sum(falling > wanted, axis=-1, keepdims=True)
    upper = np.clip(at, 1, inverse.size - 1)
    worse, better = (np.take_along_axis(falling, upper - step, axis=-1) for step in (1, 0))
    share = np.clip(quotient(worse - wanted, worse - better, empty=0.0), 0.0, 1.0)
    place = inverse[upper - 1] + share * (inverse[upper] - inverse[upper - 1])
    place = np.where(at == 0, np.where(falling[..., :1] == wanted, inverse[0], np.inf), place)
    place = np.where(at == inverse.size, -np.inf, place)
    unknown = np.isnan(wanted) | np.isnan(falling).any(axis=-1, keepdims=True)
    return np.asarray(np.where(unknown, np.nan, place)[..., 0])


def draw_without_replacement(votes: IntArray, drawn: IntArray, generator: np.random.Generator) -> IntArray:
    """Multivariate hypergeometric: label after label, from what is left."""
    taken = np.zeros_like(votes)
    left, wanted = votes.sum(axis=1), drawn.copy()
    for label in range(votes.shape[1]):
        own = votes[:, label]
        taken[:, label] = generator.hypergeometric(own, left - own, wanted)
        left, wanted = left - own, wanted - taken[:, label]
    return taken


def _whole(counts: FloatArray) -> IntArray:
    table = np.asarray(counts, dtype=np.float64)
    whole = np.rint(table)
    if table.ndim != 2 or not (np.abs(table - whole) < 1e-6).all() or (whole < 0).any():
        raise ValueError("counts must be (n_items, n_labels) whole votes")
    return whole.astype(np.int64)
