"""Titles of figures that state what is to be seen, no surer than the numbers allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from panel_eval.report.numbers import clear_among, clear_of, count, decimal, estimate_of, holds, percent, share
from panel_eval.report.printable import cut_line
from panel_eval.report.tables import classes_present
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.calibration_metrics import SelfConfidence
from panel_eval.schema.fitting_metrics import Fitting
from panel_eval.schema.panel_value_metrics import PanelValue
from panel_eval.schema.policy_metrics import PolicyReport
from panel_eval.schema.uncertainty_metrics import PositionBias

_STANDS_OUT: Final = 1.5
"""A judge is named if it has this many times its even part of the unusable votes."""


def kl_finding(metrics: Metrics) -> str:
    """In which classes the panel's interval lies clear of the base rate's, on which side."""
    if "base_rate" not in metrics.references:
        return "Distance to the reviewers by disagreement class"
    base = metrics.references["base_rate"].by_class
    pairs = {
        name: (
            estimate_of(metrics.panel.by_class.get(name, {}), "kl_bits"),
            estimate_of(base.get(name, {}), "kl_bits"),
        )
        for name in classes_present(metrics)
    }
    closer = [name for name, (ours, theirs) in pairs.items() if _below(ours, theirs)]
    further = [name for name, (ours, theirs) in pairs.items() if _below(theirs, ours)]
    known = sum(ours.estimate is not None for ours, _ in pairs.values())
    return _both_sides(
        (("closer to the reviewers", closer), ("further from the reviewers", further)), known,
        "In no class is the panel shown to be closer to the reviewers than the base rate, or further",
    )  # fmt: skip


def _below(one: Estimate, other: Estimate) -> bool:
    """Whether the whole interval of one lies below that of the other; a number without one is taken as it is."""
    low = other.low if other.low is not None else other.estimate
    return one.high is not None and low is not None and one.high < low


def _both_sides(sides: Sequence[tuple[str, list[str]]], n_classes: int, neither: str) -> str:
    parts = [_shown(word, names, n_classes) for word, names in sides if names]
    return f"Shown to be {', and '.join(parts)}" if parts else neither


def skill_finding(metrics: Metrics, metric: str) -> str:
    """In which classes the panel is shown to be better or worse than the base rate."""
    found = {name: estimate_of(metrics.panel.by_class.get(name, {}), metric) for name in classes_present(metrics)}
    known = {name: number for name, number in found.items() if number.estimate is not None}
    better = [name for name, number in known.items() if clear_of(number, 0.0) and (number.estimate or 0.0) > 0]
    worse = [name for name, number in known.items() if clear_of(number, 0.0) and (number.estimate or 0.0) < 0]
    return _both_sides(
        (("better", better), ("worse", worse)), len(known),
        "In no class is the panel shown to be better or worse than the base rate",
    )  # fmt: skip


def _shown(word: str, names: list[str], n_classes: int) -> str:
    if len(names) == n_classes > 1:
        return f"{word} than the base rate in all {n_classes} classes"
    return f"{word} than the base rate in {' and '.join(names) if len(names) < 3 else ', '.join(names)}"


def reliability_finding(metrics: Metrics) -> str:
    """Whether the panel is too sure or not sure enough on the whole."""
    bins = [bin_ for bin_ in metrics.calibration.reliability if bin_.n > 0]
    above = sum(bin_.n for bin_ in bins if bin_.confidence > bin_.soft_accuracy)
    total = sum(bin_.n for bin_ in bins)
    squared, error = metrics.calibration.soft_ece_squared_debiased, metrics.calibration.soft_ece
    if squared is not None and holds(squared, 0.0):
        return "How sure the panel is cannot be told from calibrated"
    gap = f"; mean gap {decimal(error.estimate)}" if error.estimate is not None else ""
    if squared is None or not clear_of(squared, 0.0):
        return f"How sure the panel is, against the reviewers who agree{gap}"
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
    if not clear_of(auroc, 0.5):
        return f"The panel's uncertainty is not shown to tell disputed items from clear ones (AUROC {known})"
    if auroc.estimate < 0.5:
        return f"The panel is surer on disputed items than on clear ones (AUROC {known})"
    return f"The panel is less sure on the items reviewers dispute (AUROC {known})"


def entropy_finding(metrics: Metrics) -> str:
    """Whether the panel is more or less undecided than the reviewers, and whether on the same items.

    Few reviewers show less spread than there is: a panel is called more undecided only if it is by more than that.
    """
    error = estimate_of(metrics.panel.overall, "entropy_error_bits")
    if error.estimate is None:
        return "Spread of the panel and of the reviewers"
    r = estimate_of(metrics.panel.overall, "entropy_pearson").estimate
    follows = f"; item by item r = {decimal(r)}" if r is not None else ""
    hidden = estimate_of(metrics.panel.overall, "kl_naive_bias_bits")
    most = hidden.high if hidden.high is not None else (hidden.estimate or 0.0)
    if not clear_of(error, 0.0) or 0 < (error.low or 0.0) <= most:
        return f"Not shown to be more or less undecided than the reviewers on average{follows}"
    word = "More" if error.estimate > 0 else "Less"
    few = hidden.estimate or 0.0
    because = f", some {decimal(few)} of them because reviewers are few" if word == "More" and few >= 0.005 else ""
    return f"{word} undecided than the reviewers by {decimal(abs(error.estimate))} bits{because}{follows}"


def outcome_finding(metrics: Metrics) -> str:
    """How many votes were unusable, and whose they were if one judge stands out."""
    total = sum(metrics.coverage.total.values())
    unusable = total - metrics.coverage.total.get("ok", 0)
    by_judge = {judge: sum(seen.values()) - seen.get("ok", 0) for judge, seen in metrics.coverage.by_judge.items()}
    title = f"{count(unusable)} of {count(total)} votes ({share(unusable, total)}) were unusable"
    worst = max(by_judge, key=lambda judge: (by_judge[judge], judge), default=None)
    if worst is None or not unusable or by_judge[worst] * len(by_judge) < _STANDS_OUT * unusable:
        return title
    return f"{title}; {percent(by_judge[worst] / unusable, 0)} of them from {cut_line(worst, 60)}"


def outcome_class_finding(metrics: Metrics) -> str:
    """The classes with the largest and the smallest share of unusable votes among these."""
    rates = {
        name: 1 - seen.get("ok", 0) / total
        for name, seen in metrics.coverage.by_class.items()
        if (total := sum(seen.values())) > 0
    }
    most = max(rates, key=lambda name: rates[name])
    least = min(rates, key=lambda name: rates[name])
    if percent(rates[most]) == percent(rates[least]):
        return f"As many votes were unusable in each class: {percent(rates[most])}"
    return f"Unusable votes: {percent(rates[most])} in {most}, {percent(rates[least])} in {least}"


def agreement_finding(metrics: Metrics) -> str:
    """Whether judges share with each other what they do not share with the people."""
    cross = metrics.agreement.cross
    level = "ordinal" if metrics.scale == "ordinal" else "nominal"
    number = estimate_of({} if cross is None else cross.together, f"normalised_{level}")
    if number.estimate is None:
        return "How far judges agree with each other and with the reviewers"
    known = f"normalised alpha {decimal(number.estimate)}"
    if not clear_of(number, 1.0):
        return f"Whether judges agree with each other more than with the reviewers is not told ({known})"
    if number.estimate < 1:
        return f"Judges agree with each other on more than they share with the reviewers ({known})"
    return f"Judges agree with the reviewers as well as the agreement within each allows ({known})"


def fitting_finding(fitting: Fitting) -> str:
    """What fitting is shown to take off the cross-entropy, and where that leaves the panel."""
    change, beyond = fitting.ce_change_bits, fitting.ce_change_from_base_bits
    if change.estimate is None or not clear_of(change, 0.0):
        return "Fitting is not shown to change the panel's cross-entropy"
    bits = decimal(abs(change.estimate))
    does = f"takes {bits} bits off" if change.estimate < 0 else f"adds {bits} bits to"
    title = f"Fitting {does} the panel's cross-entropy"
    if beyond.estimate is None or not clear_of(beyond, 0.0):
        return f"{title}; not told from the base rate"
    return f"{title}; {decimal(abs(beyond.estimate))} {'below' if beyond.estimate < 0 else 'above'} the base rate"


def value_finding(value: PanelValue) -> str:
    """How many judges the panel is shown to need."""
    found = [judge.left_out_bits for judge in value.judges.values() if judge.left_out_bits.estimate is not None]
    if len(found) < 2:
        return "What the judge adds to the base rate"
    needed = sum(clear_of(number, 0.0) and (number.estimate or 0.0) > 0 for number in found)
    harmful = sum(clear_of(number, 0.0) and (number.estimate or 0.0) < 0 for number in found)
    title = f"{count(needed)} of {count(len(found))} judges are shown to be missed if they alone go"
    if not needed:
        title = "No judge is shown to be missed if it alone goes"
    return f"{title}; without {count(harmful)} the panel is better" if harmful else title


def policy_finding(policy: PolicyReport) -> str:
    """What the policy's promise lets the panel decide."""
    level = policy.at_target
    promised = f"a promised risk of {percent(level.risk, 0)}"
    if level.threshold is None or level.coverage.estimate is None:
        return f"It can decide nothing at {promised}"
    return f"It decides {percent(level.coverage.estimate, 0)} of the test items at {promised}"


