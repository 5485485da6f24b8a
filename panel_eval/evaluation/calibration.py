"""Calibration of forecasts against the shares of reviewers, and the panel's reliability diagram."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import estimate
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Calibration, Estimate, MetricTable, ReliabilityBin
from panel_eval.stats import (
    calibration_errors,
    equal_mass_bins,
    smooth_calibration_error,
    top_label_calibration,
)
from panel_eval.stats.arrays import FloatArray, IntArray

FEW_ITEMS = 100
"""Below this, binning says little (METHODS §1.11)."""
_NEAR_ZERO = "near zero, where resampling only adds: the lower end is the estimate itself"
_NO_SMOOTH_INTERVAL = "no interval is estimated for it in this version"


def calibration_estimates(humans: HumanLabels, forecaster: Forecaster, segment: Segment) -> dict[str, Estimate]:
    """Soft, classwise, smooth and hard calibration error of one forecaster on one segment.

    Bins are of equal mass and stay as they are in the resamples. A forecaster that says the same of every item
    has one bin.
    """
    scored = forecaster.scored[segment.rows]
    rows = segment.rows[scored]
    p, q = humans.distribution[rows], forecaster.q[rows]
    n_bins = 1 if forecaster.constant else None
    errors = calibration_errors(p, q, n_bins)
    no_interval = segment.interval_note(scored)
    picked, draws, _ = segment.take(scored)._item_weights()
    replicates = (
        None
        if no_interval
        else calibration_errors(humans.distribution[picked], forecaster.q[picked], n_bins, draws)
    )
    few = f"fewer than {FEW_ITEMS} items: says little" if rows.size < FEW_ITEMS else None
    top = top_label_calibration(p, q)
    smooth = smooth_calibration_error(top.confidence, top.soft_hit)
    numbers = {"smooth_ece": estimate(float(smooth), None, rows.size, few, _NO_SMOOTH_INTERVAL)}
    for metric, kind in (("soft_ece", "soft"), ("classwise_soft_ece", "classwise"), ("hard_ece", "hard")):
        resampled = None if replicates is None else getattr(replicates, kind)
        number = estimate(float(getattr(errors, kind)), resampled, rows.size, few, no_interval)
        numbers[metric] = _reaching(number)
    return numbers


def _reaching(number: Estimate) -> Estimate:
    """The estimate with an interval that holds it.

    An error cannot be negative, so resampling adds to one that is near zero and its interval can lie above it.
    """
    if number.estimate is None or number.low is None or number.low <= number.estimate:
        return number
    note = "; ".join(part for part in (number.note, _NEAR_ZERO) if part)
    return number.model_copy(update={"low": number.estimate, "note": note})


def calibration_section(humans: HumanLabels, panel: Forecaster, overall: MetricTable) -> Calibration:
    """The panel's calibration errors with the bins of its reliability diagram."""
    rows = np.flatnonzero(panel.scored)
    confidence, soft, hard = top_label_calibration(humans.distribution[rows], panel.q[rows])
    bins = equal_mass_bins(confidence) if rows.size else np.zeros(0, dtype=np.int64)
    n_bins = np.unique(bins).size
    return Calibration(
        soft_ece=overall["soft_ece"],
        classwise_soft_ece=overall["classwise_soft_ece"],
        smooth_ece=overall["smooth_ece"],
        hard_ece=overall["hard_ece"],
        reliability=_reliability(confidence, soft, hard, bins),
        binning=f"{n_bins} bins of nearly equal numbers of items, by the mass on the panel's top label; "
        "about 20 items a bin at least, 15 bins at most",
    )


def _reliability(
    confidence: FloatArray, soft: FloatArray, hard: FloatArray, bins: IntArray
) -> list[ReliabilityBin]:
    diagram = []
    for code in np.unique(bins):
        inside = bins == code
        diagram.append(
            ReliabilityBin(
                low=float(confidence[inside].min()),
                high=float(confidence[inside].max()),
                n=int(inside.sum()),
                confidence=float(confidence[inside].mean()),
                soft_accuracy=float(soft[inside].mean()),
                hard_accuracy=float(hard[inside].mean()),
            )
        )
    return diagram
