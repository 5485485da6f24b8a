"""The items that lose most where one label is kept."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.pilot.usable import Votes
from panel_eval.schema.pilot import LosingItem
from panel_eval.stats.arrays import FloatArray

MOST = 20
_DIGITS = 9


def losing_items(people: Comparison, lost: FloatArray, discarded: FloatArray) -> tuple[list[LosingItem], int]:
    """Those of which a label taken at face value tells least, and how many more lose as much as the last of them.

    Items with the same votes lose the same; among them the order of ids decides.

    Args:
        people: the reviewers beside the base rate.
        lost: (n_items,) expected bits lost a further vote.
        discarded: (n_items,) expected share of the people whose label is not kept.
    """
    humans = people.humans
    split = np.flatnonzero(np.count_nonzero(humans.counts, axis=1) > 1)
    shown = np.round(lost, _DIGITS)
    order = split[np.argsort(-shown[split], kind="stable")]
    first, modes = order[:MOST], Votes(humans.counts).modes
    as_much = int((shown[order[MOST:]] == shown[first[-1]]).sum()) if first.size else 0
    return [
        LosingItem(
            item_id=humans.item_ids[row],
            votes={label: int(n) for label, n in zip(humans.labels, humans.counts[row], strict=True) if n > 0},
            kept=[label for label, kept in zip(humans.labels, modes[row], strict=True) if kept],
            disagreement_class=humans.derived_class[row],
            discarded_share=float(discarded[row]),
            lost_bits=float(max(lost[row], 0.0)),
        )
        for row in first.tolist()
    ], as_much
