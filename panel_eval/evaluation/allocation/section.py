"""The document `review-plan`, from labels alone."""

from __future__ import annotations

import numpy as np

from panel_eval.errors import InputError
from panel_eval.evaluation.allocation.fresh import (
    FreshReviewers,
    KnownReviewers,
    known_reviewers,
    suggest_reviewers,
)
from panel_eval.evaluation.allocation.totals import (
    Spending,
    curve_of,
    one_more_everywhere,
    plan_gain,
    returns_of,
    totals_of,
    unknown_bits,
)
from panel_eval.evaluation.allocation.words import plan_sentences
from panel_eval.evaluation.allocation.worth import Valuing, value_of_class, value_of_shares
from panel_eval.evaluation.classes import model_words
from panel_eval.evaluation.posterior import labels_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.schema.review_plan import REVIEW_AIMS, PlannedReviews, ReviewAim, ReviewerLoad, ReviewPlan
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.budget_allocation import allocate_budget, best_steps

MOST_PER_ITEM = 20
"""Further reviewers an item that can be looked ahead to."""


def plan_reviews(
    humans: HumanLabels,
    budget: int,
    *,
    aim: ReviewAim = "distribution",
    most: int = 5,
    cost: float | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> ReviewPlan:
    """Which items should get how many more reviewers, so that a budget of reviews tells most.

    Args:
        humans: the labelled items, in any order; the result does not depend on it.
        budget: reviews that may be spent.
        aim: what they are to tell: the labels' shares among everyone who could be asked, or the disagreement class.
        most: further reviewers an item at most.
        cost: of one review, in any money.
        seed: of draws and resamples.
        resamples: draws behind intervals.

    Raises:
        InputError: there are no items, or a number is out of its range.
    """
    _check(humans, budget, aim, most, cost, resamples)
    people = humans.select(np.argsort(np.array(humans.item_ids), kind="stable"))
    with one_blas_thread():
        return _planned(people, budget, aim, most, cost, seed, resamples)


def _planned(
    people: HumanLabels, budget: int, aim: ReviewAim, most: int, cost: float | None, seed: int, resamples: int
) -> ReviewPlan:
    """`plan_reviews` of items in the order of their ids."""
    posterior = labels_posterior(people, base_rate(people), seed)
    valuing = _valuing(posterior.alpha, aim, most, people.scale == "ordinal", seed)
    worth = valuing.worth(posterior.alpha)
    reviews = allocate_budget(worth.gain, budget)
    spending = Spending(people, posterior, valuing, worth, best_steps(worth.gain), reviews)
    everything = Segment(OVERALL, np.arange(len(people)), make_resampling(people, resamples, seed))
    totals = totals_of(spending, everything)
    known = known_reviewers(people)
    rows = _in_order(spending)
    fresh = None if known is None else suggest_reviewers(known, rows.tolist(), reviews[rows].tolist())
    gain = {
        "gain": plan_gain(spending, totals),
        "unknown": unknown_bits(spending),
        "one_more_everywhere": one_more_everywhere(spending, totals),
        "returns": returns_of(spending.steps, budget),
        "curve": curve_of(spending),
    }
    plan = ReviewPlan(
        task=people.task,
        labels=list(people.labels),
        scale=people.scale,
        aim=aim,
        n_items=len(people),
        budget=budget,
        most_per_item=most,
        reviews=spending.spent,
        items_planned=rows.size,
        cost_per_review=cost,
        cost=None if cost is None else cost * spending.spent,
        **gain,
        sentences=[],
        items=_items(spending, rows, known, fresh),
        reviewers=None if known is None or fresh is None else _loads(known, rows, fresh),
        model_note=model_words(posterior),
        settings={"seed": seed, "resamples": resamples, "interval_level": 0.95},
        notes=[*valuing.notes, *_notes(people, known, rows, budget, spending.spent, most)],
    )
    return plan.model_copy(update={"sentences": plan_sentences(plan)})


def _check(humans: HumanLabels, budget: int, aim: str, most: int, cost: float | None, resamples: int) -> None:
    if not len(humans):
        raise InputError("there are no labelled items")
    if aim not in REVIEW_AIMS:
        raise InputError(f"reviews can be planned for {' or '.join(REVIEW_AIMS)}; found {aim}")
    if budget < 0:
        raise InputError(f"the budget must be a number of reviews, at least 0; found {budget}")
    if not 1 <= most <= MOST_PER_ITEM:
        raise InputError(f"further reviewers an item must be 1 to {MOST_PER_ITEM}; found {most}")
    if cost is not None and not (np.isfinite(cost) and cost >= 0):
        raise InputError(f"the cost of a review must be at least 0; found {cost}")
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")


def _valuing(alpha: FloatArray, aim: ReviewAim, most: int, ordinal: bool, seed: int) -> Valuing:
    return value_of_class(alpha, most, ordinal, seed) if aim == "class" else value_of_shares(alpha, most)


def _in_order(spending: Spending) -> IntArray:
    """Rows of the items that get reviewers, the most gain for a review first; ties in the order of the ids."""
    rows = np.flatnonzero(spending.reviews)
    each = spending.worth.gain[rows, spending.reviews[rows]] / spending.reviews[rows]
    return rows[np.lexsort((rows, -np.round(each, 12)))]


def _items(
    spending: Spending, rows: IntArray, known: KnownReviewers | None, fresh: list[FreshReviewers] | None
) -> list[PlannedReviews]:
    humans, worth = spending.humans, spending.worth
    votes = humans.counts[rows].tolist()
    found = []
    for place, row in enumerate(rows.tolist()):
        reviews = int(spending.reviews[row])
        gain = worth.gain[row, : reviews + 1]
        found.append(
            PlannedReviews(
                item_id=humans.item_ids[row],
                reviews=reviews,
                reviewers_so_far=int(humans.reviewer_count[row]),
                votes=dict(zip(humans.labels, votes[place], strict=True)),
                disagreement_class=humans.derived_class[row],
                gain_bits=float(gain[-1]),
                steps_bits=np.diff(gain).tolist(),
                unknown_now_bits=float(worth.unknown[row, 0]),
                unknown_after_bits=max(0.0, float(worth.unknown[row, reviews])),
                **_who(humans, row, reviews, known, None if fresh is None else fresh[place]),
            )
        )
    return found


def _who(
    humans: HumanLabels, row: int, reviews: int, known: KnownReviewers | None, fresh: FreshReviewers | None
) -> dict[str, object]:
    """The fields of a planned item that say who could review it."""
    so_far = int(humans.reviewer_count[row])
    if known is None or fresh is None:
        nobody = dict.fromkeys(("could_review", "n_could_review", "suggested", "new_reviewers_needed"))
        return {"votes_without_name": so_far, **nobody}
    return {
        "votes_without_name": max(0, so_far - len(known.done_on(row))),
        "could_review": [known.names[one] for one in fresh.could],
        "n_could_review": fresh.n_could,
        "suggested": [known.names[one] for one in fresh.suggested],
        "new_reviewers_needed": reviews - len(fresh.suggested),
    }


def _loads(known: KnownReviewers, rows: IntArray, fresh: list[FreshReviewers]) -> list[ReviewerLoad]:
    asked = np.bincount([one for item in fresh for one in item.suggested], minlength=len(known.names))
    done = np.bincount([one for row in rows.tolist() for one in known.done_on(row)], minlength=len(known.names))
    return [
        ReviewerLoad(
            reviewer=name,
            items_so_far=int(known.load[one]),
            could_review=int(rows.size - done[one]),
            suggested=int(asked[one]),
        )
        for one, name in enumerate(known.names)
    ]


def _notes(
    humans: HumanLabels, known: KnownReviewers | None, rows: IntArray, budget: int, spent: int, most: int
) -> list[str]:
    """What must be known beside the plan."""
    said = []
    if spent < budget:
        full = spent == len(humans) * most
        why = (
            f"every item gets {most} more, the most that was allowed" if full else "none of them would buy anything"
        )
        said.append(f"{budget - spent:,} of {budget:,} reviews are not spent: {why}")
    if known is None:
        said.append("the file names no reviewers: see to it that nobody is asked about an item twice")
    else:
        so_far = humans.reviewer_count[rows].tolist()
        unnamed = sum(n > len(known.done_on(row)) for n, row in zip(so_far, rows.tolist(), strict=True))
        if unnamed:
            said.append(
                f"{unnamed:,} planned items have votes without a name: a suggested reviewer may have cast one"
            )
    if effective := int((~humans.counts_known).sum()):
        said.append(f"{effective:,} items have shares that are no whole votes: these count as votes")
    return said
