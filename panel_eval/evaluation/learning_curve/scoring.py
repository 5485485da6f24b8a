"""Every point of the curve, scored on every item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.learning_curve.draws import Labelling, draws, out_of_fold
from panel_eval.humans import HumanLabels
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.stats import brier_debiased, cross_entropy_bits
from panel_eval.stats.arrays import FloatArray


@dataclass(frozen=True)
class Scored:
    """Scores (n_points, n_draws, n_items) of pools that did not see the item.

    Attributes:
        ce_bits: cross-entropy of the fitted panel.
        base_ce_bits: cross-entropy of the label frequencies of the items that it was fitted to.
        distance: debiased Brier distance of the fitted panel; NaN for items of fewer than two known votes.
        items: (n_points,) items fitted to, on average.
        reviewers: (n_points,) votes of each of them, on average.
    """

    ce_bits: FloatArray
    base_ce_bits: FloatArray
    distance: FloatArray
    items: FloatArray
    reviewers: FloatArray


def score_points(
    humans: HumanLabels, sample: TrainingSample, points: Sequence[Labelling], learner: Learner, n_draws: int
) -> Scored:
    """Fit and score pools at every point, draw by draw.

    Args:
        humans: the labelled items, with all their votes.
        sample: the same items with the judges' answers, of which each has one at least.
        points: how much of the labels pools are fitted to.
        learner: fits them.
        n_draws: random draws of folds, items and votes.
    """
    p, n = humans.distribution, humans.reviewer_count
    ce, base, distance = (np.empty((len(points), n_draws, len(humans))) for _ in range(3))
    size = np.zeros((2, len(points)))
    for draw, drawn in enumerate(draws(sample, n_draws)):
        for point, labelling in enumerate(points):
            said = out_of_fold(sample, drawn, labelling, learner)
            ce[point, draw] = cross_entropy_bits(p, said.fitted)
            base[point, draw] = cross_entropy_bits(p, said.base_rate)
            distance[point, draw] = np.where(humans.counts_known, brier_debiased(p, said.fitted, n), np.nan)
            size[:, point] += said.items / n_draws, said.reviewers / n_draws
    return Scored(ce, base, distance, *size)
