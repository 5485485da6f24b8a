"""Whether the model of populations foretells what can be checked without it."""

from __future__ import annotations

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, mean_estimate, segment_means
from panel_eval.evaluation.pilot.accuracy import observed_columns
from panel_eval.evaluation.pilot.information import FEWEST_APART, FEWEST_BROKEN, held_out_columns
from panel_eval.evaluation.pilot.left_out_votes import LeftOutVotes
from panel_eval.evaluation.pilot.numbers import Modelled, minus
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import ModelCheck

_BITS = (
    ("bits lost by the single label", FEWEST_APART, "single_label", "lost_less"),
    ("bits lost by the single label", FEWEST_BROKEN, "ties_broken", "broken_less"),
)
_ACCURACY = (
    ("how often the next vote is the majority label", "next_less", "next_less"),
    ("how often half panels keep the same label", "halves", "halves"),
)


def model_checks(people: Comparison, modelled: Modelled) -> list[ModelCheck]:
    """Numbers that held-out votes give beside what the model expects them to be.

    Args:
        people: the reviewers beside the base rate.
        modelled: means of `modelled_columns`, `checked_columns` and `accuracy_columns`.
    """
    found = []
    for what, fewest, label, name in _BITS:
        left = LeftOutVotes.of(people, fewest)
        if left.item.size:
            means = segment_means(held_out_columns(left), people.everything)
            found.append(_check(what, minus(means[label], means["all_votes"]), name, modelled))
            break
    observed = segment_means(observed_columns(people), people.everything)
    found += [_check(what, observed[own], name, modelled) for what, own, name in _ACCURACY if observed[own].n]
    return found


def _check(what: str, observed: Mean, name: str, modelled: Modelled) -> ModelCheck:
    difference = modelled.of([name], lambda values: values[0] - values[1], observed)
    fits, own, expected = None, mean_estimate(observed), modelled.mean(name)
    varies = own.low != own.high  # the same in every resample: no interval that could be held against the model
    if varies and difference.low is not None and difference.high is not None:
        fits = difference.low <= 0.0 <= difference.high or _holds(own, expected)
    return ModelCheck(
        what=what,
        held_out=own,
        modelled=expected,
        difference=difference,
        fits=fits,
    )


def _holds(held_out: Estimate, modelled: Estimate) -> bool:
    """Whether the model's number lies in the interval of the other, so that they differ by nothing that matters."""
    if held_out.low is None or held_out.high is None or modelled.estimate is None:
        return False
    return held_out.low <= modelled.estimate <= held_out.high
