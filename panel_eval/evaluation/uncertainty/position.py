"""Whether judges choose a label for its place in the list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.means import estimate, mean_estimate, null, segment_means
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.evaluation.uncertainty.designs import UsableVotes
from panel_eval.schema import Estimate
from panel_eval.schema.uncertainty_metrics import PositionBias
from panel_eval.stats.arrays import BoolArray, IntArray
from panel_eval.stats.position_bias import PlaceCounts, place_counts, position_excess

_OTHER_ITEMS = "each item was asked in one order: compared with other items, as if orders had been drawn at random"
_NO_LABEL = "no label stood both there and elsewhere"
NO_ORDERS = "the votes do not say in which order labels were listed"
ONE_ORDER = "no judge was asked in two label orders or more"


def position_biases(
    votes: UsableVotes, orders: IntArray, judge_ids: Sequence[str], everything: Segment
) -> dict[str, PositionBias]:
    """Bias for the first and the last place, of each judge that was asked in several orders.

    Args:
        votes: usable votes whose label order is known.
        orders: (n_orders, n_labels) positions of labels in the order shown.
        judge_ids: the judges.
        everything: the items, with their resamples.
    """
    found = {}
    for judge, name in enumerate(judge_ids):
        own = votes.judge == judge
        if np.unique(votes.order[own]).size >= 2:
            found[name] = _bias(votes, own, orders, everything)
    return found


def _bias(votes: UsableVotes, own: BoolArray, orders: IntArray, everything: Segment) -> PositionBias:
    counts = {
        place: place_counts(
            votes.shares[own], orders[votes.order[own], column], votes.item[own], everything.rows.size
        )
        for place, column in (("first", 0), ("last", -1))
    }
    by_item = {place: position_excess(own_counts) for place, own_counts in counts.items()}
    if min(np.count_nonzero(~np.isnan(excess)) for excess in by_item.values()) >= MIN_ITEMS:
        means = segment_means(by_item, everything)
        return PositionBias(
            first=mean_estimate(means["first"]), last=mean_estimate(means["last"]), control="same_item"
        )
    over_items = {place: _over_items(own_counts, everything) for place, own_counts in counts.items()}
    return PositionBias(first=over_items["first"], last=over_items["last"], control="other_items")


def _over_items(counts: PlaceCounts, everything: Segment) -> Estimate:
    """The excess with other items as the control."""
    asked = np.asarray((counts.stood + counts.elsewhere).sum(axis=1) > 0)
    n = int(asked.sum())
    if n < MIN_ITEMS:
        return null(f"fewer than {MIN_ITEMS} items", n)
    table = np.hstack(list(vars(counts).values()))
    drawn = np.vstack([table.sum(axis=0), everything.sums(table)])
    excess = position_excess(PlaceCounts(*np.split(drawn, 4, axis=1)))
    no_interval = everything.interval_note(asked)
    replicates = None if no_interval else excess[1:]
    return estimate(float(excess[0]), replicates, n, _OTHER_ITEMS, no_interval, undefined=_NO_LABEL)
