"""What the curve tells its reader to do, in one sentence."""

from __future__ import annotations

from panel_eval.schema import Estimate
from panel_eval.schema.learning_curve_metrics import CurvePoint, LearningLaw


def curve_advice(largest: CurvePoint, law: LearningLaw) -> str:
    """One sentence that the intervals carry.

    Args:
        largest: the point of all items.
        law: through all points.
    """
    gain = largest.gain_over_base_rate_bits
    if gain.low is None or gain.high is None:
        return f"No advice: the gain over the base rate is not known ({gain.note})."
    if gain.high < 0:
        worse = f"by {-gain.high:.3f} to {-gain.low:.3f} bits"
        return (
            f"Do not use a pool fitted so: with {largest.items:,} items it is worse than the base rate learnt from "
            f"them, {worse}."
        )
    if gain.low <= 0:
        return (
            f"Do not rely on the fitted panel yet: with {largest.items:,} items it cannot be told from the base "
            f"rate learnt from them (gain {_range(gain)} bits)."
        )
    over = largest.gain_over_panel_bits
    if over.high is not None and over.high < 0:
        return (
            f"Keep the panel as it is: fitted to {largest.items:,} items it is worse, by {-over.high:.3f} to "
            f"{-(over.low or over.high):.3f} bits."
        )
    if law.items_needed.estimate is not None:
        return _of_need(largest.items, law.items_needed, law)
    return _of_doubling(largest.items, law, over)


def _of_need(items: int, needed: Estimate, law: LearningLaw) -> str:
    low, high = needed.low or 0.0, needed.high or float("inf")
    enough = f"about {needed.estimate:,.0f} items ({low:,.0f} to {high:,.0f})"
    within = f"within {law.tolerance_bits:g} bits of all that more labels could bring"
    if high <= items:
        return f"You have enough labels for fitting: {enough} bring the fitted panel {within}."
    if low > items:
        return f"Label more items: {enough} are needed to come {within}, and {items:,} were fitted on."
    return (
        f"The {items:,} items fitted on may be enough: {enough} are needed to come {within}; twice as many would "
        f"bring {_bits(law.next_doubling_bits)}."
    )


def _of_doubling(items: int, law: LearningLaw, over: Estimate) -> str:
    doubling = law.next_doubling_bits
    if doubling.low is None or doubling.high is None:
        unknown = f"whether more would help is not known ({law.items_needed.note})"
        if over.low is not None and over.low <= 0:
            return (
                f"Keep the panel as it is for now: fitted to {items:,} items it cannot be told to be better (gain "
                f"{_range(over)} bits), and {unknown}."
            )
        return f"Fitting pays with {items:,} items; {unknown}."
    brings = f"twice the {items:,} items fitted on would bring {_bits(doubling)}"
    if doubling.low > law.tolerance_bits:
        return f"Label more items: {brings}; how many are enough cannot be told yet."
    if doubling.high < law.tolerance_bits:
        return f"More labels would bring little: {brings}."
    return f"Label more items if that is worth it: {brings}; how many are enough cannot be told yet."


def _bits(number: Estimate) -> str:
    return f"{number.estimate:.3f} bits ({_range(number)})"


def _range(number: Estimate) -> str:
    return f"{number.low:.3f} to {number.high:.3f}".replace("-", "−")
