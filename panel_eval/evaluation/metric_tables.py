"""All metrics of all forecasters, overall and by disagreement class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.calibration import calibration_estimates
from panel_eval.evaluation.class_crossfit import Membership, crossfit_estimates, leave_one_out
from panel_eval.evaluation.class_means import ClassMeans, SegmentMeans
from panel_eval.evaluation.class_models import Populations, expect_populations, model_columns, model_mean
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.correlations import entropy_correlations
from panel_eval.evaluation.entropy_level import EntropyLevel, entropy_level
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_entropy import MODEL_BASED, kl_estimate, kl_means
from panel_eval.evaluation.item_scores import block_scores, human_impurity
from panel_eval.evaluation.means import Mean, infinite_note, mean_estimate, null
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.ratios import NO_COUNTS, NO_ITEMS, base_rate_skill, reviewers_estimate
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import NOMINAL_METRICS, ORDINAL_METRICS, Estimate, MetricTable, Scores
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray

_CROSSFIT = ("ce_crossfit_bits", "ce_crossfit_skill")
_CIRCULAR_BY_CLASS = {
    "ce_bits": "the same votes define the class: ce_crossfit_bits is free of that",
    "ce_skill": "the same votes define the class: ce_crossfit_skill is free of that",
    "kl_plugin_bits": "biased: the same votes define the class; read kl_bits",
    "mode_accuracy": "the same votes define the class",
    "entropy_error_bits": "the same votes define the class",
}
"""Scores whose meaning by class needs votes that did not choose the item (METHODS 0.1)."""


def metric_names(scale: str) -> tuple[str, ...]:
    """Metrics of a nominal or ordinal scale, in the order they are written."""
    return NOMINAL_METRICS + (ORDINAL_METRICS if scale == "ordinal" else ())


@dataclass(frozen=True)
class Standards:
    """What all forecasters are scored with, computed once.

    Attributes:
        base_ce_bits: (n_items,) cross-entropy of the base rate.
        impurity: (n_items,) unbiased 1 - Σ p*².
        populations: what is expected of each item's population.
        entropy: the reviewers' own entropy, and how the prior behind it moves.
        class_means: takes means over all segments.
        membership: classes that items fall in when a vote is left out.
    """

    base_ce_bits: FloatArray
    impurity: FloatArray
    populations: Populations
    entropy: EntropyLevel
    class_means: ClassMeans
    membership: Membership


def make_standards(comparison: Comparison) -> Standards:
    """What `score_tables` needs for any forecaster of the comparison."""
    humans = comparison.humans
    populations = expect_populations(comparison.posterior)
    return Standards(
        base_ce_bits=cross_entropy_bits(humans.distribution, comparison.base_rate),
        impurity=human_impurity(humans),
        populations=populations,
        entropy=entropy_level(comparison, populations.entropy_bits),
        class_means=ClassMeans.over(comparison.segments),
        membership=leave_one_out(comparison),
    )


def score_tables(forecasters: Sequence[Forecaster], comparison: Comparison, standards: Standards) -> list[Scores]:
    """Score every forecaster on every segment."""
    return [_scores(forecaster, comparison, standards) for forecaster in forecasters]


def as_scores(by_segment: Mapping[str, MetricTable]) -> Scores:
    """Tables by segment name as one `Scores`."""
    by_class = {name: table for name, table in by_segment.items() if name != OVERALL}
    return Scores(overall=by_segment[OVERALL], by_class=by_class)


def _scores(forecaster: Forecaster, comparison: Comparison, standards: Standards) -> Scores:
    """One forecaster at a time: a million items' scores of all of them would not fit."""
    means = standards.class_means.of(lambda rows: _columns(forecaster.q, comparison.humans, standards, rows))
    level = kl_means(standards.entropy, comparison, forecaster, means)
    crossfit = crossfit_estimates(comparison, standards.membership, forecaster)
    tables = {}
    for segment in comparison.segments:
        own = {**means[segment.name], "kl": level[segment.name]}
        modelled = {} if segment.name == OVERALL else _modelled(segment.name, means)
        table = _table(forecaster, own, modelled | crossfit[segment.name], comparison, segment)
        tables[segment.name] = {
            name: _annotated(table[name], name, forecaster, own, segment)
            for name in metric_names(comparison.humans.scale)
        }
    return as_scores(tables)


