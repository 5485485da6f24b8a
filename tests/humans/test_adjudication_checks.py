"""The exact and the numeric check: from a text and a reference to a label."""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.humans.adjudication.exact import exact_check, normal_form
from panel_eval.humans.adjudication.findings import CheckedItem
from panel_eval.humans.adjudication.numeric import is_close, numeric_check
from panel_eval.schema import SoftLabel
from panel_eval.schema.adjudication_policy import ExactCheck, NumericCheck, Tolerance

LABELS = ("correct", "incorrect")


def item(
    content: dict[str, str] | None = None, answers: dict[str, Any] | None = None, **fields: Any
) -> CheckedItem:
    return CheckedItem(
        SoftLabel(item_id="i", task="t", counts={"correct": 1}, content=content, **fields), answers or {}
    )


def exact(answer: str, reference: str, *ignore: Any) -> str | None:
    policy = ExactCheck(
        check="exact", answer="content.a", reference="metadata.r", equal="correct", unequal="incorrect",
        ignore=list(ignore),
    )  # fmt: skip
    return exact_check(policy, LABELS)(item({"a": answer}, metadata={"r": reference})).label


@pytest.mark.parametrize(
    ("answer", "reference", "ignore", "label"),
    [
        ("Paris", "Paris", (), "correct"),
        ("paris", "Paris", (), "incorrect"),
        ("paris", "Paris", ("case",), "correct"),
        (" New   York\n", "New York", ("space",), "correct"),
        ("NewYork", "New York", ("space",), "incorrect"),
        ("Cafe\u0301", "Café", (), "correct"),  # NFC: e + acute = é
        ("STRASSE", "straße", ("case",), "correct"),
        ("４２", "42", (), "incorrect"),
        ("４２", "42", ("form",), "correct"),
    ],
)
def test_texts_are_equal_up_to_what_is_ignored(
    answer: str, reference: str, ignore: tuple[str, ...], label: str
) -> None:
    assert exact(answer, reference, *ignore) == label


@given(st.text(), st.lists(st.sampled_from(["case", "space", "form"]), unique=True))
def test_a_normal_form_is_its_own(text: str, ignore: list[str]) -> None:
    once = normal_form(text, ignore)
    assert normal_form(once, ignore) == once


def test_without_an_answer_the_reference_is_compared_with_the_labels() -> None:
    check = exact_check(ExactCheck(check="exact", reference="gold_label", ignore=["case"]), ("A", "B", "b"))
    assert check(item(gold_label="a")).label == "A"
    several = check(item(gold_label="B"))
    assert (several.label, several.failed) == (None, False)
    assert "several labels: B, b" in several.why


@pytest.mark.parametrize(
    ("content", "answers", "told"),
    [
        ({"a": "x"}, {}, "nothing stands in answers.answer"),
        ({"a": "x"}, {"answer": "  "}, "nothing stands in answers.answer"),
        ({"a": "x"}, {"answer": ["x"]}, "nothing stands in answers.answer"),
        ({}, {"answer": "x"}, "nothing stands in content.a"),
        (None, {"answer": "x"}, "nothing stands in content.a"),
    ],
)
def test_what_is_missing_is_told_and_decides_nothing(content: Any, answers: Any, told: str) -> None:
    policy = ExactCheck(check="exact", answer="content.a", equal="correct", unequal="incorrect")
    found = exact_check(policy, LABELS)(item(content, answers))
    assert (found.label, found.failed) == (None, False)
    assert told in found.why


def test_keys_with_dots_lead_inwards_unless_they_are_keys() -> None:
    inner = item(metadata={"a": {"b": 2.5, "c": True}, "a.b": "flat"})
    assert inner.text_at("metadata.a.b") == "flat"
    assert inner.text_at("metadata.a.c") == "true"
    assert inner.text_at("metadata.a.b.c") is None
    assert inner.text_at("metadata.a") is None


def numeric(answer: str, reference: str, **policy: Any) -> str | None:
    check = NumericCheck(
        check="numeric", answer="content.a", reference="metadata.r", equal="correct", unequal="incorrect", **policy
    )
    return numeric_check(check, LABELS)(item({"a": answer}, metadata={"r": reference})).label


