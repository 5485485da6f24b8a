"""The scores of a curve with their bands, as numbers of `fit.json`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.learning_curve.points import Points
from panel_eval.evaluation.learning_curve.replicates import CurveScores, Deviations
from panel_eval.evaluation.learning_curve.scoring import Scored
from panel_eval.evaluation.means import Mean, infinite_note, mean_estimate, null, segment_means
from panel_eval.evaluation.ratios import reviewers_estimate
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.schema.learning_curve_metrics import CurvePoint
from panel_eval.stats import brier_debiased, cross_entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Curve:
    """All points with their bands.

    Attributes:
        points: which they are.
        items: (n_points,) items that pools were fitted to.
        reviewers: (n_points,) votes of each of them, on average.
        ce, base, gain, distance: scores of all points; see `CurvePoint`.
        over_panel: gain over the panel as it is; None where that is infinite.
        impurity: mean impurity of the items that have a distance.
        panel_ce, panel_distance: of the panel as it is.
    """

    points: Points
    items: IntArray
    reviewers: FloatArray
    ce: CurveScores
    base: CurveScores
    gain: CurveScores
    over_panel: CurveScores | None
    distance: CurveScores
    impurity: Mean
    panel_ce: Mean
    panel_distance: Mean

    def rows(self, first: int, number: int) -> list[CurvePoint]:
        """Some points, one after the other."""
        return [self.row(point) for point in range(first, first + number)]

    def row(self, point: int) -> CurvePoint:
        """One point as it is written."""
        return CurvePoint(
            items=int(self.items[point]),
            reviewers=round(float(self.reviewers[point]), 3),
            ce_bits=mean_estimate(self.ce.mean(point)),
            n_eq=reviewers_estimate(self.impurity, self.distance.mean(point)),
            base_rate_ce_bits=mean_estimate(self.base.mean(point)),
            gain_over_base_rate_bits=mean_estimate(self.gain.mean(point)),
            gain_over_panel_bits=self._over_panel(point),
        )

    def _over_panel(self, point: int) -> Estimate:
        if self.over_panel is None:
            return null(infinite_note(self.panel_ce.n_infinite), self.panel_ce.n)
        return mean_estimate(self.over_panel.mean(point))

    @property
    def panel_n_eq(self) -> Estimate:
        """How many reviewers the panel as it is is worth."""
        return reviewers_estimate(self.impurity, self.panel_distance)


def make_curve(
    humans: HumanLabels, panel_q: FloatArray, points: Points, scored: Scored, segment: Segment, seed: int
) -> Curve:
    """Put bands around the scores.

    Args:
        humans: the items.
        panel_q: (n_items, n_labels) the panel as it is.
        points: what pools were fitted to.
        scored: what they scored.
        segment: all items, with their resamples.
        seed: of the bands.
    """
    n_sizes = len(points.by_items)
    share = scored.items / scored.items[n_sizes - 1]
    deviations = Deviations.of(share, n_sizes, scored.ce_bits.shape[1], len(segment.resampling.draws), seed)
    p, n = humans.distribution, humans.reviewer_count
    panel_ce = cross_entropy_bits(p, panel_q)
    known = np.where(humans.counts_known, brier_debiased(p, panel_q, n), np.nan)
    means = segment_means({"ce": panel_ce, "distance": known, "impurity": human_impurity(humans)}, segment)

    def scores(table: FloatArray) -> CurveScores:
        return CurveScores.of(table, segment, deviations)

    return Curve(
        points=points,
        items=np.rint(scored.items).astype(np.int64),
        reviewers=scored.reviewers,
        ce=scores(scored.ce_bits),
        base=scores(scored.base_ce_bits),
        gain=scores(scored.base_ce_bits - scored.ce_bits),
        over_panel=None if means["ce"].n_infinite else scores(panel_ce - scored.ce_bits),
        distance=scores(scored.distance),
        impurity=means["impurity"],
        panel_ce=means["ce"],
        panel_distance=means["distance"],
    )
