"""Is a label chosen because of where it stands in the list? The same label elsewhere is the control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient


@dataclass(frozen=True)
class PlaceCounts:
    """Votes by the label that stood at one place of the list; (n_items, n_labels) or sums of such rows.

    Attributes:
        stood: votes in which the label stood there.
        chosen: how many of them chose it (their mass on it).
        elsewhere: votes in which the label stood elsewhere.
        chosen_elsewhere: how many of those chose it.
    """

    stood: FloatArray
    chosen: FloatArray
    elsewhere: FloatArray
    chosen_elsewhere: FloatArray


def place_counts(shares: FloatArray, label: IntArray, item: IntArray, n_items: int) -> PlaceCounts:
    """Count votes by the label at a place.

    Args:
        shares: (n_votes, n_labels) what each vote says, as a distribution.
        label: (n_votes,) the label that stood at the place.
        item: (n_votes,) item of each vote, from 0.
        n_items: number of items.
    """
    shape = n_items, shares.shape[1]
    stood, chosen, in_all = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(stood, (item, label), 1.0)
    np.add.at(chosen, (item, label), shares[np.arange(len(label)), label])
    np.add.at(in_all, item, shares)
    votes = np.bincount(item, minlength=n_items)[:, None]
    return PlaceCounts(stood, chosen, votes - stood, in_all - chosen)


def position_excess(counts: PlaceCounts) -> FloatArray:
    """How much more often the label at a place is chosen than if its place did not matter, as a share of votes.

    (K - 1) / K times the difference between how often a label is chosen when it stands there and when it stands
    elsewhere, averaged over the votes whose label stood at both: 0 where the place does not matter, 1 - 1 / K where
    only the place matters.

    Args:
        counts: by item, each item its own control; or summed over items, where orders were drawn at random, so that
            other items are the control.

    Returns:
        (n_items,), or 0-d for sums; NaN where no label stood both there and elsewhere.
    """
    both = (counts.stood > 0) & (counts.elsewhere > 0)
    change = quotient(counts.chosen, counts.stood) - quotient(counts.chosen_elsewhere, counts.elsewhere)
    weight = np.where(both, counts.stood, 0.0)
    n_labels = counts.stood.shape[-1]
    mean = quotient((weight * np.where(both, change, 0.0)).sum(axis=-1), weight.sum(axis=-1))
    return np.asarray(mean * (n_labels - 1) / n_labels)
