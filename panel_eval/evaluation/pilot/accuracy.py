"""How accurate hard labels look beside their own votes, a further reviewer, and a second panel."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, mean_estimate, null, segment_means
from panel_eval.evaluation.pilot.forecasts import best_label_forecast, best_vote_forecast, ties_apart
from panel_eval.evaluation.pilot.information import FEWEST_APART
from panel_eval.evaluation.pilot.left_out_votes import LeftOutVotes
from panel_eval.evaluation.pilot.numbers import Modelled, at_the_edge, minus, ratio
from panel_eval.evaluation.pilot.populations import Populations
from panel_eval.evaluation.pilot.usable import FEWEST_REVIEWERS, units_of
from panel_eval.humans import disagreement_codes
from panel_eval.schema import CLASS_NAMES
from panel_eval.schema.pilot import ClassOfOthers, HardAccuracy
from panel_eval.stats import mode_accuracy
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.reliability import split_votes

FEWEST_FOR_CLASS = 3
"""Votes of an item whose others, two or more, can agree or not."""
FEWEST_FOR_HALVES = 4
_SPLITS = 20
_SPLIT_ROWS = 60_000
_SEED = 813
_NO_HALVES = f"no item has {FEWEST_FOR_HALVES} or more reviewers: nothing to split"
_RARE = "no left-out vote's item is of this class by its other votes"
_TWO_OTHERS = f"no item has {FEWEST_APART} or more reviewers: two others are told by their majority, ties apart"


def accuracy_section(people: Comparison, modelled: Modelled) -> HardAccuracy:
    """Agreement with the kept labels, in sample and out of it.

    Args:
        people: the reviewers beside the base rate.
        modelled: means of `modelled_columns` and `accuracy_columns`.
    """
    observed = segment_means(observed_columns(people), people.everything)
    own, less, following = observed["own_votes"], observed["own_less"], observed["next_less"]
    return HardAccuracy(
        own_votes=mean_estimate(own),
        next_vote=modelled.of(["discarded"], lambda values: 1.0 - values[0]),
        optimism=modelled.of(["discarded"], lambda values: values[1] + values[0] - 1.0, own),
        own_votes_one_less=mean_estimate(less),
        next_vote_one_less=at_the_edge(mean_estimate(following), number_of_units(people)),
        optimism_one_less=mean_estimate(minus(less, following)),
        next_vote_one_less_modelled=modelled.mean("next_less"),
        second_panel=modelled.share("second_panel"),
        most_frequent=modelled.share("most_frequent"),
        relabel_sd=modelled.of(
            ["relabel_variance"], lambda values: np.sqrt(np.maximum(values[0], 0.0) / len(people.humans))
        ),
        halves=mean_estimate(observed["halves"], missing=_NO_HALVES),
        halves_modelled=modelled.mean("halves", missing=_NO_HALVES),
        by_class=_by_class(people),
    )


def accuracy_columns(sample: Comparison, drawn: Populations) -> Columns:
    """What second panels would decide.

    Args:
        sample: the reviewers beside the base rate.
        drawn: populations of its items.
    """
    same = drawn.per_item(row_sums(drawn.kept * drawn.decided_by_as_many()))
    top = drawn.p.argmax(axis=1)
    halves = row_sums(drawn.decided_by_as_many(halved=True) ** 2)
    enough = sample.humans.reviewer_count >= FEWEST_FOR_HALVES
    return {
        "second_panel": same,
        "relabel_variance": same * (1.0 - same),
        "most_frequent": drawn.per_item(drawn.kept[np.arange(top.size), top]),
        "halves": np.where(enough, drawn.per_item(halves), np.nan),
    }


def checked_columns(sample: Comparison) -> Columns:
    """What the posteriors of all votes but one expect of the one that is left out: held-out votes check it."""
    left = LeftOutVotes.of(sample, FEWEST_REVIEWERS)
    return {"next_less": left.per_item(row_sums(left.others.kept * left.expected))}


def observed_columns(people: Comparison) -> Columns:
    """What the votes say themselves, one left out and halved."""
    counts = people.humans.counts
    left = LeftOutVotes.of(people, FEWEST_REVIEWERS)
    others = left.others.counts
    hit = left.others.kept[np.arange(left.item.size), left.label]
    return {
        "own_votes": counts.max(axis=1) / row_sums(counts),
        "own_less": left.per_item(others.max(axis=1) / row_sums(others)),
        "next_less": left.per_item(hit),
        "halves": _halves(counts, people.seed),
    }


def number_of_units(people: Comparison) -> int:
    """Items, or clusters of them, that are independent of each other."""
    return int(np.unique(units_of(people.everything)).size)


def _halves(counts: FloatArray, seed: int) -> FloatArray:
    """Chance that random halves keep the same label, averaged over splits; NaN for items with too few votes."""
    found = np.full(len(counts), np.nan)
    enough = row_sums(counts) >= FEWEST_FOR_HALVES
    if not enough.any():
        return found
    votes, generator = counts[enough], np.random.default_rng([seed, _SEED])
    half = (row_sums(votes) // 2)[:, None]
    splits = int(np.clip(_SPLIT_ROWS // len(votes), 2, _SPLITS))
    same = np.zeros(len(votes))
    for _ in range(splits):
        first, second = split_votes(votes, generator)
        same += mode_accuracy(first / half, second / half) / splits
    found[enough] = same
    return found


def _by_class(people: Comparison) -> dict[str, ClassOfOthers]:
    """Held-out votes by the class of the others."""
    left = LeftOutVotes.of(people, FEWEST_FOR_CLASS)
    if not left.item.size:
        return {}
    codes = disagreement_codes(left.others.counts, people.humans.scale, n_min=FEWEST_FOR_CLASS - 1)[0]
    hit = left.others.kept[np.arange(left.item.size), left.label]
    lost = _lost(people, left)
    found = {}
    for code, name in enumerate(CLASS_NAMES):
        part = (codes == code).astype(np.float64)
        if not part.any():
            continue
        columns = {"share": left.per_item(np.ones(part.size), part), "hit": left.per_item(hit, part)}
        if lost is not None:
            columns |= {"lost": left.per_item(lost[0], part), "lost share": left.per_item(lost[1], part)}
        found[name] = _class_of_others(segment_means(columns, people.everything), number_of_units(people))
    return found


def _lost(people: Comparison, left: LeftOutVotes) -> tuple[FloatArray, FloatArray] | None:
    """(n_rows,) bits lost by the single label, and 1 where an item has votes enough; None where none has."""
    enough = np.bincount(left.item, left.weight * row_sums(left.others.counts), minlength=left.n_items) + 1
    rows = (enough >= FEWEST_APART - 1e-9)[left.item]
    if not rows.any():
        return None
    more = LeftOutVotes.of(people, FEWEST_APART)
    by_label = best_label_forecast(more, ties_apart(more.others))
    bits = np.zeros(left.item.size)
    bits[rows] = more.surprise_bits(by_label) - more.surprise_bits(best_vote_forecast(more, by_label))
    return bits, rows.astype(np.float64)


def _class_of_others(means: dict[str, Mean], n_units: int) -> ClassOfOthers:
    lost = null(_TWO_OTHERS)
    if "lost" in means:
        lost = ratio(means["lost"], means["lost share"], missing=_RARE, undefined=_RARE)
    hit = ratio(means["hit"], means["share"], missing=_RARE, undefined=_RARE)
    return ClassOfOthers(
        share=at_the_edge(mean_estimate(means["share"], missing=_RARE), n_units),
        next_vote=at_the_edge(hit, means["share"].value * n_units),
        lost_bits=lost,
    )