def _columns(q: FloatArray, humans: HumanLabels, standards: Standards, rows: slice) -> Columns:
    """All scores of the items in `rows` that are averaged."""
    columns = block_scores(humans, q, rows)
    # Ratios compare means over the same items, so their denominators are masked to them.
    columns["base_ce_bits"] = np.where(np.isnan(columns["ce_bits"]), np.nan, standards.base_ce_bits[rows])
    columns["impurity"] = np.where(np.isnan(columns["brier_debiased"]), np.nan, standards.impurity[rows])
    unbiased = {"distance": columns["brier_debiased"], "impurity": columns["impurity"]}
    return columns | model_columns(standards.populations, q, rows, columns["ce_bits"], unbiased)


def _modelled(segment: str, means: SegmentMeans) -> MetricTable:
    """What is scored against expected populations in a class."""
    distance, impurity = (model_mean(name, segment, means) for name in ("distance", "impurity"))
    number = reviewers_estimate(impurity, distance, NO_ITEMS)
    return {
        "brier_debiased": mean_estimate(distance, MODEL_BASED),
        "n_eq": number.model_copy(update={"note": "; ".join(filter(None, (MODEL_BASED, number.note)))}),
    }


def _table(
    forecaster: Forecaster,
    means: Mapping[str, Mean],
    beyond_means: MetricTable,
    comparison: Comparison,
    segment: Segment,
) -> MetricTable:
    humans, by_class = comparison.humans, segment.name != OVERALL
    names = metric_names(humans.scale)
    if means["tvd"].n == 0:
        # A class that no item is in may still be one that items fall in when a vote is left out.
        return {name: null(NO_ITEMS) for name in names} | {name: beyond_means[name] for name in _CROSSFIT}
    table = {name: mean_estimate(mean) for name, mean in means.items() if name in names}
    table["ce_skill"] = base_rate_skill(means["ce_bits"], means["base_ce_bits"])
    table["n_eq"] = reviewers_estimate(means["impurity"], means["brier_debiased"])
    table["brier_debiased"] = mean_estimate(means["brier_debiased"], missing=NO_COUNTS)
    table["kl_bits"] = kl_estimate(means["kl"], comparison.posterior, by_class=by_class)
    table["kl_naive_bias_bits"] = _naive_bias(means["kl_plugin_bits"], means["kl"], comparison.posterior, by_class)
    table |= entropy_correlations(humans, forecaster, segment)
    table |= calibration_estimates(humans, forecaster, segment)
    return table | beyond_means


def _naive_bias(plugin: Mean, level: Mean, posterior: HumanPosterior, by_class: bool) -> Estimate:
    """By how much the plug-in KL exceeds the level; both are null together."""
    if level.n_infinite:
        return null(infinite_note(level.n_infinite), level.n)
    bias = replace(level, value=plugin.value - level.value, replicates=plugin.replicates - level.replicates)
    return mean_estimate(bias, MODEL_BASED if by_class else posterior.interval_note)


def _annotated(
    number: Estimate, metric: str, forecaster: Forecaster, means: Mapping[str, Mean], segment: Segment
) -> Estimate:
    """The estimate with what must be said beside it for this forecaster and segment."""
    if metric in forecaster.unscorable:
        return null(forecaster.unscorable[metric])
    if number.note == NO_ITEMS:
        return number
    notes = [number.note, forecaster.notes.get(metric)]
    left_out = means["tvd"].n - means["brier_debiased"].n
    by_class = segment.name != OVERALL
    if metric in ("brier_debiased", "n_eq") and number.estimate is not None and left_out and not by_class:
        notes.append(f"{left_out} items left out: fewer than two reviewers, or counts not known")
    if metric in _CIRCULAR_BY_CLASS and by_class and number.estimate is not None:
        notes.append(_CIRCULAR_BY_CLASS[metric])
    return number.model_copy(update={"note": "; ".join(note for note in notes if note) or None})
