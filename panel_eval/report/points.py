"""What to know beside the headline, a sentence a question: on which items, how sure, what may it decide."""

from __future__ import annotations

from typing import Final

from panel_eval.report.findings import reliability_finding
from panel_eval.report.numbers import (
    clear_of,
    count,
    estimate_of,
    estimate_text,
    interval_text,
    percent,
    range_text,
    sentence,
    value_text,
)
from panel_eval.schema import Estimate, FitReport, Metrics
from panel_eval.schema.policy_metrics import PolicyReport

_CLEAR: Final = "agreement"
_SPLIT: Final = ("major", "unresolved")


def points(metrics: Metrics, fit: FitReport | None = None) -> tuple[str, ...]:
    """The sentences that these results have numbers for.

    Args:
        metrics: of the panel as it pools today.
        fit: what fitting found out about it, if it was asked.
    """
    policy = metrics.policy or (fit.policy if fit is not None else None)
    found = (
        class_point(metrics),
        f"{sentence(reliability_finding(metrics))}" if metrics.calibration.reliability else None,
        fitted_point(metrics, fit),
        None if policy is None else decision_point(policy, fitted=metrics.policy is None),
    )
    return tuple(said for said in found if said)


def class_point(metrics: Metrics) -> str | None:
    """What the panel is worth on items that people dispute beside those that they agree on."""
    sizes = metrics.agreement.class_counts
    split = max(_SPLIT, key=lambda name: sizes.get(name, 0))
    worth = {
        name: estimate_of(metrics.panel.by_class.get(name, {}), "n_eq")
        for name in (split, _CLEAR)
        if sizes.get(name, 0) > 0
    }
    if len(worth) < 2 or any(estimate.estimate is None for estimate in worth.values()):
        return None
    told = [
        f"{value_text(estimate, 'n_eq')} on the {count(sizes[name])} {where}{_within(estimate)}"
        for name, where, estimate in (
            (split, f"{'item' if sizes[split] == 1 else 'items'} of class {split}", worth[split]),
            (_CLEAR, f"of class {_CLEAR}", worth[_CLEAR]),
        )
    ]
    return f"Its worth in reviewers, by a model, is {' and '.join(told)}."


def _within(estimate: Estimate) -> str:
    interval = interval_text(estimate, "n_eq")
    return f" ({interval})" if interval else ""


def fitted_point(metrics: Metrics, fit: FitReport | None) -> str | None:
    """What the same votes are worth fitted; said only if fitting shows to be better."""
    if fit is None or not clear_of(fit.fitting.ce_change_bits, 0.0) or (fit.fitting.ce_change_bits.high or 0.0) > 0:
        return None
    worth = estimate_of(fit.fitting.fitted[fit.fitting.target], "n_eq")
    if worth.estimate is None:
        return None
    return f"Fitted to the labels, the same votes are worth {value_text(worth, 'n_eq')} reviewers{_within(worth)}."


def decision_point(policy: PolicyReport, *, fitted: bool) -> str:
    """How many items the panel may decide by itself, and at what risk."""
    level = policy.at_target
    who = "Fitted, it" if fitted else "It"
    promise = f"a risk of at most {percent(level.risk, 0)}"
    if level.threshold is None or level.coverage.estimate is None:
        return f"{who} may decide nothing by itself: no threshold could be shown to keep to {promise}."
    interval = range_text(level.coverage, as_percent=True)
    within = f" ({interval})" if interval else ""
    return (
        f"{who} may decide {estimate_text(level.coverage, as_percent=True)}{within} of items by itself at "
        f"{promise}, promised with {percent(1 - level.delta, 0)} confidence for items like these."
    )
