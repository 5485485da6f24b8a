"""Scores that belong to one item and are averaged over items."""

from __future__ import annotations

import math

import numpy as np

from panel_eval import stats
from panel_eval.evaluation.blocks import Columns, blocks
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import FloatArray


def item_scores(humans: HumanLabels, q: FloatArray) -> Columns:
    """Every metric that is a mean over items, item by item.

    Args:
        humans: the labelled items.
        q: (n_items, n_labels) forecasts; NaN rows are not scored.

    Returns:
        Metric to (n_items,) scores: NaN where there is no forecast or the score does not exist for the item, inf
        where a label that reviewers chose was given probability zero. Ordinal metrics only on ordinal scales.
    """
    columns: Columns = {}
    for rows in blocks(len(humans)):
        for name, values in block_scores(humans, q, rows).items():
            columns.setdefault(name, np.empty(len(humans)))[rows] = values
    return columns


def human_impurity(humans: HumanLabels) -> FloatArray:
    """(n_items,) unbiased 1 - Σ p*²; NaN where fewer than 2 reviewers, or only effective counts are known."""
    impurity = stats.impurity(humans.distribution, humans.reviewer_count)
    known: FloatArray = np.where(humans.counts_known, impurity, np.nan)
    return known


def block_scores(humans: HumanLabels, forecasts: FloatArray, rows: slice) -> Columns:
    """`item_scores` of the items in `rows`."""
    p, q, n = humans.distribution[rows], forecasts[rows], humans.reviewer_count[rows]
    # Scores that correct for the number of votes need it to be a number of votes.
    debiased = np.where(humans.counts_known[rows], stats.brier_debiased(p, q, n), np.nan)
    entropy_error = stats.entropy_bits(q) - stats.entropy_bits(p)
    jsd_bits = stats.jsd_bits(p, q)
    scores = {
        "ce_bits": stats.cross_entropy_bits(p, q),
        "kl_plugin_bits": stats.kl_bits(p, q),
        "jsd_bits": jsd_bits,
        "js_distance": np.sqrt(jsd_bits * math.log(2.0)),
        "tvd": stats.total_variation(p, q),
        "hellinger": stats.hellinger(p, q),
        "brier": stats.brier(p, q),
        "brier_debiased": debiased,
        "mode_accuracy": stats.mode_accuracy(p, q),
        "entropy_error_bits": entropy_error,
        "entropy_error_abs_bits": np.abs(entropy_error),
        "rank_match": stats.rank_match(p, q),
    }
    if humans.scale == "ordinal":
        scores["w1"] = stats.wasserstein_1(p, q, humans.label_values)
        scores["rps"] = stats.rps(p, q)
        scores["rps_divergence"] = stats.rps_divergence(p, q)
    return scores