@pytest.mark.parametrize(
    ("answer", "reference", "policy", "label"),
    [
        ("0.3", "3/10", {}, "correct"),
        ("0.3001", "0.3", {}, "incorrect"),
        ("0.4", "0.3", {"tolerance": {"abs": 0.1}}, "correct"),  # .4 - .3 is above .1 in floating point
        ("10.1", "10", {"tolerance": {"rel": 0.01}}, "correct"),
        ("10.11", "10", {"tolerance": {"rel": 0.01}}, "incorrect"),
        ("-10.1", "-10", {"tolerance": {"rel": 0.01}}, "correct"),
        ("10", "-10", {"tolerance": {"rel": 0.9}}, "incorrect"),
        ("36 km/h", "10 m/s", {"unit": "m/s"}, "correct"),
        ("36 km/h", "10", {"unit": "m/s"}, "correct"),  # a reference without a unit is in the policy's
        ("10", "10", {"unit": "m/s"}, None),
        ("10", "10", {"unit": "m/s", "bare": "accept"}, "correct"),
        ("10", "10", {"unit": "m/s", "bare": "unequal"}, "incorrect"),
        ("10 kg", "10", {"unit": "m/s"}, "incorrect"),  # known to be no speed
        ("10 blorps", "10", {"unit": "m/s"}, None),
        ("10 m/s", "10", {}, None),
        ("1,5", "1,5", {"decimal": ","}, "correct"),
        ("10**10**10", "10", {}, None),
        ("ten", "10", {}, None),
        ("1000000000", "1000000001", {}, "incorrect"),  # nothing is rounded
        ("0.33333333333", "1/3", {}, "incorrect"),
        ("1e300 Ym", "1 m", {"unit": "m"}, "incorrect"),  # beyond floating point, where all numbers were equal
        ("32 °F", "0 °C", {"unit": "°C"}, "correct"),
        ("4186 J/kg K", "4186 J/kg/K", {"unit": "J/kg/K"}, None),
        ("4186 J/(kg K)", "4.186 kJ/kg/K", {"unit": "J/kg/K"}, "correct"),
        ("10", "ten", {}, None),
        ("10 m", "3 kg", {"unit": "m"}, None),  # the reference is wrong, not the answer
    ],
)
def test_numbers_are_equal_within_the_tolerance(
    answer: str, reference: str, policy: dict[str, Any], label: str | None
) -> None:
    assert numeric(answer, reference, **policy) == label


def test_labels_that_are_quantities_are_compared_with_the_reference() -> None:
    policy = NumericCheck(check="numeric", reference="metadata.r", unit="m/s", tolerance=Tolerance(rel=0.02))
    check = numeric_check(policy, ("5 m/s", "10 m/s", "20 m/s", "none of these"))
    assert check(item(metadata={"r": "36.2 km/h"})).label == "10 m/s"  # 10.06 m/s
    assert check(item(metadata={"r": "15 m/s"})).label is None


@given(st.decimals(-(10**12), 10**12, places=6), st.integers(0, 99), st.fractions(0, 1))
def test_a_number_is_close_up_to_the_border_and_no_further(
    reference: Decimal, percent: int, more: Fraction
) -> None:
    exact, tolerance = Fraction(reference), Tolerance(rel=percent / 100)
    border = exact + abs(exact) * Fraction(percent, 100)
    assert is_close(exact, exact, Tolerance())
    assert is_close(border, exact, tolerance)
    assert is_close(border + more, exact, tolerance) == (more == 0)


@pytest.mark.parametrize("unit", ["blorps", "m/", "10 m", "m)("])
def test_a_policy_with_an_unknown_unit_is_refused(unit: str) -> None:
    with pytest.raises(InputError, match=r"adjudication\.verify\.unit"):
        numeric("1", "1", unit=unit)


def test_without_pint_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pint", None)
    with pytest.raises(InputError, match=r"panel-eval\[units\]"):
        numeric("1 km", "1 m", unit="m")
    assert numeric("1", "1") == "correct"
