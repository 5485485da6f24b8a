"""How sure a point of the curve is: over the items it is scored on, and over the labels it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import Mean
from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import FloatArray

_SEED = 1303
_HALF = 0.5
"""Share of the items up to which different draws are different enough to show how samples of labels vary."""


@dataclass(frozen=True)
class Deviations:
    """How the scores of pools vary with the labels they happened to be fitted to.

    Draws without replacement from the items at hand vary less than labelled samples of the same size do: of a mean
    by the factor 1 - f for a share f of the items. Up to f = 1/2 the draws' deviations are blown up by that.
    Beyond, draws share most items; there the deviations of the largest size below are carried on, shrinking with
    1 / n as the excess loss of a fit does, beside those of the draws themselves.

    Attributes:
        share: (n_points,) share of the items that can be fitted to.
        anchor: the point with the largest share of at most 1/2.
        normal: (n_resamples, n_draws) what the draws' deviations are multiplied with: normal numbers over the root
            of chi-square ones, as so few draws know their spread only roughly.
    """

    share: FloatArray
    anchor: int
    normal: FloatArray

    @classmethod
    def of(cls, share: FloatArray, by_items: int, n_draws: int, n_resamples: int, seed: int) -> Deviations:
        """For points of which the first `by_items` are those by number of items, rising."""
        generator = np.random.default_rng([seed, _SEED])
        normal = generator.standard_normal((n_resamples, n_draws))
        freedom = n_draws - 1
        normal /= np.sqrt(generator.chisquare(freedom, size=(n_resamples, 1)))
        anchor = int(np.flatnonzero(share[:by_items] <= _HALF)[-1])
        return cls(share, anchor, normal)

    def one_sample(self, means: FloatArray) -> FloatArray:
        """By how much one labelled sample's score may deviate: (n_points, n_draws) -> (n_resamples, n_points)."""
        own: FloatArray = self.normal @ (means - means.mean(axis=1, keepdims=True)).T
        few = self.share <= _HALF
        blown_up = own / np.sqrt(1.0 - np.where(few, self.share, 0.0))
        carried = blown_up[:, [self.anchor]] * (self.share[self.anchor] / self.share)
        return np.asarray(np.where(few, blown_up, own + carried))

    def expected(self, means: FloatArray) -> FloatArray:
        """By how much the mean of the draws may deviate from the mean of all labelled samples; as `one_sample`."""
        n_draws = means.shape[1]
        return np.asarray(self.one_sample(means) * np.sqrt(self.share + (1.0 - self.share) / n_draws))


@dataclass(frozen=True)
class CurveScores:
    """One score of every point, resampled.

    Attributes:
        values: (n_points,) mean over items and draws.
        one_sample: (n_resamples, n_points) as one labelled sample would score on other items.
        expected: (n_resamples, n_points) as the mean of all labelled samples would.
        n: items that have the score.
        interval_note: why no interval can be given, or None.
    """

    values: FloatArray
    one_sample: FloatArray
    expected: FloatArray
    n: int
    interval_note: str | None

    @classmethod
    def of(cls, table: FloatArray, segment: Segment, deviations: Deviations) -> CurveScores:
        """Of scores (n_points, n_draws, n_items), NaN throughout for items that have none."""
        present = ~np.isnan(table[0, 0])
        part, known = segment.take(present), table[:, :, present]
        n = int(present.sum())
        if not n:
            nothing = np.full(len(table), np.nan)
            return cls(nothing, nothing[None], nothing[None], 0, None)
        items = part.means(known.mean(axis=1).T)
        means = known.mean(axis=2)
        return cls(
            means.mean(axis=1),
            items + deviations.one_sample(means),
            items + deviations.expected(means),
            n,
            part.interval_note(),
        )

    def mean(self, point: int) -> Mean:
        """One point with its band."""
        return Mean(float(self.values[point]), self.one_sample[:, point], self.n, 0, self.interval_note)
