"""Which items thresholds are chosen on, and which they are tried on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import BoolArray, IntArray

_SEED = 871
_ONE_OF_EACH = 1


@dataclass(frozen=True)
class PolicySplit:
    """Items to calibrate on and items to test on; none is both, and no cluster is in both.

    Attributes:
        calibration, test: (n_items,) masks, items in the order of the labels.
    """

    calibration: BoolArray
    test: BoolArray


def split_items(humans: HumanLabels, seed: int, part: BoolArray | None = None) -> PolicySplit:
    """Halves of the items, in whole clusters, drawn by seed; the same for any order of the file.

    Args:
        humans: the labelled items.
        seed: of the draw.
        part: (n_items,) items to use, such as those a panel was not fitted to; default all.
    """
    cluster = cluster_codes(humans)
    n_clusters = int(cluster.max(initial=-1)) + 1
    used = np.ones(len(humans), dtype=bool) if part is None else part
    shuffled = np.random.default_rng([seed, _SEED]).permutation(n_clusters)
    ours = shuffled[np.isin(shuffled, cluster[used])]
    first = np.zeros(n_clusters, dtype=bool)
    first[ours[: (ours.size + 1) // 2]] = True
    return PolicySplit(used & first[cluster], used & ~first[cluster])


def refuse_overlap(split: PolicySplit, humans: HumanLabels) -> None:
    """Check that no item or cluster is used to calibrate and to test.

    Raises:
        InputError: one is.
    """
    cluster = cluster_codes(humans)
    both = np.intersect1d(cluster[split.calibration], cluster[split.test])
    if both.size:
        item = humans.item_ids[int(np.flatnonzero(np.isin(cluster, both))[0])]
        fix = "keep items of one cluster together"
        raise InputError(Problem("its cluster is used to calibrate and to test", key=item, fix=fix))


def one_of_each_cluster(humans: HumanLabels, usable: BoolArray, seed: int) -> BoolArray:
    """One usable item of each cluster, drawn by seed: items of one cluster are no independent evidence.

    Args:
        humans: the labelled items.
        usable: (n_items,) which may be drawn.
        seed: of the draw.

    Returns:
        (n_items,) mask.
    """
    if humans.clusters is None:
        return usable
    cluster = cluster_codes(humans)
    # By id: the order of the file must not decide which item of a cluster is drawn.
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    shuffled = by_id[np.random.default_rng([seed, _SEED, _ONE_OF_EACH]).permutation(by_id.size)]
    shuffled = shuffled[usable[shuffled]]
    drawn = np.zeros(len(humans), dtype=bool)
    drawn[shuffled[np.unique(cluster[shuffled], return_index=True)[1]]] = True
    return drawn


def cluster_codes(humans: HumanLabels) -> IntArray:
    """(n_items,) code of each item's cluster, from 0, in the order of cluster names; without, its own."""
    names = humans.item_ids if humans.clusters is None else humans.clusters
    return np.asarray(np.unique(np.array(names), return_inverse=True)[1])
