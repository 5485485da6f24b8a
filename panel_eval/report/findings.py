"""Titles of figures that state what is to be seen, no surer than the numbers allow."""

from __future__ import annotations

from panel_eval.report.numbers import count, decimal, estimate_of, holds, percent, share
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics, MetricTable


def kl_finding(metrics: Metrics) -> str:
    """In how many classes the panel is closer to the reviewers than the base rate."""
    if "base_rate" not in metrics.references:
        return "Distance to the reviewers by disagreement class"
    base = metrics.references["base_rate"].by_class
    pairs = [
        (_value(metrics.panel.by_class.get(name, {}), "kl_bits"), _value(base.get(name, {}), "kl_bits"))
        for name in classes_present(metrics)
    ]
    compared = [ours < theirs for ours, theirs in pairs if ours is not None and theirs is not None]
    if not compared:
        return "Distance to the reviewers by disagreement class"
    return f"Closer to the reviewers than the base rate in {sum(compared)} of {len(compared)} classes"


def reliability_finding(metrics: Metrics) -> str:
    """Whether the panel is too sure or not sure enough on the whole."""
    bins = [bin_ for bin_ in metrics.calibration.reliability if bin_.n > 0]
    above = sum(bin_.n for bin_ in bins if bin_.confidence > bin_.soft_accuracy)
    total = sum(bin_.n for bin_ in bins)
    squared, error = metrics.calibration.soft_ece_squared_debiased, metrics.calibration.soft_ece
    if squared is not None and holds(squared, 0.0):
        return "How sure the panel is cannot be told from calibrated"
    gap = f"; mean gap {decimal(error.estimate)}" if error.estimate is not None else ""
    if total and above / total >= 0.75:
        return f"Too sure of its top label on most items{gap}"
    if total and above / total <= 0.25:
        return f"Less sure of its top label than the reviewers warrant on most items{gap}"
    return f"Too sure on some items, not sure enough on others{gap}"


def risk_finding(metrics: Metrics) -> str:
    """Whether the panel's uncertainty finds the items where reviewers disagree."""
    auroc = metrics.deferral.auroc_disagreement
    if auroc.estimate is None:
        return "Risk among the items the panel keeps"
    known = decimal(auroc.estimate)
    if holds(auroc, 0.5):
        return f"The panel's uncertainty does not tell disputed items from clear ones (AUROC {known})"
    if auroc.estimate < 0.5:
        return f"The panel is surer on disputed items than on clear ones (AUROC {known})"
    return f"The panel is less sure on the items reviewers dispute (AUROC {known})"


def entropy_finding(metrics: Metrics) -> str:
    """Whether the panel is more or less undecided than the reviewers, and whether on the same items."""
    error = estimate_of(metrics.panel.overall, "entropy_error_bits")
    if error.estimate is None:
        return "Spread of the panel and of the reviewers"
    r = estimate_of(metrics.panel.overall, "entropy_pearson").estimate
    follows = f"; item by item r = {decimal(r)}" if r is not None else ""
    if holds(error, 0.0):
        return f"As undecided as the reviewers on average{follows}"
    word = "More" if error.estimate > 0 else "Less"
    return f"{word} undecided than the reviewers by {decimal(abs(error.estimate))} bits{follows}"


def outcome_finding(metrics: Metrics) -> str:
    """How many votes were unusable and whose they were."""
    total = sum(metrics.coverage.total.values())
    unusable = total - metrics.coverage.total.get("ok", 0)
    by_judge = {judge: sum(seen.values()) - seen.get("ok", 0) for judge, seen in metrics.coverage.by_judge.items()}
    title = f"{count(unusable)} of {count(total)} votes ({share(unusable, total)}) were unusable"
    worst = max(by_judge, key=lambda judge: (by_judge[judge], judge), default=None)
    if worst is None or len(by_judge) < 2 or unusable == 0:
        return title
    return f"{title}; {percent(by_judge[worst] / unusable, 0)} of them from {worst}"


def _value(table: MetricTable, metric: str) -> float | None:
    return estimate_of(table, metric).estimate
