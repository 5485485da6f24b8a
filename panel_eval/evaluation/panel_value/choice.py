"""Which judges would do: the fewest within one standard error of the best, and those that no cheaper ones equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.panel_value.sub_panels import SubPanels
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.standard_errors import clustered_standard_error

BEARABLE = 0.05
"""A loss of at most this part of what all judges add is called small."""
_LONGEST_PATH = 12
"""Most judges that are added one by one."""
_SAME = 1e-9
"""Bits within which two sub-panels count as equally good."""


def greedy_path(panels: SubPanels) -> list[int]:
    """From no judge on, each time with the judge whose joining takes most off the cross-entropy; ties by place."""
    judges = range(len(panels.sample.forecasts.judge_ids))
    path = [0]
    while path[-1] != panels.everyone and len(path) <= _LONGEST_PATH:
        options = [path[-1] | 1 << judge for judge in judges if not path[-1] >> judge & 1]
        path.append(min(options, key=lambda mask: (round(panels.losses(mask).mean(), 12), mask)))
    return path


def best(losses: FloatArray, masks: Sequence[int]) -> int:
    """Place of the sub-panel of least mean loss; of equals the one with fewest judges, then the first.

    Args:
        losses: (n_masks, n_items).
        masks: the sub-panels.
    """
    means = losses.mean(axis=1)
    equal = np.flatnonzero(means <= means.min() + _SAME).tolist()
    return int(min(equal, key=lambda place: (masks[place].bit_count(), place)))


def smallest(losses: FloatArray, masks: Sequence[int], cluster: IntArray) -> int:
    """Place of the smallest sub-panel within one standard error of the best; of those as small the best, the first.

    The standard error is that of the difference, paired item by item, clusters kept together.

    Args:
        losses: (n_masks, n_items).
        masks: the sub-panels.
        cluster: (n_items,) code of each item's cluster.
    """
    behind = losses - losses[best(losses, masks)]
    mean = behind.mean(axis=1)
    error = clustered_standard_error(np.ascontiguousarray(behind.T), cluster)
    near = np.flatnonzero(mean <= np.maximum(np.nan_to_num(error), _SAME)).tolist()
    return int(min(near, key=lambda place: (masks[place].bit_count(), mean[place], place)))


def chosen_elsewhere(losses: FloatArray, masks: Sequence[int], cluster: IntArray, fold: IntArray) -> FloatArray:
    """(n_items,) loss of the sub-panel that `smallest` chooses on the items of all other folds."""
    chosen = np.empty(losses.shape[1])
    for number in range(int(fold.max()) + 1):
        own = fold == number
        chosen[own] = losses[smallest(losses[:, ~own], masks, cluster[~own]), own]
    return chosen


def front(means: FloatArray, costs: FloatArray) -> list[int]:
    """Places of the sub-panels that no other equals at the same cost or less, by rising cost; of equals the first.

    Args:
        means: (n_masks,) mean loss.
        costs: (n_masks,) cost per item.
    """
    order = sorted(range(len(means)), key=lambda place: (costs[place], means[place], place))
    kept: list[int] = []
    for place in order:
        if not kept or means[place] < means[kept[-1]] - _SAME:
            kept.append(place)
    return kept
