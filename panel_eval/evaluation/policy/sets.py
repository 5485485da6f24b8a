"""Label sets: thresholds from calibration items, and what the sets are like on test items."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.means import mean_estimate, null, segment_means
from panel_eval.evaluation.policy.splitting import cluster_codes, one_of_each_cluster
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema.deferral_policy import PolicySets
from panel_eval.schema.policy_metrics import LabelSets
from panel_eval.stats.arrays import BoolArray, FloatArray, row_sums
from panel_eval.stats.conformal import conformal_threshold, label_scores, label_sets

_SEED = 881


def split_threshold(humans: HumanLabels, q: FloatArray, rows: BoolArray, alpha: float, seed: int) -> PolicySets:
    """From one vote of one item of each cluster, drawn by seed.

    Args:
        humans: the labelled items, in the order of their ids.
        q: (n_items, n_labels) forecasts.
        rows: (n_items,) calibration items that the panel answered.
        alpha: chance of leaving a reviewer's label out.
        seed: of the draws.
    """
    # Every item gets its draw, used or not, so that one item's vote does not hang on which others are used.
    at = np.random.default_rng([seed, _SEED]).random(len(humans))
    drawn = (np.cumsum(humans.distribution, axis=1) <= at[:, None]).sum(axis=1).clip(max=len(humans.labels) - 1)
    units = one_of_each_cluster(humans, rows, seed)
    scores = label_scores(q[units])[np.arange(int(units.sum())), drawn[units]]
    return _sets(conformal_threshold(scores, alpha), alpha, scores.size)


def every_vote_threshold(humans: HumanLabels, q: FloatArray, rows: BoolArray, alpha: float) -> PolicySets:
    """From all votes of all items, each cluster counting once."""
    _, place, sizes = np.unique(cluster_codes(humans)[rows], return_inverse=True, return_counts=True)
    mass = humans.distribution[rows] / sizes[place][:, None]
    return _sets(conformal_threshold(label_scores(q[rows]), alpha, mass, sizes.size), alpha, sizes.size)


def sets_on_test(method: str, sets: PolicySets, humans: HumanLabels, q: FloatArray, test: Segment) -> LabelSets:
    """What the sets hold, and how large they are, on test items.

    Args:
        method: how the threshold was made.
        sets: the threshold.
        humans: the labelled items.
        q: (n_items, n_labels) forecasts.
        test: the test items that the panel answered.
    """
    held = label_sets(q, np.inf if sets.threshold is None else sets.threshold)
    size = held.sum(axis=1).astype(np.float64)
    columns = {
        "coverage": row_sums(np.where(held, humans.distribution, 0.0)),
        "size": size,
        "single": (size == 1).astype(np.float64),
    }
    if test.rows.size:
        means = segment_means(columns, test)
        numbers = {name: mean_estimate(mean) for name, mean in means.items()}
    else:
        numbers = dict.fromkeys(columns, null("no test items"))
    counts = np.bincount(size[test.rows].astype(np.int64), minlength=len(humans.labels) + 1)[1:]
    return LabelSets(
        method=method,
        threshold=sets.threshold,
        n_items=sets.n_items,
        coverage=numbers["coverage"],
        mean_size=numbers["size"],
        singletons=numbers["single"],
        sizes={k + 1: count / test.rows.size for k, count in enumerate(counts.tolist()) if count},
    )


def _sets(threshold: float, alpha: float, n_items: int) -> PolicySets:
    limit = float(threshold) if np.isfinite(threshold) else None
    return PolicySets(coverage=round(1.0 - alpha, 12), threshold=limit, n_items=n_items)
