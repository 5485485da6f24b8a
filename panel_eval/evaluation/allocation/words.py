"""A plan in plain sentences."""

from __future__ import annotations

from panel_eval.schema import Estimate
from panel_eval.schema.review_plan import ReviewPlan

_HARDLY, _LITTLE = 1.005, 1.1
"""Times an even spread: what is told as more at all, and what is told as much."""
_UNKNOWN = {
    "distribution": "Soft labels made of the votes so far are expected to be {now} bits (KL) from what everyone "
    "who could be asked would say, as a mean over items; after the plan {plan}, after an even spread {even}.",
    "class": "Of an item's disagreement class {now} bits are unknown, as a mean over items (0 = certain, 2 = four "
    "classes equally likely); after the plan {plan} are expected, after an even spread {even}.",
}


def plan_sentences(plan: ReviewPlan) -> list[str]:
    """What the plan is and buys, what else could be done, and where returns end.

    Args:
        plan: the plan; its own sentences are not read.
    """
    said = [_what(plan)]
    if plan.reviews:
        said += [_against_even(plan), _unknown(plan)]
    if plan.returns.most_reviews:
        said += [_everywhere(plan), _returns(plan)]
    return said


def _what(plan: ReviewPlan) -> str:
    if not plan.reviews:
        return "No reviews are planned: " + ("the budget is 0." if not plan.budget else "none would buy anything.")
    most = max(item.reviews for item in plan.items)
    least = min(item.reviews for item in plan.items)
    each = f"{least} to {most} more reviewers each" if least < most else f"{most} more reviewers each"
    if most == 1:
        each = "one more reviewer each"
    money = "" if plan.cost is None else f", at {plan.cost:,.2f}"
    of = f"{plan.items_planned:,} of {plan.n_items:,} items"
    return f"{plan.reviews:,} reviews{money}: {of} get {each}."


def _against_even(plan: ReviewPlan) -> str:
    gain = plan.gain
    said = f"They are expected to tell {_with_interval(gain.plan_bits)} bits"
    ratio = gain.plan_to_even
    if ratio.estimate is None:
        return f"{said}."
    beside = (
        f"{_number(gain.even_bits.estimate)} bits if spread evenly, {_number(gain.random_bits.estimate)} at random"
    )
    if ratio.low is None or ratio.high is None or ratio.low <= _HARDLY:
        return f"{said}; {beside}."
    matters = "" if ratio.high >= _LITTLE else " With these labels it matters little which items get them."
    return f"{said}, {_with_interval(ratio)} times as much as the same number spread evenly ({beside}).{matters}"


def _unknown(plan: ReviewPlan) -> str:
    unknown = plan.unknown
    numbers = {"now": unknown.now, "plan": unknown.after_plan, "even": unknown.after_even}
    return _UNKNOWN[plan.aim].format(**{name: _number(value) for name, value in numbers.items()})


def _everywhere(plan: ReviewPlan) -> str:
    more = plan.one_more_everywhere
    bits = _with_interval(more.gain_bits)
    said = f"One more reviewer on every item ({more.reviews:,} reviews) would buy {bits} bits"
    if more.cheapest_plan is None or more.cheapest_plan >= more.reviews:
        return f"{said}."
    return f"{said}; a plan buys as much with {more.cheapest_plan:,}."


def _returns(plan: ReviewPlan) -> str:
    returns = plan.returns
    said = (
        f"Of all that up to {plan.most_per_item} more on every item could tell, {_number(returns.most_bits)} bits, "
        f"half takes {returns.half_at:,} reviews and nine tenths {returns.ninety_percent_at:,}"
    )
    if not plan.reviews:
        return f"{said}."
    return (
        f"{said}; the first review buys {_number(returns.first_review_bits)} bits, the last of this plan "
        f"{_number(returns.last_review_bits)}{_price(plan)}."
    )


def _price(plan: ReviewPlan) -> str:
    last = plan.returns.last_review_bits
    if not plan.cost_per_review or last <= 0:
        return ""
    return f" ({plan.cost_per_review / last:,.2f} a bit)"


def _with_interval(estimate: Estimate) -> str:
    if estimate.estimate is None:
        return "an unknown number of"
    said = _number(estimate.estimate)
    low, high = _number(estimate.low), _number(estimate.high)
    return said if estimate.low is None or low == high else f"{said} ({low} to {high})"


def _number(value: float | None) -> str:
    """A number to three figures, as a person would say it."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
