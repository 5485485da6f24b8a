"""Everything the sections of metrics.json are computed from, items in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.prior_moves import PriorMoves
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import Smoothing
from panel_eval.stats.arrays import FloatArray, IntArray

_MOST_MOVED = 5_000
"""Items that moves of the prior are averaged over where there are more."""
_SEED = 233


@dataclass(frozen=True)
class Comparison:
    """A panel and its judges beside the people.

    Attributes:
        humans: the labelled items.
        forecasts: what each judge said, unsmoothed.
        panel: the panel's smoothed forecast.
        judges: each judge's own smoothed forecast, in the order of `forecasts.judge_ids`.
        base_rate: (n_items, n_labels) the out-of-fold base rate that skill is measured against.
        segments: all items, then each disagreement class, with their resamples.
        posterior: the population of each item as far as the votes tell.
        smoothing: how forecasts are kept off zero.
        seed: seeds whatever is drawn besides the resamples.
        prior_moves: how the prior behind the posterior moves from resample to resample; None where it is fixed.
    """

    humans: HumanLabels
    forecasts: JudgeForecasts
    panel: Forecaster
    judges: Sequence[Forecaster]
    base_rate: FloatArray
    segments: Sequence[Segment]
    posterior: HumanPosterior
    smoothing: Smoothing | Literal["none"]
    seed: int
    prior_moves: PriorMoves | None = None

    @property
    def everything(self) -> Segment:
        """The segment of all items."""
        return self.segments[0]

    def take(self, rows: IntArray) -> Comparison:
        """The same on some items only, with the resamples of all items.

        Args:
            rows: positions of the items to keep, rising.
        """
        if rows.size == len(self.humans):
            return self
        place = np.full(len(self.humans), -1)
        place[rows] = np.arange(rows.size)
        whole = self.everything.resampling
        resampling = replace(whole, unit=whole.unit[rows], cluster=whole.cluster[rows])
        return replace(
            self,
            humans=self.humans.select(rows),
            forecasts=self.forecasts.select(rows),
            panel=self.panel.take(rows),
            judges=[judge.take(rows) for judge in self.judges],
            base_rate=self.base_rate[rows],
            posterior=self.posterior.take(rows),
            segments=[
                Segment(segment.name, place[segment.rows][place[segment.rows] >= 0], resampling)
                for segment in self.segments
            ],
        )

    @cached_property
    def other_priors(self) -> OtherPriors:
        """Some of the items under other priors."""
        everyone = np.ones(len(self.humans), dtype=bool)
        rows = np.flatnonzero(random_part(everyone, _MOST_MOVED, [self.seed, _SEED]))
        if self.prior_moves is None:
            return OtherPriors(rows[:0], ())
        some = self.take(rows)
        posteriors = (some.posterior.under(theta, some.humans.counts) for theta in self.prior_moves.nodes)
        return OtherPriors(
            rows, tuple(replace(some, posterior=posterior, prior_moves=None) for posterior in posteriors)
        )


@dataclass(frozen=True)
class OtherPriors:
    """Some items as they would be under other priors.

    Attributes:
        rows: (n_rows,) positions of the items.
        comparisons: of these items, under the prior of each node of `prior_moves`; none where the prior is fixed.
    """

    rows: IntArray
    comparisons: tuple[Comparison, ...]
