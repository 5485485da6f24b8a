"""Margins and watched classes: what passes, fails, or is not known, and how the tests share their level."""

from __future__ import annotations

import re

import pytest
from gate_examples import difference
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.evaluation.gate import gate_status, loss_checks
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings

CLASSES = ("agreement", "minor", "major", "unresolved")
ALONE = GateSettings(watch_classes=False)


def checks_of(tests: list, settings: GateSettings | None = None) -> dict[str, GateCheck]:
    return {check.name: check for check in loss_checks(tests, settings or GateSettings())}


@pytest.mark.parametrize(
    ("value", "low", "high", "p", "status"),
    [
        (0.01, -0.01, 0.03, 0.16, "PASS"),
        (0.03, 0.02, 0.04, 0.0001, "PASS"),  # shown to be worse, by less than the margin
        (0.06, 0.04, 0.08, 0.0001, "FAIL"),
        (0.04, 0.02, 0.06, 0.0001, "FAIL"),  # the margin lies in the interval, but it is worse
        (0.03, -0.03, 0.09, 0.16, "INCONCLUSIVE"),
        (-0.02, -0.12, 0.08, 0.65, "INCONCLUSIVE"),  # too few items even to rule a loss out
    ],
)
def test_a_margin_of_five_hundredths(value: float, low: float, high: float, p: float, status: str) -> None:
    (check,) = loss_checks([difference("overall", value, low, high, p)], ALONE)
    assert (check.status, check.threshold) == (status, 0.05)
    assert (check.fix is None) == (status == "PASS")


numbers = st.floats(-1.0, 1.0)


@given(middle=numbers, half=st.floats(0.0, 1.0), p=st.floats(0.0, 1.0))
def test_a_margin_passes_by_its_interval_and_fails_by_its_test(middle: float, half: float, p: float) -> None:
    (check,) = loss_checks([difference("overall", middle, middle - half, middle + half, p)], ALONE)
    passes = middle + half < 0.05
    assert (check.status == "PASS") == passes
    assert (check.status == "FAIL") == (not passes and p <= 0.025)


@given(distance=st.floats(1e-9, 1e-3), above=st.booleans(), margin=st.sampled_from([0.05, 0.0005, 1.0 / 3.0]))
def test_no_rounding_in_the_sentence_contradicts_the_verdict(distance: float, above: bool, margin: float) -> None:
    end = margin + distance if above else margin - distance
    settings = GateSettings.model_validate({"margins": [{"margin": margin}], "watch_classes": False})
    if end <= 0:
        return
    (check,) = loss_checks([difference("overall", 0.0, -end, end, 0.5)], settings)
    shown = float(re.findall(r" to (\S+) worse", check.text)[0])
    assert (shown < margin) == (check.status == "PASS")


def test_margins_share_half_of_the_level_and_watched_classes_the_other() -> None:
    # Weighted Holm: weights 1 for the margin, 1/4 for each class; the first step holds 2 p / w to alpha = .025:
    # the margin passes the test at p = .0125, a class at .003125.
    def failing(margin_p: float, class_p: float) -> set[str]:
        tests = [difference("overall", 0.04, 0.0, 0.08, margin_p)]
        tests += [difference(name, 0.1, 0.0, 0.2, class_p if name == "major" else 1.0) for name in CLASSES]
        return {check.name for check in loss_checks(tests, GateSettings()) if check.status == "FAIL"}

    assert failing(0.0124, 1.0) == {"margin ce_bits overall"}
    assert failing(0.0126, 1.0) == set()
    assert failing(1.0, 0.0031) == {"no_loss ce_bits major"}
    assert failing(1.0, 0.0032) == set()
    # With the margin's hypothesis gone, its half goes to the classes: p / (1/4) * 1 <= .025.
    assert failing(0.0001, 0.0062) == {"margin ce_bits overall", "no_loss ce_bits major"}
    assert failing(0.0001, 0.0063) == {"margin ce_bits overall"}


def test_a_class_too_small_to_show_anything_takes_no_share_of_the_level_and_is_named() -> None:
    tests = [difference("overall", 0.04, 0.0, 0.08, 0.024)]
    tests += [difference(name, 0.5, -0.5, 1.5, 0.0001, testable=False, units=15) for name in CLASSES]
    found = checks_of(tests)
    assert found["margin ce_bits overall"].status == "FAIL"  # alone it has all of the level
    for name in CLASSES:
        check = found[f"no_loss ce_bits {name}"]
        assert check.status == "SKIPPED"
        assert "Not tested: its 15 independent units" in check.text


