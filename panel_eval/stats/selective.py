"""Selective prediction: what is lost if only the most confident items are decided.

Items are ranked by confidence; items with tied confidence (within 1e-9) enter together, which is the expectation
over all orders of the tied items. `w` as in `correlation`: (n_replicates, n_items) counts, or None.

Ranking many resamples costs far more than summing along them, so `rank_losses` does it once for several losses;
`selective_areas` and the functions of `selective_points` read what they need from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from panel_eval.stats.arrays import FloatArray, as_vector, as_weights, per_item, quotient
from panel_eval.stats.ties import tie_groups


@dataclass(frozen=True)
class RiskCoverage:
    """Risk against coverage, one point for each distinct confidence, from the most confident items on.

    Each array is (n_points,), or (n_replicates, n_points) for resamples.

    Attributes:
        coverage: share of items kept; the last is 1.
        selective_risk: mean loss of the kept items; NaN while a resample has kept none.
        generalized_risk: loss of the kept items divided by the number of all items.
    """

    coverage: FloatArray
    selective_risk: FloatArray
    generalized_risk: FloatArray


@dataclass(frozen=True)
class RankedLosses:
    """Losses along a ranking by confidence, the most confident tie group first.

    Attributes:
        count: (n_points, ...) items of each tie group; "..." is nothing, or n_replicates.
        kept: (n_points, ...) their running number.
        loss: for each loss (n_points, ...) its sum over the items of the group.
        lost: for each loss (n_points, ...) the running sum.
    """

    count: FloatArray
    kept: FloatArray
    loss: tuple[FloatArray, ...]
    lost: tuple[FloatArray, ...]

    @property
    def total(self) -> FloatArray:
        """(...) number of all items."""
        return np.asarray(self.kept[-1:].sum(axis=0))

    def first(self, n_losses: int) -> RankedLosses:
        """The same ranking with its first few losses alone."""
        return RankedLosses(self.count, self.kept, self.loss[:n_losses], self.lost[:n_losses])


@dataclass(frozen=True)
class SelectiveAreas:
    """Areas under the curves of each loss; each (n_losses, ...), NaN where no item counts.

    Attributes:
        mean_loss: risk at full coverage, e.
        aurc: mean selective risk over all prefixes of the ranking (Geifman).
        aurc_trapezoid: area by trapezoids (fd-shifts).
        augrc: area under the generalized risk.
        auroc_failure: chance that a failure has lower confidence than a success, ties as half. Of losses in
            [0, 1] each item is that share of a failure. 1 - (augrc - e^2/2) / (e (1 - e)), which for 0/1 losses is
            the area under the ROC curve; NaN where everything succeeds or fails.
    """

    mean_loss: FloatArray
    aurc: FloatArray
    aurc_trapezoid: FloatArray
    augrc: FloatArray
    auroc_failure: FloatArray


def rank_losses(confidence: FloatArray, losses: FloatArray, w: FloatArray | None = None) -> RankedLosses:
    """Rank items by confidence once, for one or several losses.

    Args:
        confidence: (n_items,) higher = kept longer.
        losses: (n_items,) or (n_items, n_losses). Items with NaN in any of it are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    confidence = as_vector(confidence, "confidence")
    table = np.asarray(losses, dtype=np.float64)
    columns = [as_vector(loss, "loss", confidence.size) for loss in (table.T if table.ndim == 2 else [table])]
    weights = as_weights(w, confidence.size)
    keep = ~np.isnan(confidence)
    for loss in columns:
        keep &= ~np.isnan(loss)
    if not keep.any():
        none = np.empty((0, *weights.shape[1:]))
        return RankedLosses(none, none, (none,) * len(columns), (none,) * len(columns))
    rows = np.flatnonzero(keep)
    groups = tie_groups(confidence[rows], descending=True)
    order = rows[groups.order]
    ordered = weights[order]
    count = groups.merge(ordered)
    lost = tuple(groups.merge(ordered * per_item(loss[order], ordered)) for loss in columns)
    return RankedLosses(count, np.cumsum(count, axis=0), lost, tuple(np.cumsum(part, axis=0) for part in lost))


