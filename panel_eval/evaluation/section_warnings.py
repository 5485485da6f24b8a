"""Warnings that follow from the numbers alone: about people, judges and what is left to gain."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.errors import shorten
from panel_eval.evaluation.subset import MAX_RANKED
from panel_eval.schema import CLASS_NAMES, Metrics, Warning

LEAST_EFFECTIVE_JUDGES = 2.0
LEAST_CERTAIN = 0.6
"""Below this chance that an item's class is its population's, tables by class are mostly noise."""
UNEVEN_FAILURES = 0.02
"""Difference in the share of unusable votes between two classes that is worth a word."""
FEW_VOTES = 100


def section_warnings(metrics: Metrics) -> list[Warning]:
    """Every such warning that applies, in order."""
    checks = (_people, _classes, _judges, _calibration, _failures, _sample)
    return [warning for check in checks for warning in check(metrics)]


def _people(metrics: Metrics) -> Iterator[Warning]:
    entropy = metrics.human_entropy
    if entropy.estimator == "jeffreys" and entropy.note:
        yield Warning(
            code="no_learnt_prior",
            text=f"The level of KL rests on an assumed prior: {entropy.note}. Compare panels by ce_bits; do not "
            "quote "
            "the level.",
        )
    behind = metrics.reliability.against_others.panel_minus_human.ce_bits
    if behind.low is not None and behind.low > 0:
        yield Warning(
            code="worse_than_one_person",
            text=f"One reviewer predicts the other reviewers better than the panel does, by "
            f"{behind.estimate:.2f} bits "
            f"a vote ({behind.low:.2f} to {behind.high:.2f}).",
        )


def _classes(metrics: Metrics) -> Iterator[Warning]:
    scored = [name for name in CLASS_NAMES if name != "insufficient" and metrics.agreement.class_counts.get(name)]
    tables = metrics.panel.by_class
    if scored and all(tables[name]["ce_crossfit_bits"].estimate is None for name in scored):
        yield Warning(
            code="no_crossfit",
            text="No item has a reviewer to spare: with one left out fewer than three are left to class it. "
            "Scores by "
            "class are only model-based.",
        )
    certain = metrics.classes.certainty.observed_is_population
    if certain.estimate is not None and certain.estimate < LEAST_CERTAIN:
        yield Warning(
            code="uncertain_classes",
            text=f"An item's class is made from few votes: the chance that it is the class of all possible "
            "reviewers is "
            f"{certain.estimate:.0%} on average. Read tables by class as tendencies; the section classes has "
            "scores "
            "by the classes of populations.",
        )


def _judges(metrics: Metrics) -> Iterator[Warning]:
    redundancy, judges = metrics.agreement.redundancy, len(metrics.judges)
    effective = redundancy.numbers.get("effective_judges") if redundancy else None
    if judges > 2 and effective and effective.estimate is not None and effective.estimate < LEAST_EFFECTIVE_JUDGES:
        yield Warning(
            code="redundant_judges",
            text=f"The {judges} judges err together: they are worth {effective.estimate:.1f} independent ones. "
            "More "
            "of their kind will not help; different ones may.",
        )


def _calibration(metrics: Metrics) -> Iterator[Warning]:
    parts = metrics.calibration.decomposition
    share = parts.miscalibrated_share if parts else None
    if share and share.estimate is not None and share.low is not None and share.low > 0.5:
        yield Warning(
            code="miscalibrated",
            text=f"Most of the panel's distance from the reviewers is miscalibration ({share.estimate:.0%}, at "
            "least "
            f"{share.low:.0%}): recalibrating it on human labels would take that off without a new judge.",
        )
    for judge, stated in metrics.calibration.self_confidence.items():
        over = stated.overconfidence
        if over.low is not None and over.low > 0:
            yield Warning(
                code="overconfident_judge",
                text=f"Judge {shorten(judge)} says it is surer than it is right: stated confidence exceeds the "
                "share "
                f"of reviewers who agree by {over.estimate:.2f} ({over.low:.2f} to {over.high:.2f}).",
            )


def _failures(metrics: Metrics) -> Iterator[Warning]:
    """Failures that depend on how split the reviewers are bias whatever is computed without them."""
    shares = {}
    for name in CLASS_NAMES:
        counts = metrics.coverage.by_class.get(name, {})
        # What the budget had no room for did not fail, and hangs on nothing but the order of items.
        if (votes := sum(counts.values()) - counts.get("over_budget", 0)) >= FEW_VOTES:
            shares[name] = 1.0 - counts.get("ok", 0) / votes
    if shares and max(shares.values()) - min(shares.values()) > UNEVEN_FAILURES:
        most, least = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
        yield Warning(
            code="uneven_failures",
            text=f"Votes fail unevenly: {shares[most]:.1%} of those on items of class {most}, "
            f"{shares[least]:.1%} on "
            f"{least}. Scores over the answered items are not scores over all; coverage has the bounds.",
        )


def _sample(metrics: Metrics) -> Iterator[Warning]:
    if metrics.n_items > MAX_RANKED:
        yield Warning(
            code="sampled_sections",
            text=f"Deferral, agreement and spread look at {MAX_RANKED:,} random items of {metrics.n_items:,}; "
            "all other scores at every item, unless a note says otherwise.",
        )
