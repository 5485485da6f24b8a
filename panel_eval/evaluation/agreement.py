"""The section `agreement`: people among themselves, judges among themselves, and the two with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from panel_eval.evaluation.agreement_coefficients import (
    Coefficient,
    Labels,
    cross_agreement,
    estimates,
    group_agreement,
    majority_kappa,
    prevalence,
    top_answers,
)
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.judge_redundancy import judge_redundancy
from panel_eval.evaluation.means import null
from panel_eval.evaluation.replacement_test import DEFAULT_EPSILON, replacement_test
from panel_eval.humans import HumanLabels, class_confusion
from panel_eval.humans.reviewers import ReviewerVotes, reviewer_votes
from panel_eval.schema import CLASS_NAMES, Agreement, MetricTable
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


def agreement_section(comparison: Comparison, epsilon: float = DEFAULT_EPSILON) -> Agreement:
    """Agreement within and across people and judges, common errors, and the alternative annotator test.

    Args:
        comparison: panel, judges and people.
        epsilon: what the alternative annotator test lets the judges' lower cost excuse.
    """
    humans, forecasts = comparison.humans, comparison.forecasts
    labels, everything = Labels(humans.label_values, humans.scale), comparison.everything
    known = np.where(humans.counts_known[:, None], humans.counts, 0.0)
    people = group_agreement(known, labels, everything)
    said = np.nan_to_num(forecasts.q_raw)
    several = len(forecasts.judge_ids) > 1
    judges = group_agreement(said, labels, everything) if several else None
    votes = reviewer_votes(humans, comparison.seed)
    classes = Counter(humans.derived_class)
    return Agreement(
        class_counts={name: classes[name] for name in CLASS_NAMES},
        reported_vs_derived=class_confusion(humans.reported_class, humans.derived_class),
        human=_raters(known, people, humans, "what reviewers chose", _NO_PAIRS),
        judge=None if judges is None else _raters(said, judges, humans, _EXPECTED, _NO_JUDGES),
        cross=_cross(comparison, labels, said, people, judges),
        redundancy=judge_redundancy(comparison) if several else None,
        alt_test=None if votes is None else replacement_test(comparison, votes, epsilon),
        alt_test_note=_alt_test_note(votes),
    )


def _raters(
    votes: FloatArray, coefficients: Coefficients, humans: HumanLabels, meaning: str, missing: str
) -> RaterAgreement:
    shares = prevalence(votes)
    return RaterAgreement(
        coefficients=estimates(coefficients, missing),
        prevalence={
            label: float(share) for label, share in zip(humans.labels, shares, strict=True) if not np.isnan(share)
        },
        votes=meaning,
    )


def _cross(
    comparison: Comparison, labels: Labels, said: FloatArray, people: Coefficients, judges: Coefficients | None
) -> CrossAgreement:
    """Every vote of a reviewer beside the judges' answers on the item."""
    humans = comparison.humans
    majority = top_answers(humans.distribution)

    def against_people(q: FloatArray, raw: FloatArray) -> MetricTable:
        across = cross_agreement(humans.counts, q, labels, comparison.everything)
        kappa = majority_kappa(majority, top_answers(raw), labels, comparison.everything)
        return estimates({**across, **kappa}, _NOTHING_SHARED)

    together = cross_agreement(humans.counts, said.sum(axis=0), labels, comparison.everything)
    normalised = {} if judges is None else _normalised(together, people, judges)
    table = estimates(together, _NOTHING_SHARED)
    for level in labels.levels:
        found = normalised.get(f"normalised_{level}")
        if judges is None:
            table[f"normalised_{level}"] = null(_ONE_JUDGE)
        elif found is not None:
            undefined = "undefined: people or judges agree among themselves no more than chance"
            table[f"normalised_{level}"] = found.as_estimate(undefined=undefined)
    return CrossAgreement(
        together=table,
        panel=against_people(np.nan_to_num(comparison.panel.q), comparison.panel.q),
        judges={
            judge: against_people(said[row], comparison.forecasts.q_raw[row])
            for row, judge in enumerate(comparison.forecasts.judge_ids)
        },
        note=_reading(normalised.get(f"normalised_{labels.levels[-1]}")),
    )


def _normalised(across: Coefficients, people: Coefficients, judges: Coefficients) -> dict[str, Coefficient]:
    """Alpha across as a part of what the consistency of people and judges allows, by level."""
    found = {}
    for name, cross in across.items():
        parts = (cross, people[name], judges[name])
        draws = [part.replicates for part in parts]
        given = [draw for draw in draws if draw is not None]
        note = next((part.interval_note for part in parts if part.interval_note), None)
        found[name.replace("alpha_", "normalised_")] = Coefficient(
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
            "judgements that the people do not (a shared bias). That judges agree is no sign that they are right."
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
