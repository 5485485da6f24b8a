"""The section `panel_value`: the panel's judges taken apart and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from panel_eval.evaluation.answers import AnsweredItems, answered_items
from panel_eval.evaluation.judge_redundancy import judge_redundancy
from panel_eval.evaluation.means import mean_estimate, null, segment_means
from panel_eval.evaluation.panel_value import choice
from panel_eval.evaluation.panel_value.advice import advice
from panel_eval.evaluation.panel_value.fewer_votes import NO_VOTES, FewerVotes
from panel_eval.evaluation.panel_value.judge_values import judge_values, shapley_plan
from panel_eval.evaluation.panel_value.prices import Price, judge_prices, price_of_all
from panel_eval.evaluation.panel_value.sub_panels import SubPanels, first_copies
from panel_eval.evaluation.recorded_votes import recorded_votes
from panel_eval.evaluation.references import base_rate
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, VoteTable
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.schema import Estimate
from panel_eval.schema.panel_value_metrics import LabelOrderUse, PanelValue, SamplesUsed, SubPanel
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.shapley import ShapleyPlan
from panel_eval.stats.soft_regression import assign_folds

FOLDS = 5
FEWEST_CLUSTERS = 20
"""Fewest items (clusters) that sub-panels are fitted on and judged by."""
_ITEMS_FITTED = 3_000 * 512
_FEWEST_ITEMS, _MOST_ITEMS = 1_500, 20_000
_SEED = 9201
_HELD = "intervals are over items; the fitted sub-panels are held fixed in them"
_ROUGH_BELOW = 500
_ROUGH = (
    f"fewer than {_ROUGH_BELOW} {{units}}: 95 % intervals were found to hold some 87 to 96 times in 100, that of "
    "the choice's cost 80 to 86"
)
_COPIES = "a judge that copies another is fitted once, so sub-panels with and without it are the same"


def panel_value_section(
    humans: HumanLabels,
    forecasts: JudgeForecasts,
    votes: VoteTable | None,
    learner: Learner,
    *,
    seed: int,
    resamples: int,
) -> PanelValue:
    """What each judge is worth, and which would do: cross-entropy of re-fitted sub-panels, out of fold.

    Up to 512 sub-panels are fitted five times each: give a learner that takes milliseconds, not one that chooses
    among others. Where there are thousands of items a random part of them is used, in whole clusters. The result
    depends on the order of neither items nor votes.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them, in the same order.
        votes: the votes themselves, for what fewer of them would have done; None where they are not at hand.
        learner: fits a panel.
        seed: of folds, random orders and resamples.
        resamples: draws behind each interval.
    """
    refusal = _why_none(humans, forecasts)
    if refusal:
        return _nothing(refusal, humans, forecasts)
    plan = shapley_plan(len(forecasts.judge_ids), seed)
    most = min(max(_ITEMS_FITTED // len(plan.subsets), _FEWEST_ITEMS), _MOST_ITEMS)
    items = answered_items(humans, forecasts, most, [seed, _SEED], resamples)
    cluster = items.everything.resampling.cluster
    sample = TrainingSample(items.forecasts, items.humans.counts, cluster, humans.scale == "ordinal", seed)
    fold = assign_folds(cluster, FOLDS, np.random.default_rng([seed, _SEED, 1]))
    panels = SubPanels(sample, fold, learner, base_rate(items.humans), first_copies(forecasts))
    return _valued(items, panels, plan, judge_prices(forecasts), votes)


def _valued(
    items: AnsweredItems, panels: SubPanels, plan: ShapleyPlan, prices: Sequence[Price], votes: VoteTable | None
) -> PanelValue:
    judges = judge_values(panels, plan, prices, items.everything)
    path = choice.greedy_path(panels)
    fitted = {*plan.subsets, *path, *(panels.everyone & ~(1 << judge) for judge in range(len(judges)))}
    masks = sorted(fitted | {_each_once(mask, panels.copies, prices) for mask in fitted})
    chosen = _choose(items, panels, masks, path, prices)
    whole, base = panels.losses(panels.everyone), panels.losses(0)
    numbers = segment_means({"value": base - whole, "base": base, "whole": whole}, items.everything)
    samples, samples_note, orders, orders_note = _with_fewer_votes(items, panels, votes)
    found = PanelValue(
        n_items=len(items.humans),
        n_left_out=items.n_left_out,
        value_bits=mean_estimate(numbers["value"]),
        base_rate_ce_bits=mean_estimate(numbers["base"]),
        panel_ce_bits=mean_estimate(numbers["whole"]),
        judges=judges,
        shapley="sampled" if len(plan.by_pair) else "exact",
        n_sub_panels=panels.n_fitted,
        redundancy=judge_redundancy(items).numbers if len(judges) > 1 else {},
        best=chosen.best,
        smallest=chosen.smallest,
        choice_cost_bits=chosen.cost,
        greedy=chosen.greedy,
        front=chosen.front,
        front_cost=chosen.front_cost,
        samples=samples,
        samples_note=samples_note,
        label_orders=orders,
        label_orders_note=orders_note,
        notes=_notes(items, panels, plan, len(masks)),
        advice="",
    )
    return found.model_copy(update={"advice": advice(found)})


def _each_once(mask: int, copies: Sequence[int], prices: Sequence[Price]) -> int:
    """The sub-panel with the cheapest only of judges that say the same: as good, and never to be missed."""
    once = 0
    for first in {copies[judge] for judge in range(len(copies)) if mask >> judge & 1}:
        same = [judge for judge, own in enumerate(copies) if own == first]
        once |= 1 << min(same, key=lambda judge: (*prices[judge].order, judge))
    return once


def _with_fewer_votes(
    items: AnsweredItems, panels: SubPanels, votes: VoteTable | None
) -> tuple[list[SamplesUsed] | None, str | None, LabelOrderUse | None, str | None]:
    if votes is None:
        return None, NO_VOTES, None, NO_VOTES
    own = recorded_votes(votes, items.humans, items.forecasts.judge_ids)
    fewer = FewerVotes(own, items.humans, panels, items.everything, panels.sample.seed)
    return *fewer.samples_used(), *fewer.label_order_use()


@dataclass(frozen=True)
class _Chosen:
    best: SubPanel
    smallest: SubPanel
    cost: Estimate
    greedy: list[SubPanel]
    front: list[SubPanel]
    front_cost: Literal["usd", "votes"]


def _choose(
    items: AnsweredItems, panels: SubPanels, masks: Sequence[int], path: Sequence[int], prices: Sequence[Price]
) -> _Chosen:
    whole, cluster = panels.losses(panels.everyone), items.everything.resampling.cluster
    price = {mask: price_of_all(own for judge, own in enumerate(prices) if mask >> judge & 1) for mask in masks}
    masks = sorted(masks, key=lambda mask: (*price[mask].order, mask))  # of equally good ones the cheaper is taken
    losses, of_masks = panels.table(masks), [price[mask] for mask in masks]
    usd = [price.usd for price in of_masks if price.usd is not None]
    priced = len(usd) == len(masks) and any(usd)
    costs = np.array(usd if priced else [price.votes for price in of_masks])

    def described(places: Sequence[int]) -> list[SubPanel]:
        columns: dict[str, FloatArray] = {}
        for place in places:
            columns |= {f"ce {place}": losses[place], f"behind {place}": losses[place] - whole}
        numbers = segment_means(columns, items.everything)
        return [
            SubPanel(
                judges=panels.names(masks[place]),
                ce_bits=mean_estimate(numbers[f"ce {place}"]),
                behind_panel_bits=mean_estimate(numbers[f"behind {place}"]),
                votes_per_item=of_masks[place].votes,
                cost_per_item_usd=of_masks[place].usd,
            )
            for place in places
        ]

    elsewhere = choice.chosen_elsewhere(losses, masks, cluster, panels.fold) - whole
    best, smallest = described([choice.best(losses, masks), choice.smallest(losses, masks, cluster)])
    return _Chosen(
        best=best,
        smallest=smallest,
        cost=mean_estimate(segment_means({"cost": elsewhere}, items.everything)["cost"]),
        greedy=described([masks.index(mask) for mask in path]),
        front=described(choice.front(losses.mean(axis=1), costs)),
        front_cost="usd" if priced else "votes",
    )


def _notes(items: AnsweredItems, panels: SubPanels, plan: ShapleyPlan, n_masks: int) -> list[str]:
    said = [_HELD]
    resampling = items.everything.resampling
    if resampling.shuffled.size < _ROUGH_BELOW:
        said.append(_ROUGH.format(units=resampling.drawn))
    if items.part_note:
        said.append(items.part_note)
    if items.n_left_out:
        said.append(f"{items.n_left_out} items that no judge answered are left out")
    if len(plan.by_pair):
        said.append(
            f"Shapley values from {2 * len(plan.by_pair)} random orders; best, smallest and front from "
            f"{n_masks:,} of the {2 ** len(panels.copies):,} sub-panels"
        )
    if len(set(panels.copies)) < len(panels.copies):
        said.append(_COPIES)
    return said


def _why_none(humans: HumanLabels, forecasts: JudgeForecasts) -> str | None:
    if len(humans.labels) < 2:
        return "there is only one label"
    answered = np.flatnonzero(forecasts.answered.any(axis=0))
    names = humans.clusters or humans.item_ids
    units = len({names[row] for row in answered.tolist()})
    if units < FEWEST_CLUSTERS:
        drawn = ("cluster" if humans.clusters else "item") + (" was" if units == 1 else "s were")
        return f"only {units} {drawn} answered: {FEWEST_CLUSTERS} are needed to fit and judge a panel"
    return None


def _nothing(reason: str, humans: HumanLabels, forecasts: JudgeForecasts) -> PanelValue:
    n = int(forecasts.answered.any(axis=0).sum())
    return PanelValue(
        n_items=n,
        n_left_out=len(humans) - n,
        value_bits=null(reason, n),
        base_rate_ce_bits=null(reason, n),
        panel_ce_bits=null(reason, n),
        judges={},
        shapley="none",
        n_sub_panels=0,
        redundancy={},
        best=None,
        smallest=None,
        choice_cost_bits=null(reason, n),
        greedy=[],
        front=[],
        front_cost="votes",
        samples=None,
        samples_note=reason,
        label_orders=None,
        label_orders_note=reason,
        notes=[reason],
        advice=f"Nothing can be told of the judges' value: {reason}.",
    )
