"""What forecasts made out of fold score, by the machinery of the rest of the evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.calibration import calibration_estimates
from panel_eval.evaluation.correlations import entropy_correlations
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_scores import human_impurity, item_scores
from panel_eval.evaluation.means import mean_estimate, segment_means
from panel_eval.evaluation.ratios import NO_COUNTS, base_rate_skill, reviewers_estimate
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate, MetricTable
from panel_eval.schema.fitting_metrics import FITTING_METRICS
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray

_MEANS = ("ce_bits", "kl_plugin_bits", "brier_debiased", "mode_accuracy")


@dataclass(frozen=True)
class Yardstick:
    """What every forecast is held against.

    Attributes:
        humans: the labelled items.
        everything: all of them, with their resamples.
        base: (n_items, n_labels) base rate without the item's own cluster.
    """

    humans: HumanLabels
    everything: Segment
    base: FloatArray

    def scores(self, forecaster: Forecaster) -> MetricTable:
        """`FITTING_METRICS` of one forecaster over the items that it forecasts."""
        columns = item_scores(self.humans, forecaster.q)
        columns = {name: columns[name] for name in _MEANS}
        unscored = np.isnan(columns["ce_bits"])
        base_ce = cross_entropy_bits(self.humans.distribution, self.base)
        columns["base_ce_bits"] = np.where(unscored, np.nan, base_ce)
        columns["impurity"] = np.where(np.isnan(columns["brier_debiased"]), np.nan, human_impurity(self.humans))
        means = segment_means(columns, self.everything)
        table = {name: mean_estimate(means[name]) for name in _MEANS}
        table["brier_debiased"] = mean_estimate(means["brier_debiased"], missing=NO_COUNTS)
        table["ce_skill"] = base_rate_skill(means["ce_bits"], means["base_ce_bits"])
        table["n_eq"] = reviewers_estimate(means["impurity"], means["brier_debiased"])
        table |= entropy_correlations(self.humans, forecaster, self.everything)
        table |= calibration_estimates(self.humans, forecaster, self.everything)
        return {name: table[name] for name in FITTING_METRICS}

    def ce_change_bits(self, q: FloatArray, than: FloatArray) -> Estimate:
        """Mean cross-entropy of one forecast less another's, paired item by item."""
        p = self.humans.distribution
        change = cross_entropy_bits(p, q) - cross_entropy_bits(p, than)
        return mean_estimate(segment_means({"change": change}, self.everything)["change"])
