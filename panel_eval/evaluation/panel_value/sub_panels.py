"""Cross-entropy of every sub-panel that is asked for, re-fitted and out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from panel_eval.evaluation.fitting import cross_fitted_pool
from panel_eval.pooling import JudgeForecasts
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray

_SAME = 1e-12


@dataclass
class SubPanels:
    """Sub-panels of one panel, as bit masks over its judges; each is fitted once.

    Attributes:
        sample: the items, with the answers of all judges and the votes of people.
        fold: (n_items,) fold of each item.
        learner: fits a sub-panel.
        base: (n_items, n_labels) what is forecast where no judge of the sub-panel answered: the base rate.
        copies: (n_judges,) the first judge that says the same on every item, often the judge itself. A copy is
            fitted once: it can change no forecast but by making the learner count the same answer twice.
    """

    sample: TrainingSample
    fold: IntArray
    learner: Learner
    base: FloatArray
    copies: Sequence[int]
    _losses: dict[int, FloatArray] = field(default_factory=dict)

    @property
    def everyone(self) -> int:
        """The mask of the whole panel."""
        return (1 << len(self.copies)) - 1

    @property
    def n_fitted(self) -> int:
        """How many different sub-panels were fitted so far."""
        return len(self._losses) - (0 in self._losses)

    def losses(self, mask: int) -> FloatArray:
        """(n_items,) cross-entropy in bits per human vote of a sub-panel; of the base rate for mask 0."""
        known = 0
        for judge, first in enumerate(self.copies):
            known |= (mask >> judge & 1) << first
        if known not in self._losses:
            members = np.flatnonzero([known >> judge & 1 for judge in range(len(self.copies))])
            self._losses[known] = self.losses_of(judges_only(self.sample.forecasts, members))
        return self._losses[known]

    def losses_of(self, forecasts: JudgeForecasts) -> FloatArray:
        """(n_items,) the same for any other answers to these items."""
        q = self.base
        heard = self.fold[forecasts.answered.any(axis=0)]
        if np.unique(heard).size >= 2:  # something to learn from, whichever fold is left out
            fitted = cross_fitted_pool(replace(self.sample, forecasts=forecasts), self.fold, self.learner)
            q = np.where(np.isnan(fitted), self.base, fitted)
        return cross_entropy_bits(self.sample.shares, q)

    def table(self, masks: Sequence[int]) -> FloatArray:
        """(n_masks, n_items) losses of several sub-panels."""
        return np.stack([self.losses(mask) for mask in masks])

    def names(self, mask: int) -> list[str]:
        """The judges of a sub-panel."""
        return [name for judge, name in enumerate(self.sample.forecasts.judge_ids) if mask >> judge & 1]


def first_copies(forecasts: JudgeForecasts) -> tuple[int, ...]:
    """(n_judges,) for each judge the first that says the same on every item; of judges who answered something."""
    q = np.nan_to_num(forecasts.q_raw, nan=-1.0)
    firsts: list[int] = []
    for judge, own in enumerate(q):
        same = (
            other
            for other in range(judge)
            if forecasts.answered[judge].any() and np.abs(q[other] - own).max(initial=0.0) <= _SAME
        )
        firsts.append(next(same, judge))
    return tuple(firsts)


def judges_only(forecasts: JudgeForecasts, members: IntArray) -> JudgeForecasts:
    """The answers of some of the judges; the spending stays that of all."""
    return replace(
        forecasts,
        judge_ids=tuple(forecasts.judge_ids[row] for row in members.tolist()),
        q_raw=forecasts.q_raw[members],
        strength=forecasts.strength[members],
        outcomes=forecasts.outcomes[members],
        confidence=forecasts.confidence[members],
    )
