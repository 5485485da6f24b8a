"""The table of items: one row each, with what reviewers and panel said and the scores of the item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from panel_eval.evaluation.item_scores import item_scores
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import OUTCOMES
from panel_eval.stats import (
    between_judge_bits,
    entropy_bits,
    mode_sets,
    top_label_calibration,
    within_judge_bits,
)
from panel_eval.stats.arrays import FloatArray

_SCORES = {
    "ce_bits": "ce_bits",
    "kl_plugin_bits": "kl_plugin_bits",
    "jsd_bits": "jsd_bits",
    "tvd": "tvd",
    "brier_debiased": "brier_debiased",
    "mode_accuracy": "mode_hit",
    "w1": "w1",
    "rps_divergence": "rps_divergence",
}


def item_table(
    humans: HumanLabels, forecasts: JudgeForecasts, panel_q: FloatArray, more: Mapping[str, NDArray[Any]]
) -> pd.DataFrame:
    """One row per item, in the order of `humans`; NaN where the panel has no forecast.

    Columns: `item_id`, `human_class`, `reported_class`, `adjacent_tie`, `cluster`, `reviewer_count`,
    `counts_known`, `answered` (the panel has a forecast), `n_votes` (valid), `n_unusable`, `n_judges` (that
    answered), `human_entropy_bits`, `panel_entropy_bits`, `uncertainty` (the deferral score), `within_judge_bits`
    and `between_judge_bits` (of the unsmoothed judges), `human_mode`, `panel_mode` (ties joined by " / "),
    `p_LABEL`, `q_LABEL`, the scores, `soft_loss` (share of reviewers who chose another label than the panel), and
    those of `more`.
    """
    usable = forecasts.outcomes[:, :, OUTCOMES.index("ok")].sum(axis=0)
    panel_entropy = entropy_bits(panel_q)
    answered = np.isfinite(panel_q).all(axis=1)
    columns: dict[str, object] = {
        "item_id": list(humans.item_ids),
        "human_class": list(humans.derived_class),
        "reported_class": list(humans.reported_class),
        "adjacent_tie": humans.adjacent_tie,
        "cluster": list(humans.clusters or [None] * len(humans)),
        "reviewer_count": humans.reviewer_count,
        "counts_known": humans.counts_known,
        "answered": answered,
        "n_votes": usable,
        "n_unusable": forecasts.outcomes.sum(axis=(0, 2)) - usable,
        "n_judges": forecasts.answered.sum(axis=0),
        "human_entropy_bits": entropy_bits(humans.distribution),
        "panel_entropy_bits": panel_entropy,
        "uncertainty": panel_entropy.copy(),
        "within_judge_bits": within_judge_bits(forecasts.q_raw),
        "between_judge_bits": between_judge_bits(forecasts.q_raw),
        "human_mode": _modes(humans.distribution, humans.labels),
        "panel_mode": _modes(panel_q, humans.labels),
    }
    columns |= {f"p_{label}": humans.distribution[:, k] for k, label in enumerate(humans.labels)}
    columns |= {f"q_{label}": panel_q[:, k] for k, label in enumerate(humans.labels)}
    scores = item_scores(humans, panel_q)
    columns |= {column: scores[metric] for metric, column in _SCORES.items() if metric in scores}
    columns["soft_loss"] = 1.0 - top_label_calibration(humans.distribution, panel_q).soft_hit
    columns |= more
    return pd.DataFrame({name: _own(column) for name, column in columns.items()}, copy=False)


def _own(column: object) -> object:
    """A column that belongs to the table alone: changing the table must not change what it was made from."""
    shared = isinstance(column, np.ndarray) and (column.base is not None or not column.flags.writeable)
    return np.array(column) if shared else column


def _modes(distribution: FloatArray, labels: tuple[str, ...]) -> list[str | None]:
    """Names of the most probable labels of each item; few sets of labels occur, so each is put in words once."""
    sets = mode_sets(distribution)
    words = np.packbits(sets, axis=1)
    code = words[:, 0] if words.shape[1] == 1 else np.unique(words, axis=0, return_inverse=True)[1].reshape(-1)
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    names = [" / ".join(labels[k] for k in np.flatnonzero(row)) or None for row in sets[first]]
    return [names[position] for position in which.tolist()]
