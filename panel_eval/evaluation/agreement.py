"""The section `agreement`: people among themselves, judges among themselves, and the two with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from panel_eval.evaluation.agreement_coefficients import (
    Coefficient,
    GroupAgreement,
    Labels,
    cross_agreement,
    estimates,
    group_agreement,
    majority_kappa,
    top_answers,
)
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.judge_redundancy import judge_redundancy
from panel_eval.evaluation.means import null
from panel_eval.evaluation.replacement_test import DEFAULT_EPSILON, replacement_test
from panel_eval.humans import HumanLabels, class_confusion
from panel_eval.humans.reviewers import ReviewerVotes, reviewer_votes
from panel_eval.schema import CLASS_NAMES, Agreement, Estimate, MetricTable
from panel_eval.schema.agreement_metrics import CrossAgreement, RaterAgreement
from panel_eval.stats import percentile_interval
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.krippendorff import normalised_cross_alpha

_NO_PAIRS = "no item has two or more reviewers with known counts"
_NO_JUDGES = "no item has votes of two or more judges"
_NOTHING_SHARED = "no item has votes of both"
_ONE_JUDGE = "one judge: there is nobody to agree with"
_EXPECTED = "each judge casts one vote, drawn from what it said"

Coefficients = Mapping[str, Coefficient]


def agreement_section(
    comparison: Comparison, everyone: HumanLabels | None = None, epsilon: float = DEFAULT_EPSILON
) -> Agreement:
    """Agreement within and across people and judges, common errors, and the alternative annotator test.

    Args:
        comparison: panel, judges and people, or as many items of them as are enough.
        everyone: all labelled items, whose classes are counted; default those of the comparison.
        epsilon: what the alternative annotator test lets the judges' lower cost excuse.
    """
    humans, forecasts = comparison.humans, comparison.forecasts
    labels, everything = Labels(humans.label_values, humans.scale), comparison.everything
    people = group_agreement(
        lambda rows: np.where(humans.counts_known[rows, None], humans.counts[rows], 0.0),
        humans.counts_known & (humans.reviewer_count >= 2),
        labels,
        everything,
    )
    judges = None
    if len(forecasts.judge_ids) > 1:
        several = forecasts.answered.sum(axis=0) >= 2
        judges = group_agreement(lambda rows: np.nan_to_num(forecasts.q_raw[:, rows]), several, labels, everything)
    votes = reviewer_votes(humans, comparison.seed)
    everyone = humans if everyone is None else everyone
    classes = Counter(everyone.derived_class)
    return Agreement(
        class_counts={name: classes[name] for name in CLASS_NAMES},
        reported_vs_derived=class_confusion(everyone.reported_class, everyone.derived_class),
        human=_raters(people, humans, "what reviewers chose", _NO_PAIRS),
        judge=None if judges is None else _raters(judges, humans, _EXPECTED, _NO_JUDGES),
        cross=_cross(comparison, labels, people, judges),
        redundancy=None if judges is None else judge_redundancy(comparison),
        alt_test=None if votes is None else replacement_test(comparison, votes, epsilon),
        alt_test_note=_alt_test_note(votes),
    )


def _raters(group: GroupAgreement, humans: HumanLabels, meaning: str, missing: str) -> RaterAgreement:
    shares = zip(humans.labels, group.prevalence, strict=True)
    return RaterAgreement(
        coefficients=estimates(group.coefficients, missing),
        prevalence={label: float(share) for label, share in shares if not np.isnan(share)},
        votes=meaning,
    )


def _cross(
    comparison: Comparison, labels: Labels, people: GroupAgreement, judges: GroupAgreement | None
) -> CrossAgreement:
    """Every vote of a reviewer beside the judges' answers on the item."""
    humans, q_raw, everything = comparison.humans, comparison.forecasts.q_raw, comparison.everything

    def votes(rows: slice) -> FloatArray:
        return humans.counts[rows]

    def majority(rows: slice) -> FloatArray:
        return top_answers(humans.distribution[rows])

    def against_people(q: FloatArray) -> MetricTable:
        answered = ~np.isnan(q[:, 0])
        across = cross_agreement(votes, lambda rows: np.nan_to_num(q[rows]), answered, labels, everything)
        kappa = majority_kappa(majority, lambda rows: top_answers(q[rows]), answered, labels, everything)
        return estimates({**across, **kappa}, _NOTHING_SHARED)

    anyone = comparison.forecasts.answered.sum(axis=0) > 0
    together = cross_agreement(
        votes, lambda rows: np.nan_to_num(q_raw[:, rows]).sum(axis=0), anyone, labels, everything
    )
    normalised = {} if judges is None else _normalised(together, people.coefficients, judges.coefficients)
    return CrossAgreement(
        together=estimates(together, _NOTHING_SHARED)
        | {f"normalised_{level}": _as_estimate(normalised.get(level)) for level in labels.levels},
        panel=against_people(comparison.panel.q),
        judges={judge: against_people(q_raw[row]) for row, judge in enumerate(comparison.forecasts.judge_ids)},
        note=_reading(normalised.get(labels.levels[-1])),
    )


def _as_estimate(normalised: Coefficient | None) -> Estimate:
    if normalised is None:
        return null(_ONE_JUDGE)
    return normalised.as_estimate("undefined: people or judges agree among themselves no more than by chance")


def _normalised(across: Coefficients, people: Coefficients, judges: Coefficients) -> dict[str, Coefficient]:
    """Alpha across as a part of what the consistency of people and judges allows, by level."""
    found = {}
    for name, cross in across.items():
        parts = (cross, people[name], judges[name])
        draws = [part.replicates for part in parts]
        given = [draw for draw in draws if draw is not None]
        note = next((part.note for part in parts if part.note), None)
        found[name.removeprefix("alpha_")] = Coefficient(
            float(normalised_cross_alpha(*(part.value for part in parts))),
            normalised_cross_alpha(*given) if len(given) == len(parts) else None,
            min(part.n for part in parts),
            note,
        )
    return found


def _reading(normalised: Coefficient | None) -> str | None:
    """What the three alphas say about a bias that the judges share; None where it cannot be told."""
    if normalised is None or normalised.replicates is None or np.isnan(normalised.value):
        return None
    low, high = percentile_interval(normalised.replicates)
    if high < 1:
        return (
            "Judges and people agree with each other less than each do among themselves: the judges share "
            "something that the people do not, be it a bias or certainty where people split. That judges agree "
            "is no sign that they are right."
        )
    if low <= 1 <= high:
        return "No sign that the judges share judgements that the people do not."
    return None


def _alt_test_note(votes: ReviewerVotes | None) -> str | None:
    if votes is None:
        return (
            "The label file does not name who cast which vote (rationales with a reviewer for every vote), so it "
            "cannot be tested whether a judge may stand in for a reviewer."
        )
    return (
        f"{votes.n_items} of {votes.n_read} items name a reviewer for every vote; {len(votes.reviewers)} reviewers."
    )