def position_finding(found: Mapping[str, PositionBias]) -> str:
    """How many judges are shown to like or shun a place."""
    moved = sum(
        any(clear_among(end, 0.0, 2 * len(found)) for end in (bias.first, bias.last)) for bias in found.values()
    )
    if not moved:
        return "No judge is shown to choose labels for their place in the list"
    if len(found) == 1:
        return "The judge chooses labels for their place in the list"
    return f"{count(moved)} of {count(len(found))} judges choose labels for their place in the list"


def confidence_finding(found: Mapping[str, SelfConfidence]) -> str:
    """How many judges are shown to report too much or too little confidence."""
    gaps = [own.overconfidence for own in found.values()]
    over = sum(clear_of(gap, 0.0) and (gap.estimate or 0.0) > 0 for gap in gaps)
    under = sum(clear_of(gap, 0.0) and (gap.estimate or 0.0) < 0 for gap in gaps)
    if len(gaps) == 1 and (over or under):
        return f"The judge reports {'more' if over else 'less'} confidence than reviewers agree with it"
    if not over and not under:
        return "No judge is shown to be surer or less sure of itself than reviewers agree with it"
    parts = [
        f"{count(n)} of {count(len(gaps))} judges report {word} confidence than reviewers agree with them"
        for n, word in ((over, "more"), (under, "less"))
        if n
    ]
    return "; ".join(parts)
