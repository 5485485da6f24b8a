"""Where people and panel put their mass on average: on each label, overall and by disagreement class."""

from __future__ import annotations

from typing import Final

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, mean_estimate, segment_means
from panel_eval.evaluation.segments import Segment
from panel_eval.schema.mass_metrics import Mass, MassOfItems, PeopleAndPanel
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.entropy import entropy_bits

MAX_LABELS: Final = 100
"""Most labels told of: those that reviewers choose most."""


def mass_section(comparison: Comparison) -> Mass:
    """Mean shares of the reviewers and mean mass of the panel over the items that have a forecast.

    Args:
        comparison: the panel beside the people.
    """
    people, panel = comparison.humans.distribution, comparison.panel.q
    both: BoolArray = np.asarray(np.isfinite(panel).all(axis=1))
    shown = _most_chosen(people[both])
    everything = comparison.everything.take(both[comparison.everything.rows])
    overall = _of_items(comparison, shown, everything)
    by_class = {
        segment.name: _of_items(comparison, shown, scored)
        for segment in comparison.segments[1:]
        if (scored := segment.take(both[segment.rows])).rows.size
    }
    left_out = people.shape[1] - len(shown)
    note = f"the {left_out} labels that reviewers choose least are left out" if left_out else None
    return Mass(overall=overall, by_class=by_class, note=note)


def _most_chosen(people: FloatArray) -> list[int]:
    """Columns of the labels told of, in the rubric's order."""
    if people.shape[1] <= MAX_LABELS:
        return list(range(people.shape[1]))
    return sorted(np.argsort(-people.sum(axis=0), kind="stable")[:MAX_LABELS].tolist())


def _of_items(comparison: Comparison, shown: list[int], segment: Segment) -> MassOfItems:
    people, panel = comparison.humans.distribution, comparison.panel.q
    return MassOfItems(
        # Label by label: at a million items all of them at once would be large.
        labels={comparison.humans.labels[k]: _side_by_side(people[:, k], panel[:, k], segment) for k in shown},
        entropy_bits=_side_by_side(entropy_bits(people), entropy_bits(panel), segment),
    )


def _side_by_side(people: FloatArray, panel: FloatArray, segment: Segment) -> PeopleAndPanel:
    means = segment_means({"people": people, "panel": panel}, segment)
    ours, theirs = means["panel"], means["people"]
    difference = Mean(ours.value - theirs.value, ours.replicates - theirs.replicates, ours.n, 0, ours.interval_note)
    return PeopleAndPanel(
        people=mean_estimate(theirs), panel=mean_estimate(ours), difference=mean_estimate(difference)
    )
