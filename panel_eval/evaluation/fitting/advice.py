"""What to do with a fitted panel, in one sentence that its intervals carry."""

from __future__ import annotations

from panel_eval.schema import Estimate, MetricTable

_MORE = "label more items, or ask other judges"


def fitting_advice(
    method: str, from_raw: Estimate, from_base: Estimate, fitted: MetricTable, raw: MetricTable
) -> str:
    """One sentence.

    Args:
        method: of the fitted pool.
        from_raw: change of cross-entropy from the raw panel, in bits a vote.
        from_base: change from the base rate.
        fitted: scores of the fitted panel.
        raw: scores of the raw panel.
    """
    if None in (from_base.estimate, from_base.low, from_base.high):
        return f"Nothing can be said of the fitted panel ({from_base.note or 'no interval'}): {_MORE}."
    if not _below_zero(from_base):
        return (
            f"Do not use this panel in place of people: fitted, it is not shown to tell more than the label shares "
            f"alone ({_change(from_base)}); {_MORE}."
        )
    if from_raw.estimate is None:
        return f"Use the fitted panel ({method}): the raw panel's cross-entropy is {from_raw.note}."
    if _below_zero(from_raw):
        return f"Use the fitted panel ({method}) in place of the raw one: {_change(from_raw)}{_worth(fitted, raw)}."
    if from_raw.low is not None and from_raw.low > 0:
        return f"Keep the panel as it pools today: fitted, it is worse ({_change(from_raw)}); label more items."
    return f"Keep the panel as it pools today: fitting is not shown to change it ({_change(from_raw)})."


def _below_zero(change: Estimate) -> bool:
    return change.high is not None and change.high < 0


def _change(change: Estimate) -> str:
    bits = change.estimate or 0.0
    verb, sign = ("takes", -1.0) if bits <= 0 else ("adds", 1.0)
    where = "off" if bits <= 0 else "to"
    interval = ""
    if change.low is not None and change.high is not None:
        low, high = sorted((sign * change.low, sign * change.high))
        interval = f" (95 % interval {low:.3f} to {high:.3f})".replace("-", "−")
    return f"that {verb} {abs(bits):.3f} bits a vote {where} the cross-entropy{interval}"


def _worth(fitted: MetricTable, raw: MetricTable) -> str:
    ours, theirs = fitted["n_eq"], raw["n_eq"]
    if ours.estimate is None or theirs.estimate is None or None in (ours.low, ours.high):
        return ""
    between = f" ({ours.low:.1f} to {ours.high:.1f})"
    return (
        f", and it stands for about {ours.estimate:.1f} reviewers an item{between} instead of {theirs.estimate:.1f}"
    )