def test_a_class_with_a_margin_is_held_to_it_and_no_longer_only_watched() -> None:
    settings = GateSettings.model_validate({"margins": [{"margin": 0.05}, {"segment": "major", "margin": 0.1}]})
    tests = [difference(), *(difference(name, 0.0, -0.2, 0.2, 0.5) for name in CLASSES)]
    found = checks_of(tests, settings)
    assert found["margin ce_bits major"].status == "INCONCLUSIVE"  # watched, it would have passed
    assert "no_loss ce_bits major" not in found
    assert found["no_loss ce_bits minor"].status == "PASS"


def test_what_has_no_margin_is_watched_in_the_metrics_that_have_one() -> None:
    settings = GateSettings.model_validate({"margins": [{"metric": "brier_debiased", "margin": 0.02}]})
    names = [check.name for check in loss_checks([], settings)]
    assert names == ["margin brier_debiased overall", *(f"no_loss brier_debiased {name}" for name in CLASSES)]
    none = GateSettings.model_validate({"margins": []})
    assert next(check.name for check in loss_checks([], none)) == "no_loss ce_bits overall"


def test_what_cannot_be_computed_is_no_pass() -> None:
    infinite = difference("overall", None, None, None, None, note="infinite on 3 items")
    (check,) = loss_checks([infinite], ALONE)
    assert check.status == "INCONCLUSIVE"
    assert "infinite on 3 items" in check.text
    assert "brier_debiased" in str(check.fix)
    settings = GateSettings.model_validate({"margins": [{"segment": "major", "margin": 0.1}]})
    (absent, *watched) = loss_checks([], settings)
    assert absent.status == "INCONCLUSIVE"
    assert {check.status for check in watched} == {"SKIPPED"}
    few = difference("overall", 0.001, None, None, 0.5, note="no interval: fewer than 8 independent units")
    assert loss_checks([few], ALONE)[0].status == "INCONCLUSIVE"


def test_a_loss_that_only_the_run_has_without_bound_is_larger_than_any_margin() -> None:
    """Watched or with a margin: where the baseline's loss is a number and the run's is none."""
    endless = [
        difference(name, None, None, None, None, note="infinite on 0 items of the baseline and 3 of the candidate")
        for name in ("overall", "major")
    ]
    settings = GateSettings.model_validate({"margins": [{"segment": "major", "margin": 3}]})

    def found(base: float | None) -> set[str]:
        checks = loss_checks([test.model_copy(update={"base": base}) for test in endless], settings)
        return {check.status for check in checks if check.segment in ("overall", "major")}

    assert found(1.2) == {"FAIL"}
    assert found(None) == {"INCONCLUSIVE", "SKIPPED"}  # infinite on both sides: nobody can tell


def test_an_inconclusive_margin_says_how_many_items_would_do() -> None:
    # SE .03 from 400 units: sd .6. (2.8016 * .6 / .05)² = 1130.2
    (check,) = loss_checks([difference("overall", 0.0, -0.0588, 0.0588, 0.5, units=400)], ALONE)
    assert check.status == "INCONCLUSIVE"
    assert "about 1,131 independent items" in str(check.fix)


def test_the_gravest_status_is_the_verdict() -> None:
    def check(status: str) -> GateCheck:
        return GateCheck.model_validate({"name": status, "kind": "data", "status": status, "text": "."})

    order = ["NOT COMPARABLE", "INCOMPLETE", "FAIL", "INCONCLUSIVE", "PASS"]
    for place, status in enumerate(order):
        assert gate_status([check(each) for each in reversed([*order[place:], "SKIPPED"])]) == status
    assert gate_status([check("SKIPPED")]) == "PASS"


def test_a_run_that_scores_each_item_alike_passes_without_a_claim_on_other_items() -> None:
    (check,) = loss_checks([difference("overall", 0.0, 0.0, 0.0, 1.0, units=10)], ALONE)
    assert (check.status, check.text) == ("PASS", "ce_bits overall: each item scores as in the baseline.")
