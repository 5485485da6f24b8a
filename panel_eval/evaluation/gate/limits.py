"""Absolute limits: numbers of metrics.json that a run must keep to, whatever the baseline has."""

from __future__ import annotations

from typing import Literal

from panel_eval.errors import InputError, Problem
from panel_eval.evaluation.gate.words import estimate_words, exact, segment_words
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings, Limit
from panel_eval.schema.metrics import Metrics

Kept = Literal["PASS", "FAIL", "INCONCLUSIVE"]


def limit_checks(metrics: Metrics, settings: GateSettings) -> list[GateCheck]:
    """Hold the panel's numbers to the limits of the gate.

    Raises:
        InputError: this run's metrics.json has no such number, as with ordinal metrics where labels have no order.
    """
    problems = [
        Problem(
            f"metrics.json of this run has no {each.metric} {segment_words(each.segment)}",
            key=f"gate.limits.{place}.metric",
            fix=f"name one of: {', '.join(sorted(metrics.panel.overall))}",
        )
        for place, each in enumerate(settings.limits)
        if number_of(metrics, each) is None
    ]
    if problems:
        raise InputError(problems)
    return [_check(each, value) for each in settings.limits if (value := number_of(metrics, each)) is not None]


def number_of(metrics: Metrics, limit: Limit) -> Estimate | None:
    """The number that a limit is about; None if metrics.json has none of that name."""
    panel = metrics.panel
    table = panel.overall if limit.segment == "overall" else panel.by_class.get(limit.segment, {})
    return table.get(limit.metric)


def kept(value: Estimate, *, at_least: float | None = None, at_most: float | None = None) -> Kept:
    """Whether an interval keeps to a limit: with all of it, with none of it, or neither.

    An end that is null where there is an interval is unbounded. Without an interval nothing is known.
    """
    if value.estimate is None or (value.low is None and value.high is None):
        return "INCONCLUSIVE"
    if at_least is not None:
        if value.low is not None and value.low >= at_least:
            return "PASS"
        return "FAIL" if value.high is not None and value.high < at_least else "INCONCLUSIVE"
    assert at_most is not None
    if value.high is not None and value.high <= at_most:
        return "PASS"
    return "FAIL" if value.low is not None and value.low > at_most else "INCONCLUSIVE"


def _check(limit: Limit, value: Estimate) -> GateCheck:
    wanted = f"at least {exact(limit.at_least)}" if limit.at_least is not None else f"at most {_most(limit)}"
    name = f"limit {limit.metric} {limit.segment} {wanted}"
    status = (
        _kept_by_estimate(limit, value)
        if limit.by == "estimate"
        else kept(value, at_least=limit.at_least, at_most=limit.at_most)
    )
    threshold = limit.at_least if limit.at_least is not None else limit.at_most
    assert threshold is not None
    if _is_infinite(value):
        status = "FAIL"  # a loss without bound, or the skill that goes with it
    found = f"{limit.metric} {segment_words(limit.segment)} is {estimate_words(value, threshold)}"
    by = "the number itself" if limit.by == "estimate" else "the whole interval"
    return GateCheck(
        name=name,
        kind="limit",
        status=status,
        metric=limit.metric,
        segment=limit.segment,
        value=value,
        threshold=threshold,
        text=f"{found}; {by} must be {wanted}{_ENDS[status]}.",
        fix=_fix(status, value),
    )


_ENDS: dict[Kept, str] = {"PASS": "", "FAIL": ", and is not", "INCONCLUSIVE": ", which is not known"}


def _is_infinite(value: Estimate) -> bool:
    return value.estimate is None and str(value.note).startswith("infinite")


def _kept_by_estimate(limit: Limit, value: Estimate) -> Kept:
    if value.estimate is None:
        beyond = limit.at_least is not None and str(value.note).startswith("unbounded")
        return "PASS" if beyond else "INCONCLUSIVE"
    low_enough = limit.at_most is None or value.estimate <= limit.at_most
    high_enough = limit.at_least is None or value.estimate >= limit.at_least
    return "PASS" if low_enough and high_enough else "FAIL"


def _most(limit: Limit) -> str:
    assert limit.at_most is not None
    return exact(limit.at_most)


def _fix(status: Kept, value: Estimate) -> str | None:
    if status == "PASS":
        return None
    if _is_infinite(value):
        return "use smoothing in the panel, or limit brier_debiased: it is always finite"
    if status == "FAIL":
        return "the panel itself is not good enough: see what `panel-eval fit` makes of its votes"
    if str(value.note).startswith("unbounded"):
        return "label more items: then it has an interval"
    if value.estimate is None:
        return "this run has no such number: take the limit out, or give it what it needs"
    return "label more items, or hold the number itself to the limit with `by: estimate`"
