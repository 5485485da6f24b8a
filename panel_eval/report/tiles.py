"""The numbers at the top of the page, each with its interval, between its floor and its ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from panel_eval.report.numbers import (
    count,
    estimate_of,
    estimate_text,
    interval_text,
    percent,
    range_text,
    share,
    value_text,
)
from panel_eval.report.references import reference_title
from panel_eval.report.view import RunView
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.policy_metrics import PolicyReport

_FLOOR: Final = "base_rate"
_CEILING: Final = "human_panel"
_WIDTH: Final = 100.0


@dataclass(frozen=True)
class Ruler:
    """Where a number lies between floor and ceiling, in percent of a ruler's width; better is to the right.

    Attributes:
        floor, ceiling: their marks.
        value: the number's mark.
        low, high: the ends of its interval; both at the mark where there is none.
    """

    floor: float
    ceiling: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Tile:
    """One number at the top of the page.

    Attributes:
        title: what it is.
        value: the number.
        detail: its interval, or why there is none.
        beside: what it stands against, a line each; those that the ruler marks come with the mark's name.
        of: the estimate shown, if it is one of metrics.json or fit.json.
        ruler: where it lies between floor and ceiling, where both are known.
    """

    title: str
    value: str
    detail: str
    beside: tuple[tuple[str, str], ...]
    of: Estimate | None = None
    ruler: Ruler | None = None


def tiles(run: RunView) -> list[Tile]:
    """What a reader sees first: two scores, what the panel may decide (else its skill), and the usable votes."""
    metrics = run.metrics
    policy = metrics.policy or (run.fit.policy if run.fit is not None else None)
    return [
        _scored(metrics, "ce_bits", "Cross-entropy, bits per human vote"),
        _scored(metrics, "n_eq", "Worth in reviewers per item"),
        _scored(metrics, "ce_skill", "Skill against the base rate")
        if policy is None
        else _decided(policy, fitted=metrics.policy is None),
        _usable(metrics),
    ]


def _scored(metrics: Metrics, name: str, title: str) -> Tile:
    """A score of the panel between the base rate and a fresh panel of as many people."""
    own = estimate_of(metrics.panel.overall, name)
    known = {
        reference: estimate_of(metrics.references[reference].overall, name)
        for reference in (_FLOOR, _CEILING)
        if reference in metrics.references
    }
    beside = tuple(
        (role, f"{role} {value_text(known[reference], name)}, {reference_title(reference)}")
        for role, reference in (("floor", _FLOOR), ("ceiling", _CEILING))
        if reference in known and known[reference].estimate is not None
    )
    interval = interval_text(own, name)
    detail = f"95% interval {interval}" if interval else (own.note or "no interval")
    ruler = _ruler(own, known.get(_FLOOR), known.get(_CEILING))
    return Tile(title, value_text(own, name), detail, beside, own, ruler)


def _ruler(own: Estimate, floor: Estimate | None, ceiling: Estimate | None) -> Ruler | None:
    worst = None if floor is None else floor.estimate
    best = None if ceiling is None else ceiling.estimate
    if own.estimate is None or worst is None or best is None or worst == best:
        return None
    low = own.estimate if own.low is None else own.low
    high = own.estimate if own.high is None else own.high
    ends = [_toward(value, worst, best) for value in (low, high)]
    value = _toward(own.estimate, worst, best)
    start, stop = min(0.0, *ends, value), max(1.0, *ends, value)

    def mark(position: float) -> float:
        return round(_WIDTH * (position - start) / (stop - start), 2)

    return Ruler(mark(0.0), mark(1.0), mark(value), mark(min(ends)), mark(max(ends)))


def _toward(value: float, worst: float, best: float) -> float:
    """0 at the floor, 1 at the ceiling."""
    return (value - worst) / (best - worst)


def _decided(policy: PolicyReport, fitted: bool) -> Tile:
    level = policy.at_target
    title = "May decide by itself, fitted" if fitted else "May decide by itself"
    promise = f"risk at most {percent(level.risk, 0)}, with {percent(1 - level.delta, 0)} confidence"
    if level.threshold is None:
        return Tile(title, "nothing", promise, (("", "no threshold could be shown to keep to it"),))
    share_decided = level.coverage
    interval = range_text(share_decided, as_percent=True)
    tried = level.test_risk
    found = "" if tried.estimate is None else f"; there the risk was {estimate_text(tried, as_percent=True)}"
    detail = f"95% interval {interval}" if interval else (share_decided.note or "no interval")
    beside = ("", promise), ("", f"tried on {count(policy.n_test)} items{found}")
    return Tile(title, estimate_text(share_decided, as_percent=True), detail, beside, share_decided)


def _usable(metrics: Metrics) -> Tile:
    total, usable = sum(metrics.coverage.total.values()), metrics.coverage.total.get("ok", 0)
    return Tile(
        "Usable votes",
        share(usable, total),
        f"{count(usable)} of {count(total)} votes",
        (("", f"{count(metrics.n_scored)} of {count(metrics.n_items)} items scored"),),
    )
