"""The items a policy is made from, with all that its choice rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.policy.deciding import decidable
from panel_eval.evaluation.policy.losses import bound_of, label_losses, loss_table, top_labels
from panel_eval.evaluation.policy.scores import above_any_score, deferral_scores
from panel_eval.evaluation.policy.splitting import PolicySplit, one_of_each_cluster
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.risk_control import RiskBound, RiskControl, control_risk

_SEED = 883


@dataclass(frozen=True)
class PolicySample:
    """Items in the order of their ids.

    Attributes:
        humans: the labelled items.
        forecasts: what each judge said about them.
        q: (n_items, n_labels) the panel's forecasts.
        settings: score, loss, risk, delta.
        seed: of all that is drawn.
        split: which items calibrate and which test.
        score: (n_items,) NaN where there is none.
        table: (n_items, n_labels) loss of deciding each item by each label.
        lost: (n_items,) loss of deciding it by the panel's label; NaN without a forecast.
        fewest_judges: an item that fewer answered is handed over.
        usable: (n_items,) whether the item can be decided at all.
        units: (n_items,) the usable calibration items, one of each cluster.
    """

    humans: HumanLabels
    forecasts: JudgeForecasts
    q: FloatArray
    settings: DeferralSettings
    seed: int
    split: PolicySplit
    score: FloatArray
    table: FloatArray
    lost: FloatArray
    fewest_judges: int
    usable: BoolArray
    units: BoolArray

    @property
    def bound(self) -> RiskBound:
        """What the risk is bounded by."""
        return bound_of(self.settings.loss, self.settings.delta)

    def control(self, risk: float) -> RiskControl:
        """The threshold for a risk; the losses are read in the same order whatever the risk."""
        generator = np.random.default_rng([self.seed, _SEED])
        return control_risk(self.score[self.units], self.lost[self.units], risk, self.bound, generator)

    def decided(self, threshold: float) -> BoolArray:
        """(n_items,) which items a threshold decides."""
        return np.asarray(self.usable & (np.where(self.usable, self.score, np.inf) < threshold))

    def stored(self, threshold: float) -> float | None:
        """A threshold as JSON can hold it: None for nothing, a number above every score for everything."""
        if threshold == -np.inf:
            return None
        return threshold if np.isfinite(threshold) else self.ceiling

    @property
    def ceiling(self) -> float:
        """A number above every score."""
        return above_any_score(self.settings.score, len(self.humans.labels), len(self.forecasts.judge_ids))


def prepare_sample(
    humans: HumanLabels,
    forecasts: JudgeForecasts,
    q: FloatArray,
    settings: DeferralSettings,
    seed: int,
    split: PolicySplit,
) -> PolicySample:
    """Scores, losses and usable items.

    An item needs the answers of half of the judges, and of as many as every calibration item had.

    Raises:
        InputError: the loss is a distance, and the scale nominal.
    """
    score, table = deferral_scores(settings.score, q, forecasts), loss_table(humans, settings.loss)
    fewest = (len(forecasts.judge_ids) + 1) // 2
    seen = decidable(score, forecasts, fewest) & split.calibration
    if seen.any():
        fewest = int(forecasts.answered.sum(axis=0)[seen].min())
    usable = decidable(score, forecasts, fewest)
    units = one_of_each_cluster(humans, usable & split.calibration, seed)
    lost = label_losses(table, top_labels(q))
    return PolicySample(humans, forecasts, q, settings, seed, split, score, table, lost, fewest, usable, units)
