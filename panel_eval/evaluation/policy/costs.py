"""What a threshold costs: people's time, the panel's errors, the people's own errors, and the calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import estimate, null, segment_means
from panel_eval.evaluation.policy.human_review import METHOD
from panel_eval.evaluation.policy.sample import PolicySample
from panel_eval.evaluation.policy.trying import tried_means
from panel_eval.evaluation.segments import Segment
from panel_eval.pooling.spending import together
from panel_eval.pooling.votes import UNLABELLED
from panel_eval.schema import Estimate
from panel_eval.schema.deferral_settings import DeferralCosts
from panel_eval.schema.policy_metrics import CostPoint, Costs, HumanReview
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.risk_control import candidate_thresholds

MAX_POINTS = 50
_ORACLE = "the oracle knows these items' votes: no panel can reach it"
_CALL_UNKNOWN = "the price of a call is unknown and left out: it is the same at every threshold"
_CALL_RECORDED = "the price of a call is that recorded with the votes, in US dollars"
_NO_GAIN = "people are not shown to lose less than the panel on these items: handing them over does not pay"
_NO_ITEMS = "nothing is handed over"
_OPEN_ABOVE = "open above: in some resamples people lose no less than the panel, and no price is high enough"
_RIVALS = {"all": "deciding everything", "none": "handing over everything"}


def human_review(sample: PolicySample, decided: BoolArray, human_loss: FloatArray, test: Segment) -> HumanReview:
    """What people would lose on the items handed to them, and from which price of an error on that pays."""
    deferred = ~decided
    columns = {
        "people": np.where(deferred, human_loss, np.nan),
        "panel": np.where(deferred, sample.lost, np.nan),
    }
    found = tried_means(columns, test, _NO_ITEMS)
    return HumanReview(
        reviewers=sample.settings.reviewers,
        loss_deferred=found["people"],
        panel_loss_deferred=found["panel"],
        break_even=_break_even(sample, deferred, human_loss, test),
        method=METHOD,
    )


def _break_even(sample: PolicySample, deferred: BoolArray, human_loss: FloatArray, test: Segment) -> Estimate:
    """Reviews / (mean loss of the panel less that of people) over deferred items with a forecast: error / human."""
    part = deferred & np.isfinite(sample.lost)
    n = int(part[test.rows].sum())
    if not n:
        return null(_NO_ITEMS)
    gain = segment_means({"gain": np.where(part, sample.lost - human_loss, np.nan)}, test)["gain"]
    if gain.value <= 0:
        return null(_NO_GAIN, n)
    reviews = sample.settings.reviewers
    # Where a resample gains nothing, no price is high enough: the interval is open above.
    ratios = np.where(gain.replicates > 0, reviews / np.where(gain.replicates > 0, gain.replicates, 1.0), np.inf)
    found = estimate(reviews / gain.value, None if gain.interval_note else ratios, n, gain.interval_note)
    if found.low is None or found.high is not None:
        return found
    return found.model_copy(update={"note": "; ".join(filter(None, (_OPEN_ABOVE, found.note)))})


def cost_section(
    sample: PolicySample, decided: BoolArray, human_loss: FloatArray, costs: DeferralCosts, test: Segment
) -> Costs:
    """The cost curve on calibration items; policy, optimum, extremes and oracle on test items."""
    call, note = _call_price(sample, costs)
    prices = _Prices(sample, human_loss, costs, call or 0.0)
    curve = prices.curve()
    best = min(curve, key=lambda point: (point.cost, point.deferred))
    optimum = sample.decided(-np.inf if best.threshold is None else best.threshold)
    oracle = prices.oracle()
    everything, nothing = sample.usable, np.zeros_like(decided)
    plans = {"policy": decided, "optimum": optimum, "all": everything, "none": nothing, "oracle": oracle}
    columns = {name: prices.of(plan) for name, plan in plans.items()}
    columns["regret"] = columns["policy"] - columns["oracle"]
    columns["optimum_regret"] = columns["optimum"] - columns["oracle"]
    found = tried_means(columns, test)
    return Costs(
        human=costs.human,
        error=costs.error,
        call=call,
        reviewers=sample.settings.reviewers,
        curve=curve,
        optimum=best,
        at_policy=found["policy"],
        at_optimum=found["optimum"],
        decide_all=found["all"],
        defer_all=found["none"],
        oracle=found["oracle"],
        regret=found["regret"],
        regret_of_optimum=found["optimum_regret"],
        notes=[METHOD, _ORACLE, note],
        advice=_advice(sample, found, best, tried_means(_against_extremes(columns), test)),
    )


@dataclass(frozen=True)
class _Prices:
    """Costs of items under any plan of deciding them."""

    sample: PolicySample
    human_loss: FloatArray
    costs: DeferralCosts
    call: float

    @property
    def deferring(self) -> FloatArray:
        """(n_items,) cost of handing an item over."""
        return np.asarray(self.costs.human * self.sample.settings.reviewers + self.costs.error * self.human_loss)

    @property
    def deciding(self) -> FloatArray:
        """(n_items,) cost of deciding it; inf where it cannot be."""
        return np.where(self.sample.usable, self.costs.error * np.nan_to_num(self.sample.lost), np.inf)

    def of(self, decided: BoolArray) -> FloatArray:
        """(n_items,) cost of each item, the call included."""
        return np.where(decided, self.deciding, self.deferring) + self.call

    def oracle(self) -> BoolArray:
        """(n_items,) which items it is cheaper to decide, once their votes are known."""
        return np.asarray(self.deciding <= self.deferring)

    def curve(self) -> list[CostPoint]:
        """From handing over everything to deciding everything, on the calibration items."""
        rows = self.sample.split.calibration
        if not rows.any():
            return [CostPoint(threshold=None, deferred=1.0, cost=0.0)]
        scores = self.sample.score[rows & self.sample.usable]
        thresholds = candidate_thresholds(scores, 1) if scores.size else np.empty(0)
        chosen = np.linspace(0, max(thresholds.size - 1, 0), min(MAX_POINTS, thresholds.size)).round()
        points = []
        for threshold in (-np.inf, *thresholds[chosen.astype(np.int64)].tolist()):
            decided = self.sample.decided(threshold)
            points.append(
                CostPoint(
                    threshold=self.sample.stored(threshold),
                    deferred=float(1.0 - decided[rows].mean()),
                    cost=float(self.of(decided)[rows].mean()),
                )
            )
        return points


def _call_price(sample: PolicySample, costs: DeferralCosts) -> tuple[float | None, str]:
    if costs.call is not None:
        return costs.call, "the price of a call is the one given"
    # The items here are the labelled ones: what votes on others cost is no part of their price.
    cells = sample.forecasts.spending.cells.items()
    spent = together(own for (_, item_class, _, _), own in cells if item_class != UNLABELLED)
    if spent.cost_usd is None or not spent.asked:
        return None, _CALL_UNKNOWN
    return spent.cost_usd / max(len(sample.humans), 1), _CALL_RECORDED


def _against_extremes(columns: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """(n_items,) what the optimum saves against deciding and against handing over everything."""
    return {name: columns[name] - columns["optimum"] for name in ("all", "none")}


def _advice(sample: PolicySample, found: dict[str, Estimate], best: CostPoint, saved: dict[str, Estimate]) -> str:
    """What is cheapest, as far as the test items tell."""
    if found["optimum"].estimate is None:
        return "No test items: nothing can be said about costs."
    what, itself = f"the cheapest threshold hands over {best.deferred:.0%} of the items", ""
    if best.threshold is None:
        what, itself = "hand every item to people", "none"
    elif best.threshold == sample.ceiling:
        what, itself = "let the panel decide everything it can", "all"
    base = f"At these prices {what}: {found['optimum'].estimate:.3g} an item on the test items"
    rivals = {name: words for name, words in _RIVALS.items() if name != itself}
    sure = [name for name in rivals if (low := saved[name].low) is not None and low > 0]
    if not sure:
        return f"{base}; the test items do not show that it costs less than {' or '.join(rivals.values())}."
    return f"{base}, less than {' and '.join(f'{rivals[name]} ({found[name].estimate:.3g})' for name in sure)}."
