"""Calibration of forecasts against the shares of reviewers: the errors of every forecaster on every segment."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.binned_errors import BinnedError, binned_errors, with_error_interval
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.entropy_level import EntropyLevel
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import chosen_items
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.recalibration import decompositions
from panel_eval.evaluation.reliability import binning_words, reliability_bins
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.evaluation.self_confidence import self_confidence
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate, MetricTable
from panel_eval.schema.calibration_metrics import Calibration
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.calibration import TopLabel
from panel_eval.stats.calibration_errors import BinnedGaps, binned_gaps
from panel_eval.stats.smooth_calibration import grid_shares, smooth_calibration_error, smooth_error_on_grid

FEW_ITEMS = 100
"""Below this, binning says little (METHODS §1.11)."""
_SMOOTH_RESAMPLES = 500
_SMOOTH_CELLS = 200
"""The grid of the resampled smooth error; the error itself has a finer one."""

METRICS = (
    "soft_ece",
    "soft_ece_squared_debiased",
    "soft_ece_rms_debiased",
    "classwise_soft_ece",
    "smooth_ece",
    "hard_ece",
)
HARD_ECE_NOTE = "misleading: where reviewers disagree even their own distribution scores badly; read soft_ece"
_FEW = f"fewer than {FEW_ITEMS} items: says little"
_NO_SMOOTH_INTERVAL = "its interval is estimated over all items only"


def calibration_estimates(humans: HumanLabels, forecaster: Forecaster, segment: Segment) -> dict[str, Estimate]:
    """Soft (plain and debiased), classwise, smooth and hard calibration error of a forecaster on one segment.

    Bins are of equal mass and stay as they are in the resamples. A forecaster that says the same of every item
    has one bin. Every interval but that of the debiased square is made by `error_interval`.
    """
    part, chosen = chosen_items(segment.take(forecaster.scored[segment.rows]))
    if not part.rows.size:
        return {name: null("no items") for name in METRICS}
    n_bins = 1 if forecaster.constant else None
    binned = binned_gaps(humans.distribution[part.rows], forecaster.q[part.rows], n_bins)
    remark = _FEW if part.rows.size < FEW_ITEMS else chosen
    soft, hard, classwise = joined_errors(binned, part)
    return {
        "soft_ece": soft.estimate(remark),
        "soft_ece_squared_debiased": soft.squared(remark),
        "soft_ece_rms_debiased": soft.root(remark),
        "classwise_soft_ece": classwise.estimate(remark),
        "smooth_ece": _smooth(binned.top, part, soft.may_be_zero, remark),
        "hard_ece": hard.estimate(HARD_ECE_NOTE, remark),
    }


def calibration_section(comparison: Comparison, level: EntropyLevel, overall: MetricTable) -> Calibration:
    """The panel's calibration: its errors, reliability diagram and decomposition, and the judges' confidence.

    Args:
        comparison: panel, judges and people.
        level: of the people's own entropy.
        overall: the panel's estimates over all items; what it lacks of `METRICS` is estimated here.
    """
    errors: MetricTable = overall
    if not set(METRICS) <= set(overall):
        errors = calibration_estimates(comparison.humans, comparison.panel, comparison.everything) | overall
    part, _ = chosen_items(comparison.everything.take(comparison.panel.scored))
    split = decompositions(comparison, level)
    diagram = reliability_bins(comparison.humans, comparison.panel.q, part)
    return Calibration(
        **{name: errors[name] for name in METRICS},
        reliability=diagram,
        binning=binning_words(part.rows.size, len(diagram)),
        decomposition=split.panel,
        judge_decompositions=split.judges,
        self_confidence=self_confidence(comparison),
    )


def joined_errors(binned: BinnedGaps, part: Segment) -> tuple[BinnedError, BinnedError, BinnedError]:
    """Soft, hard and classwise error of binned forecasts, with their replicates."""
    soft, hard, *labels = binned_errors(binned.gaps, binned.bins, part, sharing=2)
    classwise = BinnedError(
        value=float(np.mean([label.value for label in labels])),
        replicates=np.mean([label.replicates for label in labels], axis=0),
        square=float(np.mean([label.square for label in labels])),
        squares=np.mean([label.squares for label in labels], axis=0),
        n=soft.n,
        no_interval=soft.no_interval,
    )
    return soft, hard, classwise


def _smooth(top: TopLabel, part: Segment, may_be_zero: bool, remark: str | None) -> Estimate:
    value, n = float(smooth_calibration_error(top.confidence, top.soft_hit)), part.rows.size
    reason = part.interval_note() or (None if part.name == OVERALL else _NO_SMOOTH_INTERVAL)
    if reason:
        return estimate(value, None, n, remark, reason)
    replicates = smooth_replicates(top, value, part)
    return with_error_interval(estimate(value, None, n, remark), replicates, may_be_zero)


def smooth_replicates(top: TopLabel, value: float, part: Segment) -> FloatArray:
    """The smooth error in each of the first resamples, on a coarser grid than the `value` of all items."""
    residuals, masses = (
        _grid_sums(top.confidence, values, part)
        for values in (top.confidence - top.soft_hit, np.ones(part.rows.size))
    )
    on_grid = float(smooth_error_on_grid(residuals.sum(axis=0), masses.sum(axis=0)))
    drawn = (part.drawn(table, _SMOOTH_RESAMPLES).T for table in (residuals, masses))
    replicates: FloatArray = smooth_error_on_grid(*drawn) + (value - on_grid)
    return replicates


def _grid_sums(confidence: FloatArray, values: FloatArray, part: Segment) -> FloatArray:
    """(n_units, n_points) the values shared between the grid points around each item's confidence."""
    left, share = grid_shares(confidence, _SMOOTH_CELLS)
    points = _SMOOTH_CELLS + 1
    below = part.unit_sums(values * (1.0 - share), left, points)
    return below + part.unit_sums(values * share, left + 1, points)
