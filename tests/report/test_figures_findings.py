"""Titles of figures say what the intervals show, and not more."""

from __future__ import annotations

import pytest
from constructed import CLASSES, LABELS, number
from drawn_figures import agreement_of, confidences_of, policy_of, uncertainty_of, value_of
from made_results import build_metrics, scores

from panel_eval.report.findings import (
    agreement_finding,
    confidence_finding,
    entropy_finding,
    fitting_finding,
    kl_finding,
    outcome_class_finding,
    outcome_finding,
    policy_finding,
    position_finding,
    reliability_finding,
    risk_finding,
    skill_finding,
    value_finding,
)
from panel_eval.schema import Coverage, Estimate, Metrics, Scores
from panel_eval.schema.agreement_metrics import CrossAgreement
from panel_eval.schema.fitting_metrics import Fitting

SKILL = "ce_crossfit_skill"
FITTED = "Fitting takes 0.90 bits off the panel's cross-entropy"


def by_class(metric: str, *values: Estimate) -> Scores:
    found = scores()
    for name, value in zip(CLASSES, values, strict=True):
        found.by_class[name][metric] = value
    return found


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([number(0.1, 0.01, 0.2)] * 4, "Shown to be better than the base rate in all 4 classes"),
        ([number(-0.1, -0.2, -0.01)] * 4, "Shown to be worse than the base rate in all 4 classes"),
        ([number(0.1, -0.01, 0.2)] * 4, "In no class is the panel shown to be better or worse than the base rate"),
        ([number(0.1)] * 4, "In no class is the panel shown to be better or worse than the base rate"),
        (
            [number(0.1, 0.01, 0.2), number(0.1, 0.0, 0.2), number(-0.1, -0.2, -0.05), number(None)],
            "Shown to be better than the base rate in agreement, and worse than the base rate in major",
        ),
    ],
)
def test_skill_is_claimed_only_where_the_interval_leaves_no_doubt(values: list[Estimate], said: str) -> None:
    assert skill_finding(build_metrics(panel=by_class(SKILL, *values)), SKILL) == said


@pytest.mark.parametrize(
    ("panel", "base", "said"),
    [
        (
            number(0.5, 0.4, 0.6),
            number(0.8, 0.7, 0.9),
            "Shown to be closer to the reviewers than the base rate in all 4 classes",
        ),
        (
            number(0.9, 0.8, 1.0),
            number(0.5, 0.4, 0.6),
            "Shown to be further from the reviewers than the base rate in all 4 classes",
        ),
        (number(0.5, 0.4, 0.75), number(0.8, 0.7, 0.9), "In no class is the panel shown to be closer"),
        (number(0.5), number(0.8), "In no class is the panel shown to be closer"),
    ],
)
def test_closer_is_claimed_only_where_intervals_part(panel: Estimate, base: Estimate, said: str) -> None:
    references = {"base_rate": by_class("kl_bits", *[base] * 4)}
    metrics = build_metrics(panel=by_class("kl_bits", *[panel] * 4), references=references)
    assert kl_finding(metrics).startswith(said)


@pytest.mark.parametrize(
    ("squared", "said"),
    [
        (number(0.02, 0.01, 0.03), "Too sure of its top label on most items; mean gap 0.10"),
        (number(0.01, -0.01, 0.03), "How sure the panel is cannot be told from calibrated"),
        (number(0.01), "How sure the panel is, against the reviewers who agree; mean gap 0.10"),
        (None, "How sure the panel is, against the reviewers who agree; mean gap 0.10"),
    ],
)
def test_too_sure_is_claimed_only_where_the_error_is_clear_of_0(squared: Estimate | None, said: str) -> None:
    # Both bins lie below the diagonal.
    calibration = build_metrics().calibration.model_copy(update={"soft_ece_squared_debiased": squared})
    assert reliability_finding(build_metrics(calibration=calibration)) == said


