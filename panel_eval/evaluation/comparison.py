"""Everything the sections of metrics.json are computed from, items in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.prior_moves import PriorMoves
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import Smoothing
from panel_eval.stats.arrays import FloatArray


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

    @cached_property
    def under_other_priors(self) -> tuple[Comparison, ...]:
        """The same under the prior of each node of `prior_moves`; none where the prior is fixed."""
        if self.prior_moves is None:
            return ()
        posteriors = (self.posterior.under(theta, self.humans.counts) for theta in self.prior_moves.nodes)
        return tuple(replace(self, posterior=posterior, prior_moves=None) for posterior in posteriors)

    def prior_shift(self, number: Callable[[Comparison], FloatArray | float]) -> FloatArray | float:
        """What a refitted prior adds in each resample to a number made of a comparison.

        Returns:
            (n_resamples, ...) for a number of shape (...); 0 where the prior is fixed.
        """
        if self.prior_moves is None:
            return 0.0
        return self.prior_moves.shift(number(self), [number(other) for other in self.under_other_priors])
