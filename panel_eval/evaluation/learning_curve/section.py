"""The one way in: labelled items, judges' answers and a learner become a learning curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.learning_curve.draws import draws, out_of_fold
from panel_eval.evaluation.learning_curve.points import Points, make_points
from panel_eval.evaluation.learning_curve.replicates import CurveScores, Deviations
from panel_eval.evaluation.means import mean_estimate, segment_means
from panel_eval.evaluation.ratios import reviewers_estimate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.schema import Smoothing
from panel_eval.schema.learning_curve_metrics import CurvePoint
from panel_eval.stats import brier_debiased, cross_entropy_bits
from panel_eval.stats.arrays import FloatArray

DRAWS = 8
_SEED = 1302


@dataclass(frozen=True)
class Scored:
    """All points, scored on every item.

    Attributes:
        ce, base, distance: (n_points, n_draws, n_items) cross-entropy of the fitted panel and of the base rate in
            bits, and debiased Brier distance of the fitted panel, NaN for items of fewer than two known votes.
        items, reviewers: (n_points,) what a pool was fitted to, on average.
    """

    ce: FloatArray
    base: FloatArray
    distance: FloatArray
    items: FloatArray
    reviewers: FloatArray


def learning_curve_section(
    humans: HumanLabels, forecasts: JudgeForecasts, learner: Learner, *, seed: int, resamples: int
) -> list[CurvePoint]:
    """The points of the curve, by items, then by reviewers; items in the order of their ids."""
    segment = Segment(OVERALL, np.arange(len(humans)), make_resampling(humans, resamples, seed))
    points = make_points(humans, [seed, _SEED])
    sample = TrainingSample(forecasts, humans.counts, segment.resampling.cluster, humans.scale == "ordinal", seed)
    scored = score_points(humans, sample, points, learner)
    deviations = Deviations.of(
        scored.items / scored.items[len(points.by_items) - 1], len(points.by_items), DRAWS, resamples, seed
    )
    ce = CurveScores.of(scored.ce, segment, deviations)
    gain = CurveScores.of(scored.base - scored.ce, segment, deviations)
    base = CurveScores.of(scored.base, segment, deviations)
    distance = CurveScores.of(scored.distance, segment, deviations)
    panel = cross_entropy_bits(humans.distribution, smooth(*pool_linear(forecasts), Smoothing(), humans.labels))
    over_panel = CurveScores.of(panel - scored.ce, segment, deviations)
    impurity = segment_means({"impurity": human_impurity(humans)}, segment)["impurity"]
    return [
        CurvePoint(
            items=round(scored.items[point]),
            reviewers=round(float(scored.reviewers[point]), 3),
            ce_bits=mean_estimate(ce.mean(point)),
            n_eq=reviewers_estimate(impurity, distance.mean(point)),
            base_rate_ce_bits=mean_estimate(base.mean(point)),
            gain_over_base_rate_bits=mean_estimate(gain.mean(point)),
            gain_over_panel_bits=mean_estimate(over_panel.mean(point)),
        )
        for point in range(len(points.every))
    ]


def score_points(humans: HumanLabels, sample: TrainingSample, points: Points, learner: Learner) -> Scored:
    """Fit and score pools at every point, draw by draw."""
    p, n = humans.distribution, humans.reviewer_count
    shape = (len(points.every), DRAWS, len(humans))
    ce, base, distance = (np.empty(shape) for _ in range(3))
    sizes = np.zeros((2, len(points.every)))
    for draw, drawn in enumerate(draws(sample, DRAWS)):
        for point, labelling in enumerate(points.every):
            said = out_of_fold(sample, drawn, labelling, learner)
            ce[point, draw] = cross_entropy_bits(p, said.fitted)
            base[point, draw] = cross_entropy_bits(p, said.base_rate)
            distance[point, draw] = np.where(humans.counts_known, brier_debiased(p, said.fitted, n), np.nan)
            sizes[:, point] += said.items / DRAWS, said.reviewers / DRAWS
    return Scored(ce, base, distance, *sizes)
