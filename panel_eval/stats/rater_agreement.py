"""One rater against the other raters of the same items, and means by rater with their intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtr

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient
from panel_eval.stats.correlation import weighted_auroc
from panel_eval.stats.standard_errors import t_interval


class AgainstOthers(NamedTuple):
    """Each vote beside the other votes on its item, (n_votes,) each.

    Attributes:
        agreement: chance that a random other vote of the item is for the same label; NaN without others.
        expected: chance that two random others agree with each other; NaN with fewer than two others.
    """

    agreement: FloatArray
    expected: FloatArray


def against_others(counts: FloatArray, item: IntArray, label: IntArray) -> AgainstOthers:
    """How far each vote agrees with the others of its item, and how far these agree among themselves.

    With c the item's counts, n their sum and k the vote's label: agreement (c_k - 1) / (n - 1), expected
    (Σ c (c - 1) - 2 (c_k - 1)) / ((n - 1) (n - 2)). Both are the chance that a pair of reviewers of this item
    agrees, with and without the reviewer in the pair: of reviewers who are all alike the difference has mean 0,
    however hard the item is.

    Args:
        counts: (n_items, n_labels) votes of each item, the votes at hand among them.
        item: (n_votes,) row of each vote's item.
        label: (n_votes,) column of its label.
    """
    n = counts.sum(axis=1)
    pairs = (counts * (counts - 1.0)).sum(axis=1)
    same, others = counts[item, label] - 1.0, n[item] - 1.0
    among = pairs[item] - 2.0 * same
    return AgainstOthers(quotient(same, others), quotient(among, others * np.maximum(others - 1.0, 0.0)))


class GroupMeans(NamedTuple):
    """Means of a score by group, (n_groups,) each.

    Attributes:
        mean: NaN for a group without scores.
        low, high: 95 % interval; NaN under two clusters.
        p_value: two-sided, of mean 0; NaN under two clusters.
        n: scores.
        error: standard error.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    n: IntArray
    error: FloatArray


def group_means(score: FloatArray, group: IntArray, cluster: IntArray, n_groups: int) -> GroupMeans:
    """Mean score of each group, with t intervals over the clusters that it has scores in.

    SE² = C / (C - 1) Σ_g (Σ_{i in g} (s_i - mean))² / n² + (mean / n)²: of the clusters (as
    `clustered_standard_error`), and as if one further score of 0 had been seen, without which ten equal scores
    would have no error at all.

    Args:
        score: (n,) finite, or NaN where there is none.
        group: (n,) code of the group, from 0.
        cluster: (n,) code of the cluster.
        n_groups: number of groups.
    """
    there = ~np.isnan(score)
    score, group, cluster = score[there], group[there], cluster[there]
    n = np.bincount(group, minlength=n_groups)
    mean = quotient(group_sums(group, score, n_groups), n)
    cell, place = np.unique(group * (int(cluster.max(initial=0)) + 1) + cluster, return_inverse=True)
    apart = group_sums(place, score - mean[group], cell.size)
    owner = np.zeros(cell.size, dtype=np.int64)
    owner[place] = group
    clusters = np.bincount(owner, minlength=n_groups)
    between = quotient(group_sums(owner, apart**2, n_groups) * clusters, (clusters - 1.0) * n.astype(float) ** 2)
    error = np.sqrt(between + quotient(mean, n) ** 2)
    low, high = t_interval(mean, error, clusters)
    t = -np.abs(quotient(mean, np.where(error > 0, error, np.nan)))
    p = np.where(clusters > 1, 2.0 * stdtr(np.maximum(clusters - 1.0, 1.0), t), np.nan)
    return GroupMeans(mean, low, high, np.where((clusters > 1) & (mean == 0), 1.0, p), n, error)


def group_sums(group: IntArray, score: FloatArray, n_groups: int) -> FloatArray:
    """(n_groups,) sum of the scores of each group."""
    return np.asarray(np.bincount(group, score, n_groups), dtype=np.float64)


def auroc_interval(score: FloatArray, positive: BoolArray) -> tuple[float, float, float]:
    """AUROC with its 95 % interval by DeLong's variance, on the logit scale so that it stays within 0 and 1.

    Args:
        score: (n,) higher = more positive; ties count half.
        positive: (n,) mask.

    Returns:
        (value, low, high); NaN where one kind is absent, NaN ends where one has fewer than two members or all
        pairs are won or lost.

    References:
        DeLong, DeLong & Clarke-Pearson (1988), "Comparing the areas under two or more correlated ROC curves";
        Pepe (2003), section 5.2.5, for the logit.
    """
    value = float(weighted_auroc(score, positive))
    yes, no = np.sort(score[positive]), np.sort(score[~positive])
    if yes.size < 2 or no.size < 2 or not 0 < value < 1:
        return value, np.nan, np.nan
    won_by_yes = _placed(yes, no)
    won_by_no = 1.0 - _placed(no, yes)
    error = np.sqrt(won_by_yes.var(ddof=1) / yes.size + won_by_no.var(ddof=1) / no.size)
    middle, half = np.log(value / (1.0 - value)), 1.959963984540054 * error / (value * (1.0 - value))
    low, high = (1.0 / (1.0 + np.exp(-(middle + side * half))) for side in (-1.0, 1.0))
    return value, float(low), float(high)


def _placed(scores: FloatArray, among: FloatArray) -> FloatArray:
    """Share of `among` (sorted) that each score exceeds, ties as half."""
    below = np.searchsorted(among, scores, side="left") + np.searchsorted(among, scores, side="right")
    share: FloatArray = below / (2.0 * among.size)
    return share
