"""The level of KL: unbiased cross-entropy minus one entropy of the reviewers, shared by all forecasters.

The prior behind that entropy moves from resample to resample (`prior_moves`).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.class_means import SegmentMeans
from panel_eval.evaluation.class_models import model_mean
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.entropy_level import EntropyLevel
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.means import Mean, estimate, mean_estimate, null, segment_means
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.posterior import (
    JEFFREYS,
    HumanPosterior,
    PriorFit,
    concentration_note,
    weight_note,
)
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.schema import Estimate
from panel_eval.schema.entropy_metrics import EntropyEstimator, HumanEntropy
from panel_eval.stats import cross_entropy_bits, entropy_bits
from panel_eval.stats.arrays import BoolArray, FloatArray, row_sums
from panel_eval.stats.dirichlet_multinomial import HIGHEST, LOWEST, concentration
from panel_eval.stats.entropy_estimators import (
    dirichlet_entropy_bits,
    dirichlet_entropy_sd_bits,
    distinct_count_vectors,
    miller_madow_bits,
    nsb_entropy_bits,
)

MODEL_BASED = (
    "model-based: what a model of all items' votes expects of such items, as the votes of the class define it and "
    "cannot judge it too"
)
_BELOW_ZERO = "below zero: closer to the reviewers than this many votes can tell from perfect"
_NO_PRIOR = "no prior was fitted"
_MAX_ITEMS = 50_000
"""Items that the estimators are compared on where there are more."""
_SEED = 232


def kl_means(
    level: EntropyLevel, comparison: Comparison, forecaster: Forecaster, means: SegmentMeans
) -> dict[str, Mean]:
    """The level of KL of one forecaster by name of the segment, the prior fitted again in each resample.

    Overall it is mean cross-entropy - mean E[H] over the forecaster's items. By class it is the mean posterior
    expectation of KL, E[sum_k p_k log2(p_k / q_k)] = -sum_k (A_k / S) log2 q_k - E[H], less what the prior's centre
    gets wrong about this forecaster (`model_mean`): the items of all classes together have the unbiased level.

    Args:
        level: from `entropy_level`, shared by all forecasters.
        comparison: the panel beside the people.
        forecaster: the panel, a judge or a reference.
        means: of the columns that `class_models.model_columns` makes of it.
    """
    expected = level.cross_entropy_moved(forecaster.q)
    finite: BoolArray = np.asarray((forecaster.q > 0).all(axis=1))
    everything, *classes = comparison.segments
    gap = level.moved(everything, means[OVERALL]["gap_kl"], finite, expected)
    within = {**means, OVERALL: {**means[OVERALL], "gap_kl": gap}}
    found = {OVERALL: level.moved(everything, means[OVERALL]["kl_level"], forecaster.scored, -level.entropy_moved)}
    for segment in classes:
        model = level.moved(segment, means[segment.name]["model_kl"], finite, expected - level.entropy_moved)
        found[segment.name] = model_mean(
            "kl", segment.name, {**within, segment.name: {**means[segment.name], "model_kl": model}}
        )
    return found


def kl_estimate(mean: Mean, posterior: HumanPosterior, *, by_class: bool) -> Estimate:
    """A level of KL with what must be said beside it."""
    below = _BELOW_ZERO if mean.value < 0 else None
    return mean_estimate(mean, below, MODEL_BASED if by_class else None, posterior.note)


def human_entropy_section(level: EntropyLevel, comparison: Comparison) -> HumanEntropy:
    """The reviewers' entropy, the prior behind it, and what other estimators make of the panel's KL."""
    everything, scored, posterior = comparison.everything, comparison.panel.scored, level.posterior
    part = random_part(scored, _MAX_ITEMS, [comparison.seed, _SEED])
    note = None if (n := int(part.sum())) == (total := int(scored.sum())) else f"from {n} random items of {total}"
    sample = comparison.take(np.flatnonzero(part))
    deviation = MovingColumns.of(sample, _deviation)
    sensitivity = _sensitivity(level, comparison, part, note)
    levels = [row.kl_bits.estimate for row in sensitivity.values() if row.kl_bits.estimate is not None]
    own = level.mean(everything, scored)
    return HumanEntropy(
        estimator="jeffreys" if posterior.fit is None else "empirical_bayes",
        human_entropy_bits=mean_estimate(own, posterior.interval_note, posterior.note),
        item_sd_bits=mean_estimate(deviation.means(sample.everything)["sd"], posterior.interval_note, note),
        concentration=_concentration(level, everything),
        reference_weight=_reference_weight(level, everything),
        sensitivity=sensitivity,
        kl_bits_lowest=min(levels, default=None),
        kl_bits_highest=max(levels, default=None),
        note=posterior.note,
    )


def _sensitivity(
    level: EntropyLevel, comparison: Comparison, part: BoolArray, note: str | None
) -> dict[str, EntropyEstimator]:
    """The reviewers' entropy and the panel's KL under each estimator, over the items in `part`."""
    humans, segment = comparison.humans, comparison.everything.take(part)
    columns = _estimators(humans.counts, part)
    columns["cross"] = np.full(part.size, np.nan)
    columns["cross"][part] = cross_entropy_bits(humans.distribution[part], comparison.panel.q[part])
    means = segment_means(columns, segment)
    cross, corrected = means.pop("cross"), means["miller_madow"]
    most = math.log2(len(humans.labels))
    clipped = np.minimum(corrected.replicates, most)
    means["miller_madow"] = replace(corrected, value=min(corrected.value, most), replicates=clipped)
    learnt = level.posterior.interval_note
    if level.posterior.fit is not None:
        means["empirical_bayes"] = level.mean(segment, part)
    return {
        name: EntropyEstimator(
            human_entropy_bits=mean_estimate(entropy, learnt if name == "empirical_bayes" else None, note),
            kl_bits=mean_estimate(_difference(cross, entropy), note),
        )
        for name, entropy in means.items()
    }


def _estimators(counts: FloatArray, part: BoolArray) -> dict[str, FloatArray]:
    """Entropies that depend on an item's own votes only, made once for each different row of votes."""
    vectors, place = distinct_count_vectors(counts[part])
    made = {
        "plugin": entropy_bits(vectors / row_sums(vectors)[:, None]),
        "miller_madow": miller_madow_bits(vectors),
        "jeffreys": dirichlet_entropy_bits(vectors, JEFFREYS),
        "nsb": nsb_entropy_bits(vectors),
    }
    columns = {name: np.full(part.size, np.nan) for name in made}
    for name, values in made.items():
        columns[name][part] = values[place]
    return columns


