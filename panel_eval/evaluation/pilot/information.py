"""Bits that are lost where only the majority label is kept: on votes held out, and by the model for all votes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import betainc

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import mean_estimate, null, segment_means
from panel_eval.evaluation.pilot.forecasts import (
    Situations,
    best_label_forecast,
    best_vote_forecast,
    face_value,
    label_forecast,
    over_situations,
    surprise_in,
    ties_apart,
    ties_broken,
)
from panel_eval.evaluation.pilot.left_out_votes import LeftOutVotes
from panel_eval.evaluation.pilot.numbers import Modelled, minus, ratio
from panel_eval.evaluation.pilot.populations import Populations
from panel_eval.evaluation.pilot.usable import Votes, units_of
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import HeldOutForecasts, LabelInformation, ModelledForecasts
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray, quotient, row_sums
from panel_eval.stats.posterior_expectations import expected_entropy_bits

FEWEST_APART = 4
"""Votes from which on a tie kept apart tells less than all votes: of two votes it tells both."""
FEWEST_BROKEN = 3
DISCARDED = (0.25, 0.5)
"""Shares of the people that the discarded labels may stand for."""
_LEAST = 1e-12
_NO_FOUR = f"no item has {FEWEST_APART} or more reviewers: two other votes are told by their majority, ties apart"
_NO_THREE = f"no item has {FEWEST_BROKEN} or more reviewers"
_NOTHING_TOLD = "all votes are not shown to foretell the next reviewer better than the overall label shares do"
_REFERENCES = ("all_votes", "single_label", "ties_broken", "face_value", "base_rate", "uniform")


def information_section(people: Comparison, modelled: Modelled) -> LabelInformation:
    """What the single label tells of the next reviewer, beside what all votes tell.

    Args:
        people: the reviewers beside the base rate.
        modelled: means of `modelled_columns`.
    """
    return LabelInformation(
        held_out=held_out_forecasts(people, FEWEST_APART, _NO_FOUR),
        held_out_of_three=held_out_forecasts(people, FEWEST_BROKEN, _NO_THREE, broken_only=True),
        modelled=_modelled(modelled),
        entropy_bits=modelled.mean("entropy"),
        discarded_share=modelled.share("discarded"),
        discards_more_than={f"{share:g}": modelled.share(f"over {share:g}") for share in DISCARDED},
    )


def held_out_forecasts(
    people: Comparison, fewest: int, missing: str, broken_only: bool = False
) -> HeldOutForecasts:
    """Cross-entropy of votes that were left out, under forecasts that know more or less of the other votes.

    Args:
        people: the reviewers beside the base rate.
        fewest: votes that an item needs.
        missing: what to say where no item has them.
        broken_only: leave out the single label with ties apart, where it tells as much as all votes.
    """
    left = LeftOutVotes.of(people, fewest)
    names = [name for name in _REFERENCES if not (broken_only and name == "single_label")]
    if not left.item.size:
        nothing = null(missing)
        absent = dict.fromkeys(names, nothing)
        return HeldOutForecasts(
            fewest_reviewers=fewest, ce_bits=absent, lost_bits={n: nothing for n in names[1:]}, kept_share=nothing,
            kept_share_ties_broken=nothing,
        )  # fmt: skip
    columns = held_out_columns(left)
    if broken_only:
        del columns["single_label"]
    means = segment_means(columns, people.everything)
    lost = {name: minus(means[name], means["all_votes"]) for name in names[1:]}
    told = lost["base_rate"]

    def kept(name: str) -> Estimate:
        if name not in lost:
            return null(missing)
        return ratio(minus(told, lost[name]), told, missing=missing, undefined=_NOTHING_TOLD)

    return HeldOutForecasts(
        fewest_reviewers=fewest,
        ce_bits={name: mean_estimate(means[name], missing=missing) for name in names},
        lost_bits={name: mean_estimate(value, missing=missing) for name, value in lost.items()},
        kept_share=kept("single_label"),
        kept_share_ties_broken=kept("ties_broken"),
    )


def held_out_columns(left: LeftOutVotes) -> Columns:
    """Bits a held-out vote of each item, by forecast; see `HeldOutForecasts`."""
    apart, broken = ties_apart(left.others), ties_broken(left.others)
    by_label = best_label_forecast(left, apart)
    face = face_value(broken.known, row_sums(left.others.counts)[broken.row])
    columns = left.columns(
        {"all_votes": best_vote_forecast(left, by_label), "single_label": by_label, "base_rate": left.base}
    )
    columns["ties_broken"] = left.per_item(surprise_in(left, broken, best_label_forecast(left, broken)))
    columns["face_value"] = left.per_item(surprise_in(left, broken, face))
    columns["uniform"] = np.where(np.isnan(columns["base_rate"]), np.nan, np.log2(left.base.shape[1]))
    return columns


def modelled_columns(sample: Comparison) -> Columns:
    """What the posteriors expect of each item: bits lost, entropy, and whom the discarded labels stand for."""
    votes, alpha = Votes(sample.humans.counts), sample.posterior.alpha
    total = row_sums(alpha)
    expected = alpha / total[:, None]
    columns = lost_columns(sample, votes, expected) | _one_less(sample)
    columns |= {"entropy": expected_entropy_bits(alpha), "discarded": 1.0 - row_sums(votes.kept * expected)}
    for share in DISCARDED:
        below = betainc(alpha, total[:, None] - alpha, 1.0 - share)
        columns[f"over {share:g}"] = row_sums(votes.kept * below)
    return columns


def drawn_columns(sample: Comparison, drawn: Populations) -> Columns:
    """The same of populations that were drawn, but for what held-out votes check.

    Args:
        sample: the reviewers beside the base rate.
        drawn: populations of its items.
    """
    votes = Votes(sample.humans.counts)
    expected = np.column_stack([drawn.per_item(share) for share in drawn.p.T])
    columns = lost_columns(sample, votes, np.maximum(expected, _LEAST))
    columns |= {
        "entropy": drawn.per_item(entropy_bits(drawn.p)),
        "discarded": 1.0 - row_sums(votes.kept * expected),
    }
    for share in DISCARDED:
        over = row_sums(drawn.kept * (drawn.p < 1.0 - share))
        columns[f"over {share:g}"] = drawn.per_item(over)
    return columns


def lost_columns(sample: Comparison, votes: Votes, expected: FloatArray) -> Columns:
    """Expected bits by which forecasts from the label are worse on an item than its posterior mean."""
    prior, unit = sample.posterior.prior, units_of(sample.everything)
    ones = np.ones(len(expected))

    def lost(situations: Situations) -> FloatArray:
        q = label_forecast(situations, expected, prior, ones, unit)
        return over_situations(situations, _kl_bits(expected[situations.row], q), len(expected))

    broken = ties_broken(votes)
    face = face_value(broken.known, row_sums(votes.counts)[broken.row])
    return {
        "told": _kl_bits(expected, sample.base_rate),
        "lost": lost(ties_apart(votes)),
        "lost_broken": lost(broken),
        "face_value": over_situations(broken, _kl_bits(expected[broken.row], face), len(expected)),
    }


def _one_less(sample: Comparison) -> Columns:
    """The same of one vote less, as far as held-out votes can check it."""
    found = {}
    kinds = (("lost_less", FEWEST_APART, ties_apart), ("broken_less", FEWEST_BROKEN, ties_broken))
    for name, fewest, kind in kinds:
        left = LeftOutVotes.of(sample, fewest)
        if not left.item.size:
            found[name] = np.full(left.n_items, np.nan)
            continue
        situations = kind(left.others)
        q = label_forecast(situations, left.expected, left.prior, left.weight, left.unit)
        bits = _kl_bits(left.expected[situations.row], q)
        found[name] = left.per_item(over_situations(situations, bits, left.item.size))
    return found


def _modelled(modelled: Modelled) -> ModelledForecasts:
    def kept(name: str) -> Estimate:
        return modelled.of([name, "told"], _remainder, undefined=_NOTHING_TOLD)

    return ModelledForecasts(
        told_bits=modelled.mean("told"),
        lost_bits=modelled.mean("lost"),
        lost_bits_ties_broken=modelled.mean("lost_broken"),
        lost_bits_face_value=modelled.mean("face_value"),
        kept_share=kept("lost"),
        kept_share_ties_broken=kept("lost_broken"),
        lost_bits_one_less=modelled.mean("lost_less", missing=_NO_FOUR),
        lost_bits_one_less_ties_broken=modelled.mean("broken_less", missing=_NO_THREE),
    )


def _remainder(values: Sequence[FloatArray]) -> FloatArray:
    return np.asarray(1.0 - quotient(values[0], values[1]))


def _kl_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    """(n,) KL of rows that are all above 0."""
    return np.maximum(row_sums(p * np.log2(p / q)), 0.0)
