"""The floors every panel is shown beside, as forecasters: uniform, base rate, the human majority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.humans import HumanLabels
from panel_eval.pooling import smooth
from panel_eval.schema import Smoothing
from panel_eval.stats import membership, mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray

JEFFREYS = 0.5

_OWN_VOTES = "made from the very votes it is scored on"


def uniform(humans: HumanLabels) -> FloatArray:
    """(n_items, n_labels) the same mass on every label: the floor of a panel that knows nothing."""
    return np.full(humans.counts.shape, 1.0 / len(humans.labels))


def base_rate(humans: HumanLabels) -> FloatArray:
    """(n_items, n_labels) label frequencies of all other items, or of all other clusters where there are any.

    q_i = (C - C_own + 1/2) / (N - N_own + K/2), so that no item is forecast from its own votes.
    """
    own = humans.counts if humans.clusters is None else _cluster_counts(humans.counts, humans.clusters)
    others = humans.counts.sum(axis=0) - own
    # Subtraction can leave a rounding error where counts are effective masses.
    smoothed = np.maximum(others, 0.0) + JEFFREYS
    share: FloatArray = smoothed / smoothed.sum(axis=1, keepdims=True)
    return share


def hard_label(humans: HumanLabels, smoothing: Smoothing | Literal["none"]) -> FloatArray:
    """(n_items, n_labels) the human majority as one label, ties shared, smoothed as that many votes."""
    modes = mode_sets(humans.distribution).astype(np.float64)
    one_hot = modes / modes.sum(axis=1, keepdims=True)
    return smooth(one_hot, humans.reviewer_count.astype(np.float64), smoothing, humans.labels)


def reference_forecasters(
    humans: HumanLabels, smoothing: Smoothing | Literal["none"], base: FloatArray, scored: BoolArray
) -> list[Forecaster]:
    """Uniform, base rate and hard label, on the items that the panel is scored on.

    Args:
        humans: the labelled items.
        smoothing: of the hard label.
        base: (n_items, n_labels) from `base_rate`.
        scored: (n_items,) mask.
    """

    def on_scored(q: FloatArray) -> FloatArray:
        return q if scored.all() else np.where(scored[:, None], q, np.nan)

    in_sample = {name: f"in sample: {_OWN_VOTES}" for name in ("ce_bits", "ce_skill", "kl_bits", "kl_plugin_bits")}
    unbiased = ("brier_debiased", "n_eq", "ce_crossfit_bits", "ce_crossfit_skill")
    no_truth = {name: f"{_OWN_VOTES}, so no unbiased score exists" for name in unbiased}
    return [
        Forecaster("uniform", on_scored(uniform(humans)), constant=True),
        Forecaster("base_rate", on_scored(base), constant=True),
        Forecaster("hard_label", on_scored(hard_label(humans, smoothing)), notes=in_sample, unscorable=no_truth),
    ]


def _cluster_counts(counts: FloatArray, clusters: Sequence[str]) -> FloatArray:
    """(n_items, n_labels) the summed counts of each item's whole cluster."""
    code, names = pd.factorize(np.array(clusters, dtype=object))
    totals = np.asarray(membership(code, len(names)) @ counts)
    summed: FloatArray = totals[code]
    return summed
