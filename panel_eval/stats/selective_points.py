"""Single points of risk-coverage curves: the risk at a coverage, the coverage at a risk, and what a ranking finds.

All read one ranking of `selective.rank_losses`. Items with tied confidence enter in random order: inside a tie
group the sum of losses runs straight. Descriptions of the items at hand, no guarantees for others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.selective import RankedLosses

_ROUNDING = 1e-9
"""How far rounding may put a mean loss over its target, or a number of items under the whole."""


def risk_at_coverage(ranked: RankedLosses, coverage: Sequence[float]) -> FloatArray:
    """Expected mean loss of the most confident share of the items.

    Args:
        ranked: a ranking with its losses.
        coverage: (n_coverages,) shares in (0, 1]. A share that is no whole number of items takes part of the next.

    Returns:
        (n_losses, n_coverages, ...) risks; NaN where no item counts.

    Raises:
        ValueError: a coverage outside (0, 1].
    """
    if not all(0 < share <= 1 for share in coverage):
        raise ValueError(f"coverages must lie in (0, 1], got {list(coverage)}")
    risks = [[_lost_by(ranked, j, share) for share in coverage] for j in range(len(ranked.lost))]
    sizes = np.stack([share * ranked.total for share in coverage])
    return quotient(np.array(risks).reshape(len(risks), *sizes.shape), sizes)


def risk_among_deferred(ranked: RankedLosses, rate: Sequence[float]) -> FloatArray:
    """Expected mean loss of the least confident share of the items.

    Args:
        ranked: a ranking with its losses.
        rate: (n_rates,) shares in (0, 1).

    Returns:
        (n_losses, n_rates, ...) means; NaN where no item counts.

    Raises:
        ValueError: a rate outside (0, 1).
    """
    kept_shares = [1.0 - share for share in rate]
    kept = risk_at_coverage(ranked, kept_shares)
    everything = np.stack([quotient(lost[-1:].sum(axis=0), ranked.total) for lost in ranked.lost])[:, None]
    shape = (-1,) + (1,) * (kept.ndim - 2)
    given, rest = np.array(kept_shares).reshape(shape), np.array(rate, dtype=np.float64).reshape(shape)
    deferred: FloatArray = (everything - given * kept) / rest
    return deferred


def coverage_at_risk(ranked: RankedLosses, risk: Sequence[float]) -> FloatArray:
    """Largest share of the items that can be kept with a mean loss of at most a target, in whole items.

    Args:
        ranked: a ranking with its losses.
        risk: (n_risks,) targets.

    Returns:
        (n_losses, n_risks, ...) shares; 0 where even the most confident item loses more; NaN where no item counts.

    Notes:
        The largest of possibly several: a curve may rise above the target and come back. Chosen after looking at
        the losses, so the risk among new items can be higher.
    """
    sizes = np.array([[_kept_within(ranked, j, target) for target in risk] for j in range(len(ranked.lost))])
    return quotient(sizes.reshape(len(ranked.lost), len(risk), *ranked.total.shape), ranked.total)


def average_precision(ranked: RankedLosses) -> FloatArray:
    """Area under the precision-recall curve of finding the losses among the least confident items (AUPRC).

    sum over distinct confidences, the lowest first, of the losses found there / all losses * the mean loss of what
    has been looked through. Chance gives the prevalence.

    Args:
        ranked: a ranking; its losses are 0/1 marks of what is to be found.

    Returns:
        (n_losses, ...) in [0, 1]; NaN where there is nothing to find.
    """
    looked = ranked.total - ranked.kept + ranked.count
    areas = []
    for loss, lost in zip(ranked.loss, ranked.lost, strict=True):
        marked = lost[-1:].sum(axis=0)
        precision = quotient(marked - lost + loss, looked, empty=0.0)
        areas.append(quotient(np.asarray(np.einsum("i...,i...->...", loss, precision)), marked))
    return np.stack(areas)


def _lost_by(ranked: RankedLosses, j: int, share: float) -> FloatArray:
    """(...) expected sum of losses of the first share of the items."""
    size = share * ranked.total
    if not len(ranked.kept):
        return np.zeros_like(size)
    last = np.minimum((ranked.kept < size).sum(axis=0), len(ranked.kept) - 1)
    # From the end of the last group backwards: what of it is not taken.
    excess = _row(ranked.kept, last) - size
    lost: FloatArray = _row(ranked.lost[j], last) - quotient(
        excess * _row(ranked.loss[j], last), _row(ranked.count, last), empty=0.0
    )
    return lost


def _kept_within(ranked: RankedLosses, j: int, target: float) -> FloatArray:
    """(...) largest whole number of items whose expected mean loss is at most the target."""
    lost, kept, n_points = ranked.lost[j], ranked.kept, len(ranked.kept)
    if not n_points:
        return np.zeros_like(ranked.total)
    within = (lost <= (target + _ROUNDING) * kept) & (kept > 0)
    last = n_points - 1 - np.argmax(within[::-1], axis=0)  # of those within; anything where there is none
    none = ~within.any(axis=0)
    start = np.where(none, 0.0, _row(kept, last))
    start_lost = np.where(none, 0.0, _row(lost, last))
    # The next group is what breaks the target; part of it may fit.
    following = np.where(none, 0, np.minimum(last + 1, n_points - 1))
    steep = quotient(_row(ranked.loss[j], following), _row(ranked.count, following), empty=np.inf) - target
    fits = np.where(steep > 0, (target * start - start_lost) / np.where(steep > 0, steep, 1.0), 0.0)
    more = np.clip(fits, 0.0, _row(kept, following) - start)
    whole: FloatArray = np.floor(start + more + _ROUNDING)
    return whole


def _row(table: FloatArray, place: IntArray) -> FloatArray:
    """Of each replicate the entry at its own point: (n_points, ...) and (...) -> (...)."""
    return np.asarray(np.take_along_axis(table, np.asarray(place)[None], axis=0)[0])