@pytest.mark.parametrize(
    ("auroc", "said"),
    [
        (number(0.7, 0.6, 0.8), "The panel is less sure on the items reviewers dispute (AUROC 0.70)"),
        (number(0.4, 0.3, 0.45), "The panel is surer on disputed items than on clear ones (AUROC 0.40)"),
        (
            number(0.6, 0.45, 0.7),
            "The panel's uncertainty is not shown to tell disputed items from clear ones (AUROC 0.60)",
        ),
        (number(0.6), "The panel's uncertainty is not shown to tell disputed items from clear ones (AUROC 0.60)"),
        (number(None), "Risk among the items the panel keeps"),
    ],
)
def test_risk(auroc: Estimate, said: str) -> None:
    deferral = build_metrics().deferral.model_copy(update={"auroc_disagreement": auroc})
    assert risk_finding(build_metrics(deferral=deferral)) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (number(0.3, 0.2, 0.4), "More undecided than the reviewers by 0.30 bits; item by item r = 0.25"),
        (number(-0.3, -0.4, -0.2), "Less undecided than the reviewers by 0.30 bits; item by item r = 0.25"),
        (
            number(0.1, -0.1, 0.3),
            "Not shown to be more or less undecided than the reviewers on average; item by item r = 0.25",
        ),
        (
            number(0.1),
            "Not shown to be more or less undecided than the reviewers on average; item by item r = 0.25",
        ),
        (number(None), "Spread of the panel and of the reviewers"),
    ],
)
def test_entropy(error: Estimate, said: str) -> None:
    panel = scores(entropy_error_bits=error, kl_naive_bias_bits=number(0.0, 0.0, 0.0))
    assert entropy_finding(build_metrics(panel=panel)) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        # Votes of few reviewers hide 0.25 bits (0.2 to 0.3) of their spread.
        (number(0.27, 0.22, 0.32), "Not shown to be more or less undecided than the reviewers on average"),
        (
            number(0.6, 0.5, 0.7),
            "More undecided than the reviewers by 0.60 bits, some 0.25 of them because reviewers are few",
        ),
        (number(-0.1, -0.2, -0.01), "Less undecided than the reviewers by 0.10 bits"),
    ],
)
def test_what_few_reviewers_hide_is_no_doubt_of_the_panel(error: Estimate, said: str) -> None:
    panel = scores(entropy_error_bits=error, kl_naive_bias_bits=number(0.25, 0.2, 0.3))
    assert entropy_finding(build_metrics(panel=panel)) == f"{said}; item by item r = 0.25"


def agreeing(normalised: Estimate) -> Metrics:
    cross = CrossAgreement(together={"normalised_ordinal": normalised}, panel={}, judges={}, note=None)
    return build_metrics(agreement=agreement_of(("a", "b")).model_copy(update={"cross": cross}))


@pytest.mark.parametrize(
    ("normalised", "said"),
    [
        (number(0.5, 0.4, 0.6), "Judges agree with each other on more than they share with the reviewers"),
        (number(0.9, 0.7, 1.1), "Whether judges agree with each other more than with the reviewers is not told"),
        (number(0.5), "Whether judges agree with each other more than with the reviewers is not told"),
        (number(1.4, 1.2, 1.6), "Judges agree with the reviewers as well as the agreement within each allows"),
        (number(None), "How far judges agree with each other and with the reviewers"),
    ],
)
def test_agreement(normalised: Estimate, said: str) -> None:
    assert agreement_finding(agreeing(normalised)).startswith(said)


def test_judges_are_called_missed_only_where_that_is_shown() -> None:
    value = value_of(("a", "b", "c"))
    assert value_finding(value) == "3 of 3 judges are shown to be missed if they alone go"
    unsure = value.judges["a"].model_copy(update={"left_out_bits": number(0.1, -0.1, 0.3)})
    harmful = value.judges["b"].model_copy(update={"left_out_bits": number(-0.1, -0.2, -0.05)})
    mixed = value.model_copy(update={"judges": {**value.judges, "a": unsure, "b": harmful}})
    assert (
        value_finding(mixed)
        == "1 of 3 judges are shown to be missed if they alone go; without 1 the panel is better"
    )
    assert value_finding(value.model_copy(update={"judges": dict.fromkeys("ab", unsure)})) == (
        "No judge is shown to be missed if it alone goes"
    )
    assert (
        value_finding(value.model_copy(update={"judges": {"a": unsure}})) == "What the judge adds to the base rate"
    )


