"""Everything the sections of metrics.json are computed from, items in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import HumanPosterior
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

    @property
    def everything(self) -> Segment:
        """The segment of all items."""
        return self.segments[0]
