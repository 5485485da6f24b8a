"""What each judge is worth: left out of the panel, alone, and on average over all orders of joining."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.means import finite_or_none, mean_estimate, null, segment_means
from panel_eval.evaluation.panel_value.choice import BEARABLE
from panel_eval.evaluation.panel_value.prices import Price
from panel_eval.evaluation.panel_value.sub_panels import SubPanels
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate
from panel_eval.schema.panel_value_metrics import JudgeStanding, JudgeValue
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.shapley import ShapleyPlan, exact_plan, sampled_plan

EXACT_JUDGES = 9
"""Most judges whose sub-panels are all fitted: 512 of them take some ten seconds for 1,500 items."""
_FITS = 2 ** (EXACT_JUDGES - 1) * EXACT_JUDGES
"""Judges in all fits together that random orders may take; no fewer sub-panels than `_FEWEST_SUBSETS`."""
_FEWEST_SUBSETS = 128
_FEWEST_PAIRS, _MOST_PAIRS = 4, 256
_SMALL = 0.1
"""A Shapley value below this part of an equal share is not worth naming."""
_SAME = 1e-9
"""Bits that no difference is made of."""
_SEED = 9203
_NO_VOTES = "it was asked for no votes"
_UNPRICED = "what its votes cost is not known"
_FREE = "its votes cost nothing"


def shapley_plan(n_judges: int, seed: int) -> ShapleyPlan:
    """All sub-panels of up to `EXACT_JUDGES` judges; of more, as many random orders as the fits allow.

    Args:
        n_judges: judges of the panel.
        seed: of the orders.
    """
    if n_judges <= EXACT_JUDGES:
        return exact_plan(n_judges)
    most = max(_FEWEST_SUBSETS, 2 * _FITS // n_judges)
    few, many = _FEWEST_PAIRS, _MOST_PAIRS
    while few < many:
        middle = (few + many + 1) // 2
        fits = len(_orders(n_judges, middle, seed).subsets) <= most
        few, many = (middle, many) if fits else (few, middle - 1)
    return _orders(n_judges, few, seed)


def _orders(n_judges: int, n_pairs: int, seed: int) -> ShapleyPlan:
    return sampled_plan(n_judges, n_pairs, np.random.default_rng([seed, _SEED]))


def judge_values(
    panels: SubPanels, plan: ShapleyPlan, prices: Sequence[Price], everything: Segment
) -> dict[str, JudgeValue]:
    """Leave-one-out, Shapley and own value of each judge, with intervals over items.

    Args:
        panels: the panel's sub-panels.
        plan: how Shapley values are made.
        prices: of each judge.
        everything: the items, with their resamples.
    """
    gains = panels.losses(0) - panels.table(plan.subsets)
    errors = plan.standard_errors(gains.mean(axis=1))
    names = panels.names(panels.everyone)
    means = segment_means(_columns(panels, plan.shares(gains)), everything)
    numbers = {name: mean_estimate(mean) for name, mean in means.items()}
    value = numbers["value"]
    values = {}
    for judge, name in enumerate(names):
        same = [names[other] for other, first in enumerate(panels.copies) if first == panels.copies[judge]]
        same.remove(name)
        left_out, shapley = numbers[f"left_out {judge}"], numbers[f"shapley {judge}"]
        price = prices[judge]
        values[name] = JudgeValue(
            left_out_bits=left_out,
            shapley_bits=shapley,
            shapley_error_bits=finite_or_none(errors[judge]),
            alone_bits=numbers[f"alone {judge}"],
            standing="copy" if same else _standing(left_out, shapley, value, len(names)),
            same_as=same,
            votes_per_item=price.votes,
            cost_per_item_usd=price.usd,
            shapley_bits_per_vote=_per(shapley, price.votes, _NO_VOTES),
            shapley_bits_per_usd=_per(shapley, price.usd, _UNPRICED if price.usd is None else _FREE),
            note=f"says the same as {', '.join(same)} on every item" if same else None,
        )
    return values


def _columns(panels: SubPanels, shares: FloatArray) -> dict[str, FloatArray]:
    """What the panel and each judge take off each item's loss: (n_items,) each."""
    whole, base = panels.losses(panels.everyone), panels.losses(0)
    columns = {"value": base - whole}
    for judge, share in enumerate(shares):
        columns |= {
            f"left_out {judge}": panels.losses(panels.everyone & ~(1 << judge)) - whole,
            f"shapley {judge}": share,
            f"alone {judge}": base - panels.losses(1 << judge),
        }
    return columns


def _standing(left_out: Estimate, shapley: Estimate, value: Estimate, n_judges: int) -> JudgeStanding:
    """What the intervals carry; no more: a loss that may be large is not called none."""
    if left_out.low is None or left_out.high is None or shapley.estimate is None or shapley.low is None:
        return "not_told"
    if left_out.low > 0:
        return "adds"
    if left_out.high < 0:
        return "harms"
    if left_out.high > BEARABLE * max(value.low or 0.0, 0.0) + _SAME:
        return "not_told"
    small = shapley.low <= 0 or shapley.estimate < _SMALL * (value.estimate or 0.0) / n_judges
    return "adds_nothing" if small else "replaceable"


def _per(value: Estimate, amount: float | None, why_none: str) -> Estimate:
    """The number and its interval over an amount that is known."""
    if not amount:
        return null(why_none, value.n)
    ends = (None if end is None else end / amount for end in (value.estimate, value.low, value.high))
    return Estimate(**dict(zip(("estimate", "low", "high"), ends, strict=True)), n=value.n, note=value.note)
