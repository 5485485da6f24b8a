"""What a reader of the numbers must know, in plain words. Only what applies is said."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from panel_eval.errors import shorten
from panel_eval.evaluation.section_warnings import section_warnings
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, share_fitted_on
from panel_eval.schema import OUTCOMES, FittedPool, Metrics, Scores, Warning
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray

FEW_REVIEWERS = 10
UNUSABLE_SHARE = 0.05
_OK, _OVER_BUDGET = OUTCOMES.index("ok"), OUTCOMES.index("over_budget")


@dataclass(frozen=True)
class Findings:
    """What the warnings are drawn from."""

    humans: HumanLabels
    forecasts: JudgeForecasts
    panel_q: FloatArray
    panel: Scores
    references: dict[str, Scores]
    votes_planned: int | None = None
    fitted: FittedPool | None = None

    @property
    def answered(self) -> BoolArray:
        """(n_items,) whether the panel has a forecast."""
        return ~np.isnan(self.panel_q[:, 0])

    @property
    def only_over_budget(self) -> BoolArray:
        """(n_items,) whether all votes on an item were left out for want of budget."""
        by_item = self.forecasts.outcomes.sum(axis=0)
        unpaid: BoolArray = (by_item[:, _OVER_BUDGET] > 0) & (by_item[:, _OVER_BUDGET] == by_item.sum(axis=1))
        return unpaid


def find_warnings(findings: Findings, metrics: Metrics) -> list[Warning]:
    """Every warning that applies, the gravest first."""
    grave = (_fitted_on_these, _missing, _unusable, _against_floor)
    plain = (_excluded, _humans, _methods, _ties, _judges, _money)
    return [
        *(warning for check in grave for warning in check(findings)),
        *section_warnings(metrics),
        *(warning for check in plain for warning in check(findings)),
    ]


def _fitted_on_these(found: Findings) -> Iterator[Warning]:
    share = 0.0 if found.fitted is None else share_fitted_on(found.fitted, found.humans.item_ids)
    if share > 0:
        yield Warning(
            code="fitted_on_these_items",
            text=f"The panel's pool was fitted to the labels of about {share:.0%} of these very items: its scores "
            "here flatter it. Its out-of-fold scores, which do not, stand in the fitted pool's own file.",
        )


def _missing(found: Findings) -> Iterator[Warning]:
    if silent := int((~found.answered & ~found.only_over_budget).sum()):
        yield Warning(
            code="items_without_votes",
            text=f"The panel has no usable vote for {silent} of {len(found.humans)} items; they are not scored. "
            "If the missing items are the hard ones, the numbers flatter the panel.",
        )
    yield from _partial(found)


def _partial(found: Findings) -> Iterator[Warning]:
    """Votes that nobody cast: of those planned, or where other judges voted."""
    unpaid = int(found.forecasts.outcomes[..., _OVER_BUDGET].sum())
    cast, planned = int(found.forecasts.outcomes.sum()) - unpaid, found.votes_planned
    if unpaid or (planned is not None and cast < planned):
        why = f" The budget had no room for {unpaid}." if unpaid else ""
        yield Warning(
            code="partial",
            text=f"The run is partial: {cast} of {planned or cast + unpaid} planned votes on the labelled items "
            f"are here.{why} Items are asked about in random order, so they are a random sample; the intervals are "
            "wider than they would be.",
        )
        return
    absent = (found.forecasts.outcomes.sum(axis=2) == 0) & found.answered
    if cells := int(absent.sum()):
        yield Warning(
            code="partial",
            text=f"{cells} votes are missing altogether (no vote of a judge on an item that others voted on): "
            "the panel differs from item to item.",
        )


def _unusable(found: Findings) -> Iterator[Warning]:
    by_judge = found.forecasts.outcomes.sum(axis=1)
    for judge, counts in zip(found.forecasts.judge_ids, by_judge, strict=True):
        votes = int(counts.sum() - counts[_OVER_BUDGET])  # those of a run cut short are another matter
        unusable = votes - int(counts[_OK])
        if votes and unusable > UNUSABLE_SHARE * votes:
            others = zip(OUTCOMES, counts, strict=True)
            kinds = ", ".join(f"{n} {name}" for name, n in others if n and name not in ("ok", "over_budget"))
            yield Warning(
                code="unusable_votes",
                text=f"Judge {shorten(judge)}: {unusable} of {votes} votes ({unusable / votes:.1%}) could not "
                f"be used ({kinds}). Its scores hold for the items it answered.",
            )


def _against_floor(found: Findings) -> Iterator[Warning]:
    panel = found.panel.overall["ce_bits"].estimate
    for name, words in (("uniform", "giving every label the same mass"), ("base_rate", "the base rate")):
        floor = found.references[name].overall["ce_bits"].estimate
        if panel is None or floor is None or panel <= floor:
            continue
        if _surely_worse(found, name):
            code, verb = f"worse_than_{name}", "is worse than"
            rest = "As it stands it tells less about the reviewers than no panel at all."
        else:
            code, verb = f"not_better_than_{name}", "is not better than"
            rest = "The interval does not tell which of the two is closer to the reviewers."
        yield Warning(
            code=code,
            text=f"The panel's cross-entropy ({panel:.3f} bits a vote) {verb} that of {words} ({floor:.3f}). "
            f"{rest}",
        )
    note = found.panel.overall["ce_bits"].note
    if panel is None and note and note.startswith("infinite"):
        yield Warning(
            code="infinite",
            text=f"The panel's cross-entropy and KL are {note}. Smooth the forecast to get a number.",
        )


def _surely_worse(found: Findings, reference: str) -> bool:
    """Whether the interval leaves no doubt; against the base rate that of the paired skill."""
    if reference == "base_rate":
        high = found.panel.overall["ce_skill"].high
        return high is not None and high < 0
    low, floor = found.panel.overall["ce_bits"].low, found.references[reference].overall["ce_bits"].estimate
    return low is not None and floor is not None and low > floor


def _excluded(found: Findings) -> Iterator[Warning]:
    items, judges = found.forecasts.excluded_unknown_items, found.forecasts.excluded_unknown_judges
    if items["count"]:
        shown = ", ".join(shorten(item, 40) for item in items["item_ids"])
        yield Warning(
            code="votes_for_unknown_items",
            text=f"{items['count']} votes are for items without human labels and were left out (such as {shown}).",
        )
    if judges["count"]:
        shown = ", ".join(shorten(judge, 40) for judge in judges["judges"])
        yield Warning(
            code="votes_of_unknown_judges",
            text=f"{judges['count']} votes are of judges outside the panel and were left out (such as {shown}).",
        )


def _humans(found: Findings) -> Iterator[Warning]:
    humans, scored = found.humans, found.answered
    reviewers = humans.reviewer_count[scored]
    if reviewers.size and reviewers.mean() < FEW_REVIEWERS:
        bias = (len(humans.labels) - 1) / (2 * math.log(2)) * float(np.mean(1.0 / reviewers))
        yield Warning(
            code="few_reviewers",
            text=f"With {reviewers.mean():.1f} reviewers an item, plug-in KL is biased upwards by up to about "
            f"{bias:.2f} bits: even a perfect panel would not score 0; kl_bits is corrected. TVD, JSD and W1 are "
            "biased even in differences between panels. Decide on cross-entropy or debiased Brier.",
        )
    if unknown := int((~humans.counts_known & scored).sum()):
        yield Warning(
            code="effective_counts",
            text=f"{unknown} items give a distribution that is not a whole number of votes; debiased scores "
            "leave them out.",
        )
    if single := int((humans.counts_known & scored & (humans.reviewer_count < 2)).sum()):
        yield Warning(
            code="single_reviewer",
            text=f"{single} items have one reviewer; debiased scores leave them out.",
        )
    if insufficient := sum(name == "insufficient" for name in humans.derived_class):
        yield Warning(
            code="insufficient_reviewers",
            text=f"{insufficient} items have too few reviewers for a disagreement class; they count overall and "
            "under 'insufficient'.",
        )


def _methods(found: Findings) -> Iterator[Warning]:
    hard, soft = (found.panel.overall[name].estimate for name in ("hard_ece", "soft_ece"))
    split = (found.humans.distribution[found.answered].max(axis=1, initial=0.0) < 1.0 - 1e-9).any()
    if hard is not None and soft is not None and split:
        yield Warning(
            code="hard_ece",
            text=f"Hard ECE ({hard:.3f}) compares confidence with the majority label and punishes a panel that "
            f"reproduces the reviewers' disagreement. Read soft ECE ({soft:.3f}).",
        )


def _ties(found: Findings) -> Iterator[Warning]:
    scored = found.answered
    human = int((mode_sets(found.humans.distribution[scored]).sum(axis=1) > 1).sum())
    panel = int((mode_sets(found.panel_q[scored]).sum(axis=1) > 1).sum())
    if human or panel:
        yield Warning(
            code="ties",
            text=f"Tied for the top label: the reviewers on {human} items, the panel on {panel}. Ties are shared, "
            "not broken: mode accuracy and losses are their expected values.",
        )


def _judges(found: Findings) -> Iterator[Warning]:
    strength = found.forecasts.strength
    single = [
        judge
        for judge, votes in zip(found.forecasts.judge_ids, strength, strict=True)
        if votes.any() and votes.max() <= 1
    ]
    if single:
        yield Warning(
            code="one_vote_judges",
            text=f"{len(single)} of {len(strength)} judges cast a single label an item. Alone, such a judge has "
            "no distribution: its own row scores one smoothed vote, with the same entropy on every item.",
        )


def _money(found: Findings) -> Iterator[Warning]:
    spending = found.forecasts.spending.total
    if spending.unpriced and spending.cost_known_usd is not None:
        yield Warning(
            code="cost_partly_unknown",
            text=f"The price of {spending.unpriced} of {spending.asked} votes is unknown; the other votes "
            f"cost {spending.cost_known_usd:.4f} USD.",
        )
