"""All metrics of all forecasters, overall and by disagreement class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.calibration import calibration_estimates
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.correlations import entropy_correlations
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_scores import human_impurity, item_scores
from panel_eval.evaluation.means import Mean, estimate, infinite_note, mean_estimate, null, segment_means
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import NOMINAL_METRICS, ORDINAL_METRICS, Estimate, MetricTable, Scores
from panel_eval.stats import percentile_interval
from panel_eval.stats.arrays import FloatArray

NO_ITEMS = "no items"
NO_COUNTS = "no item has two or more reviewers with known counts"
_HIDDEN = ("base_ce_bits", "impurity")
_CIRCULAR_BY_CLASS = ("kl_plugin_bits", "brier_debiased", "n_eq")
"""Scores whose correction or meaning needs votes that did not choose the item (METHODS 0.1)."""
_CLOSED_FORM = "no closed form; not estimated in this version"


def metric_names(scale: str) -> tuple[str, ...]:
    """Metrics of a nominal or ordinal scale, in the order they are written."""
    return NOMINAL_METRICS + (ORDINAL_METRICS if scale == "ordinal" else ())


def score_tables(forecasters: Sequence[Forecaster], comparison: Comparison) -> dict[str, Scores]:
    """Score every forecaster on every segment: name of the forecaster to its scores."""
    humans = comparison.humans
    baseline = _Baseline(item_scores(humans, comparison.base_rate)["ce_bits"], human_impurity(humans))
    return {forecaster.name: _scores(forecaster, comparison, baseline) for forecaster in forecasters}


def fresh_panel_scores(humans: HumanLabels, distance: FloatArray, segments: Sequence[Segment]) -> Scores:
    """What a fresh human panel of the same n would score, where that has a closed form.

    Args:
        humans: the labelled items.
        distance: (n_items,) its expected squared distance from the population.
        segments: all items, then each class.
    """
    impurity = np.where(np.isnan(distance), np.nan, human_impurity(humans))
    columns = {"brier_debiased": distance, "impurity": impurity}
    by_segment = {}
    for segment in segments:
        means = segment_means(columns, segment)
        table = {name: null(_CLOSED_FORM) for name in metric_names(humans.scale)}
        table["brier_debiased"] = mean_estimate(means["brier_debiased"], missing=_missing_counts(segment))
        table["n_eq"] = reviewers_estimate(means["impurity"], means["brier_debiased"], _missing_counts(segment))
        by_segment[segment.name] = table
    return as_scores(by_segment)


def as_scores(by_segment: Mapping[str, MetricTable]) -> Scores:
    """Tables by segment name as one `Scores`."""
    by_class = {name: table for name, table in by_segment.items() if name != OVERALL}
    return Scores(overall=by_segment[OVERALL], by_class=by_class)


def skill_estimate(score: Mean, base: Mean) -> Estimate:
    """Cross-entropy skill 1 - CE / CE of the base rate, a ratio of means resampled whole (METHODS §2.5)."""
    if score.n == 0:
        return null(NO_ITEMS)
    if score.n_infinite:
        return null(infinite_note(score.n_infinite), score.n)
    replicates = None if score.interval_note else 1.0 - score.replicates / base.replicates
    return estimate(1.0 - score.value / base.value, replicates, score.n, score.interval_note)


def reviewers_estimate(impurity: Mean, distance: Mean, missing: str = NO_COUNTS) -> Estimate:
    """Human-equivalent reviewers n_eq = mean impurity / mean debiased Brier distance.

    The interval is taken of 1 / n_eq, which stays finite where the distance passes through zero; an end at or
    below zero there means that no number of reviewers bounds n_eq, and is written as null.
    """
    n = distance.n
    if n == 0:
        return null(missing)
    if impurity.value <= 0:
        return null("reviewers agree on every item, so any number of them is as good as one", n)
    if distance.value <= 0:
        return null("unbounded: as close to the reviewers' population as can be told apart from it", n)
    value = impurity.value / distance.value
    if distance.interval_note:
        return estimate(value, None, n, distance.interval_note)
    drawn = impurity.replicates > 0
    inverse = np.where(drawn, distance.replicates / np.where(drawn, impurity.replicates, 1.0), np.nan)
    low, high = percentile_interval(inverse)
    note = None if low > 0 or np.isnan(low) else "no upper end: the interval reaches a distance of zero"
    return Estimate(
        estimate=value,
        low=float(1.0 / high) if high > 0 else None,
        high=float(1.0 / low) if low > 0 else None,
        n=n,
        note=note,
    )


@dataclass(frozen=True)
class _Baseline:
    """(n_items,) what scores are divided by: cross-entropy of the base rate, and unbiased 1 - Σ p*²."""

    ce_bits: FloatArray
    impurity: FloatArray


def _scores(forecaster: Forecaster, comparison: Comparison, baseline: _Baseline) -> Scores:
    """One forecaster at a time: a million items' scores of all of them would not fit."""
    columns = item_scores(comparison.humans, forecaster.q)
    # Ratios compare means over the same items, so their denominators are masked to them.
    columns["base_ce_bits"] = np.where(np.isnan(columns["ce_bits"]), np.nan, baseline.ce_bits)
    columns["impurity"] = np.where(np.isnan(columns["brier_debiased"]), np.nan, baseline.impurity)
    return as_scores(
        {
            segment.name: _table(forecaster, segment_means(columns, segment), comparison.humans, segment)
            for segment in comparison.segments
        }
    )


def _table(forecaster: Forecaster, means: Mapping[str, Mean], humans: HumanLabels, segment: Segment) -> MetricTable:
    names = metric_names(humans.scale)
    if means["tvd"].n == 0:
        return {name: null(NO_ITEMS) for name in names}
    table = {name: mean_estimate(mean) for name, mean in means.items() if name not in _HIDDEN}
    table["ce_skill"] = skill_estimate(means["ce_bits"], means["base_ce_bits"])
    table["n_eq"] = reviewers_estimate(means["impurity"], means["brier_debiased"])
    table["brier_debiased"] = mean_estimate(means["brier_debiased"], missing=NO_COUNTS)
    table["kl_bits"] = null("only the plug-in is estimated in this version: see kl_plugin_bits")
    table |= entropy_correlations(humans, forecaster, segment)
    table |= calibration_estimates(humans, forecaster, segment)
    return {name: _annotated(table[name], name, forecaster, means, segment) for name in names}


def _annotated(
    number: Estimate, metric: str, forecaster: Forecaster, means: Mapping[str, Mean], segment: Segment
) -> Estimate:
    """The estimate with what must be said beside it for this forecaster and segment."""
    if metric in forecaster.unscorable:
        return null(forecaster.unscorable[metric])
    notes = [number.note, forecaster.notes.get(metric)]
    left_out = means["tvd"].n - means["brier_debiased"].n
    if metric in ("brier_debiased", "n_eq") and number.estimate is not None and left_out:
        notes.append(f"{left_out} items left out: fewer than two reviewers, or counts not known")
    if metric in _CIRCULAR_BY_CLASS and segment.name != OVERALL and number.estimate is not None:
        notes.append("biased: the same votes define the class")
    return number.model_copy(update={"note": "; ".join(note for note in notes if note) or None})


def _missing_counts(segment: Segment) -> str:
    return NO_COUNTS if segment.rows.size else NO_ITEMS
