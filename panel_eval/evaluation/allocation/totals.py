"""What a plan buys in all, beside other ways to spend the reviews, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.allocation.worth import Valuing, Worth
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.prior_moves import prior_moves
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.schema.review_plan import CurvePoint, OneMoreEverywhere, PlanGain, Returns, UnknownBits
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.budget_allocation import Steps, allocate_budget, even_gain, gain_of, random_gain

_POINTS = 40
"""Points of the curve besides its beginning and the budget."""
_PLAN, _EVEN, _RANDOM, _EVERYWHERE = range(4)
_NOTHING = "no review buys anything"
_FIXED = "no interval: the prior is fixed, and nothing else is uncertain"
_CLOSE = 1e-9


@dataclass(frozen=True)
class Spending:
    """A plan and what stands behind it.

    Attributes:
        humans: the labelled items, in the order of their ids.
        posterior: of their populations.
        valuing: tells worth from posteriors.
        worth: under the prior that was learnt.
        steps: the ways to spend more, best first.
        reviews: (n_items,) further reviewers of each.
    """

    humans: HumanLabels
    posterior: HumanPosterior
    valuing: Valuing
    worth: Worth
    steps: Steps
    reviews: IntArray

    @property
    def spent(self) -> int:
        """Reviews of the plan."""
        return int(self.reviews.sum())

    def totals(self, worth: Worth) -> FloatArray:
        """(4,) bits by the plan, an even spread and a random one of as many reviews, and one more everywhere."""
        return np.array(
            [
                gain_of(worth.gain, self.reviews),
                even_gain(worth.gain, self.spent),
                random_gain(worth.gain, self.spent),
                float(worth.gain[:, 1].sum()),
            ]
        )


@dataclass(frozen=True)
class Totals:
    """Bits of the ways to spend, with their replicates under refitted priors.

    Attributes:
        value: (4,) as `Spending.totals`.
        replicates: (n_resamples, 4); None where no prior was learnt.
        note: what to say beside the intervals.
        n: items.
    """

    value: FloatArray
    replicates: FloatArray | None
    note: str
    n: int

    def total(self, which: int) -> Estimate:
        """One of the totals."""
        draws = None if self.replicates is None else np.maximum(self.replicates[:, which], 0.0)
        return estimate(float(self.value[which]), draws, self.n, self.note)

    def ratio(self, below: int) -> Estimate:
        """The plan's total over another."""
        if not self.value[below] > 0:
            return null(_NOTHING, self.n)
        draws = None
        if self.replicates is not None:
            draws = quotient(self.replicates[:, _PLAN], self.replicates[:, below])
        return estimate(float(self.value[_PLAN] / self.value[below]), draws, self.n, self.note)


def totals_of(spending: Spending, everything: Segment) -> Totals:
    """The totals of a plan that stays, as the prior behind them moves from resample to resample.

    Args:
        spending: the plan.
        everything: all items, with their resamples.
    """
    value, n = spending.totals(spending.worth), len(spending.humans)
    moves = prior_moves(spending.posterior, everything)
    no_interval = everything.interval_note()
    if moves is None or no_interval:
        return Totals(value, None, no_interval or _FIXED, n)
    rough, counts = spending.valuing.rough, spending.humans.counts
    base = spending.totals(rough(spending.posterior.alpha))
    nodes = [spending.totals(rough(spending.posterior.under(theta, counts).alpha)) for theta in moves.nodes]
    return Totals(value, value + moves.shift(base, nodes), spending.posterior.interval_note, n)


def plan_gain(spending: Spending, totals: Totals) -> PlanGain:
    """The plan beside an even and a random spread."""
    short = _interpolated(spending.steps, spending.spent) - float(totals.value[_PLAN])
    return PlanGain(
        plan_bits=totals.total(_PLAN),
        even_bits=totals.total(_EVEN),
        random_bits=totals.total(_RANDOM),
        plan_to_even=totals.ratio(_EVEN),
        plan_to_random=totals.ratio(_RANDOM),
        short_of_best_bits=short if short > _CLOSE else 0.0,
    )


def one_more_everywhere(spending: Spending, totals: Totals) -> OneMoreEverywhere:
    """One more reviewer on every item, and what a plan needs for as much."""
    n, steps = len(spending.humans), spending.steps
    wanted = float(totals.value[_EVERYWHERE])
    reached = int(np.searchsorted(steps.bought, wanted - _CLOSE))
    return OneMoreEverywhere(
        reviews=n,
        gain_bits=totals.total(_EVERYWHERE),
        plan_of_as_many_bits=gain_of(spending.worth.gain, allocate_budget(spending.worth.gain, n)),
        cheapest_plan=int(steps.spent[reached]) if reached < steps.item.size else None,
    )


def unknown_bits(spending: Spending) -> UnknownBits:
    """What stays unknown after each way to spend, as a mean over items."""
    left, rows = spending.worth.unknown, np.arange(len(spending.humans))
    lost = left[:, :1] - left
    n = rows.size
    return UnknownBits(
        now=float(left[:, 0].mean()),
        after_plan=float(left[rows, spending.reviews].mean()),
        after_even=float(left[:, 0].mean()) - even_gain(lost, spending.spent) / n,
        after_one_more_everywhere=float(left[:, 1].mean()),
        after_most_everywhere=float(left[:, -1].mean()),
    )


def returns_of(steps: Steps, budget: int) -> Returns:
    """How what a review buys falls."""
    if not steps.item.size:
        nothing = {"first_review_bits": 0.0, "last_review_bits": 0.0, "next_review_bits": 0.0}
        return Returns(most_reviews=0, most_bits=0.0, half_at=0, ninety_percent_at=0, **nothing)
    each, spent, bought = steps.gain / steps.size, steps.spent, steps.bought

    def reached(share: float) -> int:
        return int(spent[np.searchsorted(bought, share * bought[-1] - 1e-12)])

    def at(review: int) -> float:
        step = int(np.searchsorted(spent, review))
        return float(each[step]) if review and step < each.size else 0.0

    return Returns(
        most_reviews=int(spent[-1]),
        most_bits=float(bought[-1]),
        half_at=reached(0.5),
        ninety_percent_at=reached(0.9),
        first_review_bits=float(each[0]),
        last_review_bits=at(min(budget, int(spent[-1]))),
        next_review_bits=at(budget + 1),
    )


def curve_of(spending: Spending) -> list[CurvePoint]:
    """What numbers of reviews buy, from none to all that buy anything."""
    gain, steps = spending.worth.gain, spending.steps
    most = int(steps.spent[-1]) if steps.item.size else 0
    at = np.unique(
        np.append(np.rint(np.linspace(0, most, _POINTS + 1)), min(spending.spent, most)).astype(np.int64)
    )
    return [
        CurvePoint(
            reviews=int(reviews),
            plan_bits=_interpolated(steps, int(reviews)),
            even_bits=even_gain(gain, int(reviews)),
            random_bits=random_gain(gain, int(reviews)),
        )
        for reviews in at
    ]


def _interpolated(steps: Steps, reviews: int) -> float:
    """Most that so many reviews can buy; between steps, as if a part of a step could be had."""
    spent, bought = np.append(0, steps.spent), np.append(0.0, steps.bought)
    return float(np.interp(reviews, spent, bought))