def _deviation(sample: Comparison) -> Columns:
    return {"sd": dirichlet_entropy_sd_bits(sample.humans.counts, sample.posterior.prior)}


def _difference(cross: Mean, entropy: Mean) -> Mean:
    return replace(cross, value=cross.value - entropy.value, replicates=cross.replicates - entropy.replicates)


def _concentration(level: EntropyLevel, everything: Segment) -> Estimate:
    fit = level.posterior.fit
    if fit is None or level.moves is None:
        return null(level.posterior.note or _NO_PRIOR)
    replicates = concentration(np.clip(level.moves.thetas[:, 0], LOWEST[0], HIGHEST[0]))
    return _parameter(level.posterior.concentration, replicates, fit, everything, concentration_note(fit))


def _reference_weight(level: EntropyLevel, everything: Segment) -> Estimate:
    fit, weight = level.posterior.fit, level.posterior.reference_weight
    if fit is None or level.moves is None or weight is None:
        return null(level.posterior.note or _NO_PRIOR)
    return _parameter(weight, level.moves.thetas[:, 1], fit, everything, weight_note(fit))


def _parameter(
    value: float, replicates: FloatArray, fit: PriorFit, everything: Segment, note: str | None
) -> Estimate:
    no_interval = everything.interval_note(fit.used)
    return estimate(value, None if no_interval else replicates, int(fit.used.sum()), note, no_interval)
