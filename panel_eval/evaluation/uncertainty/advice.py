"""What to do about the panel's uncertainty, in one sentence that the intervals carry."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.evaluation.uncertainty.remedies import remedy, together
from panel_eval.schema import Estimate
from panel_eval.schema.uncertainty_metrics import UncertaintyPart


def advice(total: Estimate, parts: Sequence[UncertaintyPart]) -> str:
    """The sentence for `Uncertainty.advice`: the largest part that can be told from 0, and what helps."""
    if total.estimate is None:
        return f"Why the panel is unsure cannot be told: {total.note}."
    if all(part.variance.estimate == 0 for part in parts):
        return "The panel is never unsure: the votes on an item never differ."
    if len(parts) == 1 and len(parts[0].sources) > 1 and parts[0].share.estimate is not None:
        words = together(parts[0].sources)
        return f"{words[0].upper()}{words[1:]} look the same in these votes: {remedy(parts[0].sources)}."
    if missing := next((part.share.note for part in parts if part.share.low is None), None):
        return f"What makes the panel unsure cannot be told: {missing}."
    told = [part for part in parts if (part.share.low or 0.0) > 0]
    if not told:
        return f"With {total.n:,} items no part of the panel's uncertainty can be told from 0: vote on more items."
    largest = max(told, key=lambda part: part.share.estimate or 0.0)
    # Where another part comes out below 0 (it may, as none is cut off), a share can exceed the whole.
    share, low, high = (
        min(value or 0.0, 1.0) for value in (largest.share.estimate, largest.share.low, largest.share.high)
    )
    size = "Most" if low > 0.5 else "The largest part that can be told from 0"
    return (
        f"{size} of the panel's uncertainty, {share:.0%} (95 % interval {low:.0%} to {high:.0%}), "
        f"comes from {together(largest.sources)}: {remedy(largest.sources)}."
    )