def test_places_and_confidences_are_counted_by_their_intervals() -> None:
    liked = uncertainty_of(("a", "b")).position_bias
    assert position_finding(liked) == "2 of 2 judges choose labels for their place in the list"
    unsure = liked["a"].model_copy(update={"first": number(0.1, -0.1, 0.3)})
    assert position_finding({"a": unsure}) == "No judge is shown to choose labels for their place in the list"
    over = confidences_of(("a", "b"))
    assert confidence_finding(over) == "2 of 2 judges report more confidence than reviewers agree with them"
    under = over["a"].model_copy(update={"overconfidence": number(-0.2, -0.3, -0.1)})
    assert confidence_finding({"a": under}) == "The judge reports less confidence than reviewers agree with it"
    told = over["a"].model_copy(update={"overconfidence": number(0.2, -0.1, 0.5)})
    assert confidence_finding({"a": told}).startswith("No judge is shown to be surer")


def fitting_with(change: Estimate, beyond: Estimate) -> Fitting:
    return Fitting(
        method="m", target="soft", n_items=9, n_fitted=9, folds=3, chosen_in_folds={}, raw_panel={}, base_rate={},
        fitted={}, candidates={}, ce_change_bits=change, ce_change_from_base_bits=beyond, notes=[], advice="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "beyond", "said"),
    [
        (number(-0.9, -1, -0.8), number(-0.2, -0.3, -0.1),
         f"{FITTED}; 0.20 below the base rate"),
        (number(-0.9, -1, -0.8), number(0.0, -0.1, 0.1),
         f"{FITTED}; not told from the base rate"),
        (number(-0.9, -2, 0.1), number(-0.2, -0.3, -0.1),
         "Fitting is not shown to change the panel's cross-entropy"),
        (number(0.1, 0.05, 0.2), number(0.3, 0.2, 0.4),
         "Fitting adds 0.10 bits to the panel's cross-entropy; 0.30 above the base rate"),
    ],
)  # fmt: skip
def test_fitting(change: Estimate, beyond: Estimate, said: str) -> None:
    assert fitting_finding(fitting_with(change, beyond)) == said


def test_a_policy_that_decides_nothing_says_so() -> None:
    policy = policy_of()
    assert policy_finding(policy) == "It decides 60% of the test items at a promised risk of 20%"
    never = policy.model_copy(update={"at_target": policy.levels[0]})
    assert policy_finding(never) == "It can decide nothing at a promised risk of 5%"


@pytest.mark.parametrize(
    ("unusable", "said"),
    [
        ({"a": 10, "b": 10, "c": 10}, "30 of 300 votes (10.0%) were unusable"),
        ({"a": 10, "b": 11, "c": 10}, "31 of 300 votes (10.3%) were unusable"),
        ({"a": 2, "b": 16, "c": 2}, "20 of 300 votes (6.7%) were unusable; 80% of them from b"),
    ],
)
def test_a_judge_is_named_for_unusable_votes_only_if_it_stands_out(unusable: dict[str, int], said: str) -> None:
    by_judge = {judge: {"ok": 100 - n, "refusal": n} for judge, n in unusable.items()}
    total = {"ok": 300 - sum(unusable.values()), "refusal": sum(unusable.values())}
    coverage = Coverage(total=total, by_judge=by_judge, by_class={})
    assert outcome_finding(build_metrics(LABELS, coverage=coverage)) == said


def test_unusable_votes_that_are_as_many_in_each_class() -> None:
    seen = {"ok": 9, "error": 1}
    coverage = Coverage(total={"ok": 18, "error": 2}, by_judge={}, by_class={"minor": seen, "major": seen})
    assert outcome_class_finding(build_metrics(LABELS, coverage=coverage)) == (
        "As many votes were unusable in each class: 10.0%"
    )
