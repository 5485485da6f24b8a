"""Items or reviewers? Two ways to spend as many votes."""

from __future__ import annotations

from typing import Literal

from panel_eval.evaluation.learning_curve.curve import Curve
from panel_eval.evaluation.learning_curve.law import TOLERANCE_BITS
from panel_eval.evaluation.means import estimate, null
from panel_eval.schema import Estimate
from panel_eval.schema.learning_curve_metrics import ItemsOrReviewers

_NO_VOTES = "too few items of two or more reviewers with known counts"


def items_or_reviewers(curve: Curve) -> ItemsOrReviewers:
    """All items with half of their votes against half of the items with all of them."""
    if not curve.points.halves:
        return neither(_NO_VOTES)
    items = len(curve.points.by_items) + len(curve.points.by_reviewers)
    reviewers = items + 1
    value = float(curve.ce.values[reviewers] - curve.ce.values[items])
    replicates = curve.ce.expected[:, reviewers] - curve.ce.expected[:, items]
    note = curve.ce.interval_note
    difference = estimate(value, None if note else replicates, curve.ce.n, note)
    better = _better(difference)
    votes = round(float(curve.items[reviewers] * curve.reviewers[reviewers]))
    return ItemsOrReviewers(
        votes=votes,
        more_items=curve.row(items),
        more_reviewers=curve.row(reviewers),
        difference_bits=difference,
        better=better,
        advice=_advice(difference, better, votes),
    )


def neither(reason: str) -> ItemsOrReviewers:
    """Nothing is said, and why."""
    return ItemsOrReviewers(
        votes=0,
        more_items=None,
        more_reviewers=None,
        difference_bits=null(reason),
        better=None,
        advice=f"Items or reviewers cannot be told: {reason}.",
    )


def _better(difference: Estimate) -> Literal["items", "reviewers"] | None:
    if difference.low is None or difference.high is None:
        return None
    return "items" if difference.low > 0 else "reviewers" if difference.high < 0 else None


def _advice(difference: Estimate, better: Literal["items", "reviewers"] | None, votes: int) -> str:
    if difference.low is None or difference.high is None:
        return f"Items or reviewers cannot be told: {difference.note}."
    least, most = sorted(abs(end) for end in (difference.low, difference.high))
    if better is None and most > TOLERANCE_BITS:
        return (
            f"Items or reviewers cannot be told yet: of {votes:,} votes spent either way, one may bring up to "
            f"{most:.3f} bits more than the other."
        )
    if better is None:
        return (
            f"For fitting, take what is cheaper, new items or more reviewers of the same items: of {votes:,} votes "
            f"spent either way, neither brings {most:.3f} bits more than the other."
        )
    ways = ["new items", "more reviewers of the same items"]
    first, other = ways if better == "items" else ways[::-1]
    return (
        f"For fitting, spend the next hour on {first} rather than on {other}: {votes:,} votes spent so bring "
        f"{least:.3f} to {most:.3f} bits more."
    )
