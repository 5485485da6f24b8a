"""Soft and hard targets on the same folds, scored on the same items: the statistics of `soft_vs_hard.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from soft_label_sets import SoftLabelSet

from panel_eval import HumanLabels, Smoothing, stats
from panel_eval.evaluation.item_scores import human_impurity, item_scores
from panel_eval.evaluation.learning_curve.draws import Labelling, draws, out_of_fold
from panel_eval.evaluation.posterior import human_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.pooling import pool_linear, smooth
from panel_eval.pooling.fitted import Learner, TrainingSample, hardened
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.posterior_expectations import expected_entropy_bits

METRICS = ("kl_bits", "kl_plugin_bits", "ce_bits", "tvd", "accuracy", "entropy_pearson", "soft_ece", "n_eq")
"""`kl_bits` is cross-entropy less one entropy of the people, shared by all forecasts (METHODS §2.3);
`kl_plugin_bits` takes the votes for the people, as published figures do."""


@dataclass(frozen=True)
class Scores:
    """One kind of forecast: metric to value, to (n_resamples,) replicates, to (n_seeds,) values by fold seed.

    A value is the mean over fold seeds; so is each replicate, of the same resampled items for every forecast.
    """

    values: dict[str, float]
    replicates: dict[str, FloatArray]
    by_seed: dict[str, FloatArray]


@dataclass(frozen=True)
class Difference:
    """Soft less hard: mean, 95 % interval over items, standard deviation over fold seeds."""

    value: float
    low: float
    high: float
    seed_sd: float


def score_set(data: SoftLabelSet, learner: Learner, n_seeds: int, resamples: int) -> dict[str, Scores]:
    """Scores of the panel as it is, the base rate, and pools fitted to hard and to soft labels, all out of fold."""
    humans, forecasts = data.humans, data.forecasts
    segment = Segment(OVERALL, np.arange(len(humans)), make_resampling(humans, resamples, 0))
    raw = smooth(*pool_linear(forecasts), Smoothing(strength=forecasts.vote_strength), humans.labels)
    base = base_rate(humans)
    entropy = expected_entropy_bits(human_posterior(humans, forecasts, raw, base, 0).alpha)
    sample = TrainingSample(forecasts, humans.counts, segment.resampling.cluster, humans.scale == "ordinal", seed=0)
    drawn = list(draws(sample, n_seeds))
    fitted = {
        target: [out_of_fold(own, folds, Labelling(), learner).fitted for folds in drawn]
        for target, own in (("hard", hardened(sample)), ("soft", sample))
    }
    kinds = {"raw": [raw], "base_rate": [base], **fitted}
    found = {kind: _scores(humans, said, entropy, segment) for kind, said in kinds.items()}
    # What little the base rate varies mirrors the votes that it leaves out: an artefact if correlated or binned.
    found["base_rate"].values.update(entropy_pearson=float("nan"), soft_ece=float("nan"))
    return found


def difference(scores: dict[str, Scores], metric: str) -> Difference:
    """How much better or worse soft targets are."""
    soft, hard = scores["soft"], scores["hard"]
    low, high = stats.percentile_interval(soft.replicates[metric] - hard.replicates[metric])
    by_seed = soft.by_seed[metric] - hard.by_seed[metric]
    spread = float(by_seed.std(ddof=1)) if by_seed.size > 1 else float("nan")
    return Difference(soft.values[metric] - hard.values[metric], float(low), float(high), spread)


def relative(scores: dict[str, Scores], metric: str) -> tuple[float, float, float] | None:
    """Soft / hard - 1 with its interval over items, resampled as a whole; None where hard may be 0."""
    soft, hard = scores["soft"], scores["hard"]
    if not stats.percentile_interval(hard.replicates[metric])[0] > 0:
        return None
    low, high = stats.percentile_interval(soft.replicates[metric] / hard.replicates[metric] - 1.0)
    return soft.values[metric] / hard.values[metric] - 1.0, float(low), float(high)


def _scores(humans: HumanLabels, said: Sequence[FloatArray], entropy: FloatArray, segment: Segment) -> Scores:
    each = [_of_one(humans, q, entropy, segment) for q in said]
    by_seed = {metric: np.array([one[metric][0] for one in each]) for metric in METRICS}
    replicates = {metric: np.mean([one[metric][1] for one in each], axis=0) for metric in METRICS}
    return Scores({metric: float(values.mean()) for metric, values in by_seed.items()}, replicates, by_seed)


def _of_one(
    humans: HumanLabels, q: FloatArray, entropy: FloatArray, segment: Segment
) -> dict[str, tuple[float, FloatArray]]:
    """Value and replicates of every metric of one forecast."""
    p = humans.distribution
    columns = item_scores(humans, q)
    names = {"kl_plugin_bits": "kl_plugin_bits", "ce_bits": "ce_bits", "tvd": "tvd", "accuracy": "mode_accuracy"}
    table = np.column_stack(
        [columns[name] for name in names.values()]
        + [columns["ce_bits"] - entropy, columns["brier_debiased"], human_impurity(humans)]
    )
    means, drawn = np.nanmean(table, axis=0), segment.means(table)
    keys = [*names, "kl_bits"]
    found = {key: (float(means[column]), drawn[:, column]) for column, key in enumerate(keys)}
    found["n_eq"] = float(means[-1] / means[-2]), drawn[:, -1] / drawn[:, -2]
    human, forecast = stats.entropy_bits(p), stats.entropy_bits(q)
    found["entropy_pearson"] = segment.replicates(
        lambda rows, w: stats.weighted_pearson(human[rows], forecast[rows], w)
    )
    found["soft_ece"] = segment.replicates(lambda rows, w: stats.calibration_errors(p[rows], q[rows], w=w).soft)
    return found
