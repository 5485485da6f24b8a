"""Which items a page shows where it cannot show all: of each class the same number, furthest from people first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from panel_eval.stats.arrays import FloatArray, IntArray

RULE: Final = (
    "the same number of each disagreement class (where a class has fewer, the others have more), those on which "
    "the panel is furthest from the reviewers by KL divergence, and up to a tenth without any forecast"
)
"""How `most_telling` chooses, in words that follow "chosen:"."""
_UNANSWERED_PART: Final = 10


def most_telling(items: pd.DataFrame, limit: int) -> IntArray:
    """Positions of at most `limit` rows by `RULE`, the furthest from the reviewers first.

    Items without a forecast come last. Equals stand in the order of their ids: none of it depends on the order of
    a file.

    Args:
        items: the table of items: `item_id`, `human_class`, `kl_plugin_bits`.
        limit: most positions to give.
    """
    distance = items["kl_plugin_bits"].to_numpy(dtype=float, na_value=np.nan)
    unanswered = np.isnan(distance)
    order = _furthest_first(items, distance)
    classes = items["human_class"].to_numpy(dtype=object)[order]
    empty = order[unanswered[order]]
    kept_empty = empty[: max(limit // _UNANSWERED_PART, limit - int((~unanswered).sum()))]
    groups = [order[(classes == name) & ~unanswered[order]] for name in sorted(set(classes.tolist()))]
    places = equal_shares([len(group) for group in groups], limit - len(kept_empty))
    chosen = np.zeros(len(items), dtype=bool)
    for group, places_of_it in zip([*groups, kept_empty], [*places, len(kept_empty)], strict=True):
        chosen[group[:places_of_it]] = True
    return order[chosen[order]]


def _furthest_first(items: pd.DataFrame, distance: FloatArray) -> IntArray:
    ids = items["item_id"].to_numpy(dtype=object)
    order = np.argsort(ids, kind="stable")
    return order[np.argsort(-np.where(np.isnan(distance), -np.inf, distance)[order], kind="stable")]


def equal_shares(sizes: list[int], places: int) -> list[int]:
    """How many of so many places each group gets: as many as the others, what small groups leave goes to the rest.

    Args:
        sizes: how many each group has; none gets more.
        places: to be given away, at most.
    """
    shares = [0] * len(sizes)
    smallest_first = sorted(range(len(sizes)), key=lambda group: sizes[group])
    for done, group in enumerate(smallest_first):
        shares[group] = min(sizes[group], places // (len(sizes) - done))
        places -= shares[group]
    return shares
