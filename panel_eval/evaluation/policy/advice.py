"""A policy in words, and one sentence about what to do."""

from __future__ import annotations

from panel_eval.evaluation.policy.losses import LOSS_WORDS
from panel_eval.evaluation.policy.sample import PolicySample
from panel_eval.evaluation.policy.scores import SCORE_WORDS, SCORES_OF_JUDGES
from panel_eval.schema import Estimate
from panel_eval.schema.policy_metrics import RiskLevel


def chance_in_words(delta: float) -> str:
    """What the promises of several levels side by side do not say together."""
    return (
        f"each promise by itself is broken by at most {_percent(delta)} of calibrations: if you pick a level after "
        "seeing them all, calibrate again on items that you have not looked at"
    )


def rule_in_words(sample: PolicySample, threshold: float | None) -> str:
    """The policy as a sentence that a person could follow."""
    fewest = f"that at least {sample.fewest_judges} of {len(sample.forecasts.judge_ids)} judges answered"
    if threshold is None:
        return "hand over every item: no threshold keeps the promised risk"
    if threshold == sample.ceiling:
        return f"decide every item {fewest} by the panel's top label"
    score = SCORE_WORDS[sample.settings.score]
    return (
        f"decide an item {fewest} by the panel's top label if {score} is below {threshold:.6g}; hand over the rest"
    )


def policy_advice(sample: PolicySample, target: RiskLevel, levels: list[RiskLevel]) -> str:
    """What to do with the policy."""
    settings = sample.settings
    if target.threshold is None:
        return _nothing(sample, levels)
    if target.test_risk.low is not None and target.test_risk.low > settings.risk:
        return (
            f"Do not use this policy yet: on the test items the loss was {_with_interval(target.test_risk)}, "
            f"above the target of {_percent(settings.risk)}; see whether calibration and test items are alike."
        )
    what = "every item it can" if target.threshold == sample.ceiling else "the items below the threshold"
    return (
        f"Let the panel decide {what}, {_with_interval(target.coverage)} of the test items, and hand over the "
        f"rest: {LOSS_WORDS[settings.loss]}, among those decided, is at most {_percent(settings.risk)} with "
        f"{_percent(1.0 - settings.delta)} confidence (on the test items {_with_interval(target.test_risk)}), as "
        "long as new items and judges are like these."
    )


def _nothing(sample: PolicySample, levels: list[RiskLevel]) -> str:
    settings = sample.settings
    promise = f"that {LOSS_WORDS[settings.loss]} is at most {_percent(settings.risk)}"
    n, fewest = int(sample.units.sum()), sample.bound.fewest(settings.risk)
    if not n and sample.split.calibration.any():
        return (
            "Hand every item to people: no calibration item could be decided, as each takes the answers of half of "
            f"the judges{', and its score those of two' if settings.score in SCORES_OF_JUDGES else ''}."
        )
    if n < fewest:
        unit, more = "items", "label more"
        if sample.humans.clusters is not None:
            unit, more = "clusters (one item of each counts)", "label items of more clusters"
        return (
            f"Hand every item to people, or {more}: to show {promise} takes at least {fewest} calibration "
            f"{unit} without any loss, and there are {n}."
        )
    looser = [level for level in levels if level.risk > settings.risk]
    better = next((level for level in looser if level.threshold is not None), None)
    base = f"Hand every item to people: no threshold shows {promise} on {n} calibration items"
    if better is None:
        nor = f", nor does any for {_percent(looser[-1].risk)}" if looser else ""
        return f"{base}{nor}; better judges, or more labelled items, come first."
    return (
        f"{base}; {_percent(better.risk)} would let it decide {_with_interval(better.coverage)} of the test items, "
        "if you can afford that: confirm it on items that you have not looked at."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _with_interval(number: Estimate) -> str:
    if number.estimate is None:
        return f"unknown ({number.note})"
    if number.low is None or number.high is None:
        return _percent(number.estimate)
    return f"{_percent(number.estimate)} ({100 * number.low:.3g} to {_percent(number.high)})"
