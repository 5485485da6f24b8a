"""Does the panel hold back where humans disagree: risk-coverage curves and ranking by uncertainty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panel_eval import stats
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Deferral, Estimate, RiskCoverageCurve
from panel_eval.stats.arrays import FloatArray, IntArray

MAX_POINTS = 200
DISAGREEMENT = ("major", "unresolved")

_SCORE = "entropy of the panel's forecast, in bits"
_SOFT = "share of reviewers who chose another label than the panel's top label"
_HARD = "0 if the panel's top label is the reviewers' most frequent one, else 1"
_TIES = "; ties shared"
_CONVENTION = "mean of selective risk over all prefixes"


def deferral_section(humans: HumanLabels, panel: Forecaster, everything: Segment) -> Deferral:
    """Rank the items by the panel's uncertainty and see what it would lose by deciding the rest.

    Args:
        humans: the labelled items.
        panel: its forecast.
        everything: the segment of all items.
    """
    uncertainty = stats.entropy_bits(panel.q)
    top = stats.top_label_calibration(humans.distribution, panel.q)
    classes = np.array(humans.derived_class)
    disagree = np.isin(classes, DISAGREEMENT)
    # An item with too few reviewers for a class is neither split nor agreed.
    ranked = np.where(classes == "insufficient", np.nan, uncertainty)
    human_entropy = stats.entropy_bits(humans.distribution)
    return Deferral(
        score=_SCORE,
        soft=_curve(uncertainty, 1.0 - top.soft_hit, _SOFT + _TIES, everything),
        hard=_curve(uncertainty, 1.0 - top.hard_hit, _HARD + _TIES, everything),
        spearman_human_entropy=_resampled(
            lambda rows, w: stats.weighted_spearman(uncertainty[rows], human_entropy[rows], w),
            panel.scored,
            everything,
            "undefined: the panel's or the reviewers' entropy is the same on every item",
        ),
        auroc_disagreement=_resampled(
            lambda rows, w: stats.weighted_auroc(ranked[rows], disagree[rows], w),
            np.isfinite(ranked),
            everything,
            "undefined: no item, or every item, is of class major or unresolved",
        ),
        n_disagreement=int((disagree & panel.scored).sum()),
    )


def _curve(uncertainty: FloatArray, loss: FloatArray, words: str, everything: Segment) -> RiskCoverageCurve:
    scored = np.isfinite(uncertainty)
    curve = stats.risk_coverage(-uncertainty, loss)
    oracle = stats.risk_coverage(-loss, loss)
    points = _thinned(curve.coverage.size)
    coverage = curve.coverage[points]
    aurc = _resampled(
        lambda rows, w: stats.aurc(-uncertainty[rows], loss[rows], w),
        scored,
        everything,
        note=_CONVENTION,
        fewest=1,
    )
    augrc = _resampled(lambda rows, w: stats.augrc(-uncertainty[rows], loss[rows], w), scored, everything, fewest=1)
    return RiskCoverageCurve(
        coverage=coverage.tolist(),
        selective_risk=curve.selective_risk[points].tolist(),
        oracle_risk=_oracle_risk(oracle, coverage).tolist(),
        aurc=aurc,
        augrc=augrc,
        loss=words,
    )


def _oracle_risk(oracle: stats.RiskCoverage, coverage: FloatArray) -> FloatArray:
    """Selective risk of ranking by the true loss, at the given coverages.

    Between two points the generalized risk runs straight, as tied items enter in random order.
    """
    if not coverage.size:
        return coverage
    known = np.concatenate([[0.0], oracle.coverage])
    lost = np.concatenate([[0.0], oracle.generalized_risk])
    risk: FloatArray = np.interp(coverage, known, lost) / coverage
    return risk


def _resampled(
    statistic: Callable[[IntArray, FloatArray | None], FloatArray],
    part: np.ndarray,
    everything: Segment,
    undefined: str = "undefined",
    note: str | None = None,
    fewest: int = MIN_ITEMS,
) -> Estimate:
    """A statistic of the items in `part` (a mask) with its interval; null under `fewest` items."""
    n = int(part.sum())
    if n == 0:
        return null("no items")
    if n < fewest:
        return null(f"fewer than {fewest} items", n)
    no_interval = everything.interval_note(part)
    value, replicates = everything.replicates(statistic, part)
    return estimate(value, None if no_interval else replicates, n, note, no_interval, undefined=undefined)


def _thinned(n_points: int) -> np.ndarray:
    """Positions of at most `MAX_POINTS` points, evenly spread, the first and the last among them."""
    if n_points <= MAX_POINTS:
        return np.arange(n_points)
    return np.linspace(0, n_points - 1, MAX_POINTS).round().astype(np.int64)