def risk_coverage(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> RiskCoverage:
    """Risk among the kept items, from the most to the least confident.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        The curve; without points where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    ranked = rank_losses(confidence, loss, w)
    total, lost = ranked.kept[-1:], ranked.lost[0]
    return RiskCoverage(
        coverage=quotient(ranked.kept, total).T,
        selective_risk=quotient(lost, ranked.kept).T,
        generalized_risk=quotient(lost, total).T,
    )


def selective_areas(ranked: RankedLosses) -> SelectiveAreas:
    """Every area under the curves of a ranking; the functions below define them one by one.

    Each area is a sum over items of loss times a weight that the ranking alone decides, so that several losses
    cost little more than one.
    """
    total = ranked.total
    mean_loss = _over(ranked, np.ones_like(ranked.count), total)
    middle = ranked.kept - 0.5 * ranked.count
    middle -= total  # the risk of a group counts at each coverage from the group's middle on
    area = -_over(ranked, middle, total**2)
    failed = mean_loss * (1.0 - mean_loss)
    return SelectiveAreas(
        mean_loss=mean_loss,
        aurc=_over(ranked, _prefix_weight(ranked), total),
        aurc_trapezoid=_over(ranked, _trapezoid_weight(ranked), total),
        augrc=area,
        auroc_failure=1.0 - quotient(area - 0.5 * mean_loss**2, np.where(failed > _ROUNDING, failed, 0.0)),
    )


def aurc(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the risk-coverage curve as the mean selective risk over all N prefixes of the ranking.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once. Whole numbers:
            the number of prefixes depends on them.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.

    References:
        Geifman, Uziel & El-Yaniv (2019), "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers".
    """
    return np.asarray(selective_areas(rank_losses(confidence, loss, w)).aurc[0])


def aurc_trapezoid(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the risk-coverage curve by trapezoids, the curve drawn level from coverage 0 to its first point.

    The convention of the fd-shifts benchmark (which multiplies by 1,000). It can differ from `aurc` by .02 on
    ten items (METHODS 6.1): say which one is meant.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.
    """
    return np.asarray(selective_areas(rank_losses(confidence, loss, w)).aurc_trapezoid[0])


def augrc(confidence: FloatArray, loss: FloatArray, w: FloatArray | None = None) -> FloatArray:
    """Area under the generalized risk-coverage curve: the mean risk of undetected failures.

    Trapezoids from (0, 0). For 0/1 losses it equals (1 - AUROC_f) * acc * err + err^2 / 2, so no ranking has less
    than err^2 / 2; unlike the AURC it does not over-weight the few most confident items.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) loss of deciding the item. Items with NaN in either are left out.
        w: (n_replicates, n_items) how often each item is drawn, (n_items,), or None for once.

    Returns:
        (n_replicates,) or 0-d; NaN where no item counts.

    Raises:
        ValueError: wrong shapes, infinite values, negative weights.

    References:
        Traub et al. (2024), "Overcoming Common Flaws in the Evaluation of Selective Classification Systems".
    """
    return np.asarray(selective_areas(rank_losses(confidence, loss, w)).augrc[0])


def asymptotic_aurc_optimum(error_rate: FloatArray) -> FloatArray:
    """AURC of a perfect ranking of infinitely many right and wrong decisions: e + (1 - e) ln(1 - e).

    What the E-AURC of the literature subtracts. Of few items, the best ranking has more by the mean of prefixes
    (METHODS 6.1: .1126 against .0935 with 4 errors in 10).

    Args:
        error_rate: (...) mean 0/1 loss e, in [0, 1].

    Returns:
        (...) areas; 1 where everything is wrong.

    References:
        Geifman, Uziel & El-Yaniv (2019).
    """
    right = 1.0 - np.asarray(error_rate, dtype=np.float64)
    optimum: FloatArray = 1.0 - right + right * np.log(np.where(right > 0, right, 1.0))
    return optimum


_ROUNDING = 1e-12
"""Below this a share of failures times a share of successes is the rounding error of none."""


def _over(ranked: RankedLosses, weight: FloatArray, scale: FloatArray) -> FloatArray:
    """(n_losses, ...) sum over points of each loss times a weight, over a scale."""
    return np.stack(
        [quotient(np.asarray(np.einsum("i...,i...->...", loss, weight)), scale) for loss in ranked.loss]
    )


def _prefix_weight(ranked: RankedLosses) -> FloatArray:
    """Sum over prefixes of the share 1 / k that a unit of a group's loss has in the prefix of k items.

    With H the harmonic numbers: all prefixes beyond the group hold it, H(N) - H(K); those that end inside hold
    (k - K0) of its K - K0 items in expectation, 1 - K0 / (K - K0) (H(K) - H(K0)).
    """
    harmonic = _harmonic(ranked.kept)
    inside = np.diff(harmonic, axis=0, prepend=0.0)
    inside *= quotient(ranked.kept - ranked.count, ranked.count, empty=0.0)
    weight: FloatArray = 1.0 + harmonic[-1:] - harmonic - inside
    return weight


def _trapezoid_weight(ranked: RankedLosses) -> FloatArray:
    """Sum of the trapezoids' halves that a unit of a group's loss has a share 1 / K in."""
    width = 0.5 * ranked.count
    width[:-1] += 0.5 * ranked.count[1:]
    width += np.where(ranked.kept <= ranked.count, 0.5 * ranked.count, 0.0)  # level up to the first point
    share = quotient(width, ranked.kept, empty=0.0)
    weight: FloatArray = np.cumsum(share[::-1], axis=0)[::-1]
    return weight


def _harmonic(k: FloatArray) -> FloatArray:
    """Harmonic numbers 1 + 1/2 + ... + 1/k, from a table for whole k, which counts of items are."""
    whole = k.astype(np.int64)
    if (whole == k).all():
        table = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, whole.max(initial=0) + 1))])
        return table[whole]
    return np.asarray(digamma(k + 1.0) + np.euler_gamma)
