"""What deciding an item by a label loses."""

from __future__ import annotations

import numpy as np

from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels
from panel_eval.schema.deferral_settings import DeferralLoss
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.betting_bound import Betting
from panel_eval.stats.mode import mode_sets
from panel_eval.stats.risk_control import ClopperPearson, RiskBound

LOSS_WORDS: dict[DeferralLoss, str] = {
    "majority": "the share of labels that are not the reviewers' most frequent one",
    "disagreement": "the share of reviewers who chose another label",
    "distance": "the reviewers' mean distance, as part of the scale",
}
"""What the mean of a loss is."""


def bound_of(loss: DeferralLoss, delta: float) -> RiskBound:
    """The bound for a loss: exact for 0/1, by betting where it lies between."""
    return ClopperPearson(delta) if loss == "majority" else Betting(delta)


def loss_table(humans: HumanLabels, loss: DeferralLoss) -> FloatArray:
    """Loss of deciding each item by each label: (n_items, n_labels) in [0, 1].

    majority: 0 for the reviewers' unique most frequent label, else 1; where they tie no label is right.
    disagreement: 1 less the label's share. distance: the reviewers' mean |value - value of the label|, 1 = the
    whole scale.

    Raises:
        InputError: distance on a nominal scale.
    """
    p = humans.distribution
    if loss == "majority":
        modes = mode_sets(p)
        return np.where(modes & (modes.sum(axis=1) == 1)[:, None], 0.0, 1.0)
    if loss == "disagreement":
        return np.clip(1.0 - p, 0.0, 1.0)
    return np.clip(p @ label_distances(humans), 0.0, 1.0)


def label_distances(humans: HumanLabels) -> FloatArray:
    """Distance of each pair of labels: (n_labels, n_labels) in [0, 1].

    Raises:
        InputError: the scale is nominal.
    """
    if humans.scale != "ordinal":
        fix = "choose majority or disagreement, or mark the rubric's scale as ordinal"
        raise InputError(Problem("distance needs labels in an order", key="deferral.loss", fix=fix))
    values = humans.label_values
    apart: FloatArray = np.abs(values[:, None] - values[None, :])
    return np.asarray(apart / max(float(apart.max()), np.finfo(float).tiny))


def top_labels(q: FloatArray) -> IntArray:
    """(n_items,) most probable label, of tied ones the first in label order; -1 for NaN rows."""
    modes = mode_sets(q)
    return np.where(modes.any(axis=1), modes.argmax(axis=1), -1)


def label_losses(table: FloatArray, labels: IntArray) -> FloatArray:
    """(n_items,) loss of deciding each item by its label; NaN where that is -1."""
    lost = table[np.arange(len(table)), labels]
    return np.where(labels >= 0, lost, np.nan)
