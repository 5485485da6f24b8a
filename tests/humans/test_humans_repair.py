"""Mending label files: what is mended, what never is, and that all else keeps its bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.humans import validate_labels
from panel_eval.humans.repair import Repairs, propose_repairs
from panel_eval.schema import Rubric
from panel_eval.schema.json_text import add_member, rename_key, replace_value

GRADES = Rubric.model_validate(
    {
        "task": "t",
        "description": "How bad?",
        "scale": "ordinal",
        "labels": [{"name": name, "definition": name} for name in ("mild", "moderate", "severe")],
    }
)


def mended(
    folder: Path, *records: dict[str, Any] | str, rubric: Rubric | None = None, **options: Any
) -> tuple[list[dict[str, Any]], Repairs]:
    """The records after mending, and what was done."""
    path = folder / "labels.jsonl"
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    repairs = propose_repairs(path, rubric, **options)
    return [json.loads(line) for line in repairs.after.decode().splitlines()], repairs


def item(**fields: Any) -> dict[str, Any]:
    return {"item_id": "a", "task": "t", **fields}


def test_three_thirds_of_three_reviewers_become_thirds(tmp_path: Path) -> None:
    masses = {"mild": 0.33, "moderate": 0.33, "severe": 0.33}
    (found,), repairs = mended(tmp_path, item(distribution=masses, reviewer_count=3))
    assert found["distribution"] == {label: 1 / 3 for label in masses}
    assert found["entropy_bits"] == pytest.approx(1.584963)  # log2(3)
    assert repairs.remaining == ()


def test_masses_that_are_rounded_shares_of_the_counts_become_those_shares(tmp_path: Path) -> None:
    """1, 3 and 4 of 8 are .125, .375, .5; to two digits .13, .38, .5, which sum to 1.01."""
    counts, rounded = {"mild": 1, "moderate": 3, "severe": 4}, {"mild": 0.13, "moderate": 0.38, "severe": 0.5}
    (found,), _ = mended(tmp_path, item(counts=counts, distribution=rounded))
    assert found["distribution"] == {"mild": 0.125, "moderate": 0.375, "severe": 0.5}
    (found,), _ = mended(tmp_path, item(reviewer_count=8, distribution=rounded))  # only 1-3-4 rounds to these
    assert found["distribution"] == {"mild": 0.125, "moderate": 0.375, "severe": 0.5}


def test_masses_that_contradict_the_counts_are_left_alone(tmp_path: Path) -> None:
    wrong = item(counts={"mild": 1, "moderate": 3}, distribution={"mild": 0.3, "moderate": 0.71})
    (found,), repairs = mended(tmp_path, wrong)
    assert found["distribution"] == wrong["distribution"]
    assert "entropy_bits" not in found  # nothing follows from what contradicts itself
    assert {problem.key for problem in repairs.remaining} == {
        "distribution",
        "distribution.mild",
        "distribution.moderate",
    }


@pytest.mark.parametrize(
    ("masses", "is_rounding"),
    [
        ((0.35, 0.35, 0.29), True),  # sum .99; three half units of the second digit are .015
        ((0.35, 0.35, 0.28), False),  # sum .98: more than .015 off
        ((0.354, 0.354, 0.294), False),  # sum 1.002; three half units of the third digit are .0015
        ((0.354, 0.354, 0.293), True),  # 1.001
        ((0.5, 0.5, 0.01), True),  # .4975, .4975 and .005 round to these
        ((0.5, 0.51, 0.0), True),
        ((0.51, 0.51, 0.0), False),  # a zero cannot give anything up: two half units are .01
        ((0.4, 0.3, 0.2), False),  # one decimal: .1 may as well be a lost label
    ],
)
def test_renormalised_only_within_the_rounding(
    tmp_path: Path, masses: tuple[float, ...], is_rounding: bool
) -> None:
    given_masses = dict(zip(("mild", "moderate", "severe"), masses, strict=True))
    (found,), _ = mended(tmp_path, item(distribution=given_masses, reviewer_count=1000))
    if is_rounding:
        total = sum(masses)
        assert found["distribution"] == pytest.approx({k: m / total for k, m in given_masses.items()})
    else:
        assert found["distribution"] == given_masses


def test_zeros_stay_zeros_and_a_sum_far_off_stays(tmp_path: Path) -> None:
    many = {f"l{i}": 0.02 for i in range(45)}  # sum .9: 45 half units would allow it, the limit of .05 does not
    (found,), repairs = mended(tmp_path, item(distribution=many, reviewer_count=997))
    assert found["distribution"] == many
    assert repairs.remaining[0].key == "distribution"


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        (1.03972, "entropy_nats"),  # 1.5 bits × ln 2
        (0.94639, "entropy_normalised"),  # 1.5 / log2(3)
        (0.45154, "entropy_hartleys"),  # 1.5 × log10(2)
    ],
)
def test_a_wrong_entropy_is_told_by_its_unit(tmp_path: Path, stated: float, kind: str) -> None:
    (found,), repairs = mended(
        tmp_path, item(counts={"mild": 2, "moderate": 1, "severe": 1}, entropy_bits=stated), rubric=GRADES
    )
    assert found["entropy_bits"] == 1.5
    assert kind in repairs.changes


def test_an_entropy_that_is_wrong_in_any_unit_is_left_since_the_masses_may_be_at_fault(tmp_path: Path) -> None:
    votes = {"mild": 2, "moderate": 1, "severe": 1}
    (found,), repairs = mended(tmp_path, item(counts=votes, entropy_bits=0.7), rubric=GRADES)
    assert found["entropy_bits"] == 0.7
    assert found["distribution"] == {"mild": 0.5, "moderate": 0.25, "severe": 0.25}
    assert [problem.key for problem in repairs.remaining] == ["entropy_bits"]


def test_a_right_entropy_keeps_its_digits(tmp_path: Path) -> None:
    line = '{"item_id":"a","task":"t","counts":{"mild":2,"moderate":1,"severe":1},"entropy_bits":1.50}'
    _, repairs = mended(tmp_path, line)
    assert b'"entropy_bits":1.50' in repairs.after


def test_the_class_follows_the_scale_and_needs_three_reviewers(tmp_path: Path) -> None:
    """3-2 on adjacent grades is major, minor on an ordinal scale (METHODS 7.2, 7.3)."""
    adjacent = item(counts={"mild": 3, "moderate": 2, "severe": 0})
    assert mended(tmp_path, adjacent, scale="nominal")[0][0]["disagreement_class"] == "major"
    assert mended(tmp_path, adjacent, rubric=GRADES)[0][0]["disagreement_class"] == "minor"
    assert mended(tmp_path, adjacent, scale="ordinal")[0][0]["disagreement_class"] == "minor"
    assert "disagreement_class" not in mended(tmp_path, item(counts={"mild": 2, "severe": 0}))[0][0]


@pytest.mark.parametrize(
    ("votes", "derived"),
    [((3, 2, 0), None), ((4, 0, 2), None), ((6, 0, 0), "agreement"), ((2, 0, 2), "unresolved")],
)
def test_without_a_scale_only_classes_are_derived_that_no_order_changes(
    tmp_path: Path, votes: tuple[int, ...], derived: str | None
) -> None:
    counts = dict(zip(("mild", "moderate", "severe"), votes, strict=True))
    assert mended(tmp_path, item(counts=counts))[0][0].get("disagreement_class") == derived


def test_a_reported_class_is_never_changed(tmp_path: Path) -> None:
    (found,), _ = mended(tmp_path, item(counts={"mild": 4, "severe": 0}, disagreement_class="major"))
    assert found["disagreement_class"] == "major"


def test_numbers_written_as_text_become_numbers_with_their_digits(tmp_path: Path) -> None:
    line = (
        '{"item_id":"a","task":"t","counts":{"mild":"3","severe":1.0},"reviewer_count":" 4 ",'
        '"distribution":{"mild":"0.750","severe":0.25},"confidence":["0.8",0.5,0.5,0.5],'
        '"rationales":[{"reviewer":"r","label":"mild","seconds":"2.50"}]}'
    )
    (found,), repairs = mended(tmp_path, line, rubric=None)
    assert repairs.remaining == ()
    assert found["counts"] == {"mild": 3, "severe": 1}
    assert b'"mild":0.750' in repairs.after
    assert b'"seconds":2.50' in repairs.after


@pytest.mark.parametrize("text", ["0,5", "50 %", "1e999", "nan", "0x1", "½", "", "1_0", "٣", "2.5"])
def test_other_text_is_no_count(tmp_path: Path, text: str) -> None:
    (found,), repairs = mended(tmp_path, item(counts={"mild": text, "severe": 1}))
    assert found["counts"]["mild"] == text
    assert repairs.remaining


def test_labels_get_the_rubrics_spelling_everywhere(tmp_path: Path) -> None:
    votes = {" Mild": 2, "MODERATE": 1, "severe": 1}
    said = [{"reviewer": "r", "label": "mild\u00a0"}]
    (found,), repairs = mended(tmp_path, item(counts=votes, rationales=said, gold_label="Severe"), rubric=GRADES)
    assert found["counts"] == {"mild": 2, "moderate": 1, "severe": 1}
    assert (found["rationales"][0]["label"], found["gold_label"]) == ("mild", "severe")
    assert repairs.remaining == ()


def test_labels_are_not_guessed_nor_joined(tmp_path: Path) -> None:
    for votes in ({"mlid": 2, "severe": 1}, {"Mild": 1, "mild": 2}, {"Mild": 1, "MILD": 2}):
        (found,), repairs = mended(tmp_path, item(counts=votes), rubric=GRADES)
        assert found["counts"] == votes
        assert repairs.remaining
        assert "entropy_bits" not in found
    (found,), _ = mended(tmp_path, item(counts={"Mild": 1, "Severe": 2}))  # no rubric says what is right
    assert found["counts"] == {"Mild": 1, "Severe": 2}


def test_labels_that_differ_in_case_only_are_not_told_apart_by_guess(tmp_path: Path) -> None:
    both = GRADES.model_copy(
        update={"labels": [GRADES.labels[0], GRADES.labels[0].model_copy(update={"name": "Mild"})]}
    )
    (found,), _ = mended(tmp_path, item(counts={"MILD": 3, "Mild": 0}), rubric=both)
    assert found["counts"] == {"MILD": 3, "Mild": 0}


def test_strict_names_what_holds_nothing_and_no_more(tmp_path: Path) -> None:
    (found,), repairs = mended(tmp_path, item(counts={"mild": 3, "severe": 1}), strict=True, scale="nominal")
    assert repairs.remaining == ()
    assert (found["confidence"], found["rationales"], found["adjudicated_label"]) == (None, [], None)
    (lenient,), _ = mended(tmp_path, item(counts={"mild": 3, "severe": 1}))
    assert "confidence" not in lenient


def test_lines_that_need_nothing_keep_every_byte(tmp_path: Path) -> None:
    """Byte order mark, Windows line ends, blank lines, odd spacing, number spelling, escapes and key order."""
    whole = (
        '{ "entropy_bits" :0.0e0,"task":"t", "item_id":"\\u00e9", "disagreement_class":"agreement",'
        '"reviewer_count":3,"counts":{"x":3 ,"y":0},"distribution":{"x":1.000,"y":0}}'
    )
    lacking = '{"task":"t", "item_id":"ü","counts":{"x":3 ,"y":0}, "metadata":{"k":[1.50,"\\u00e9"]}}'
    data = b"\xef\xbb\xbf" + f"{whole}\r\n\r\n{lacking}\r\n  \n{whole}".encode()
    path = tmp_path / "labels.jsonl"
    path.write_bytes(data)
    after = propose_repairs(path).after
    lines = after.split(b"\n")
    assert lines[0] == b"\xef\xbb\xbf" + whole.encode() + b"\r"
    assert (lines[1], lines[3], lines[4]) == (b"\r", b"  ", whole.encode())
    assert (
        lines[2]
        == (
            '{"task":"t", "item_id":"ü", "distribution":{"x":1.0,"y":0.0}, "reviewer_count":3, "entropy_bits":0.0, '
            '"disagreement_class":"agreement","counts":{"x":3 ,"y":0}, "metadata":{"k":[1.50,"\\u00e9"]}}\r'
        ).encode()
    )


def test_what_is_no_record_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    broken = (
        b'{"item_id": "a", "task": "t", "counts": {"x": "3"}\n[1]\n"x"\n\xff\xfe\n'
        b'{"item_id": "a", "item_id": "b", "task": "t", "counts": {"x": "3", "y": 1}}\n'  # which id is meant?
    )
    path.write_bytes(broken)
    repairs = propose_repairs(path)
    assert repairs.after == broken
    assert {problem.line for problem in repairs.remaining} == {1, 2, 3, 4, 5}


def test_duplicates_stay(tmp_path: Path) -> None:
    found, repairs = mended(tmp_path, item(counts={"x": 3, "y": 1}), item(counts={"x": 1, "y": 3}))
    assert len(found) == 2
    assert repairs.remaining[0].key == "item_id"


LABELS = st.sampled_from(["mild", "Mild ", "moderate", "severe", "other"])
NUMBERS = st.one_of(
    st.integers(-1, 9),
    st.floats(0, 1),
    st.floats(allow_nan=False),
    st.sampled_from(["0.5", "3", "x", "", None, True, []]),
)
RECORDS = st.fixed_dictionaries(
    {"item_id": st.sampled_from(["a", "b"]), "task": st.just("t")},
    optional={
        "counts": st.one_of(st.dictionaries(LABELS, NUMBERS, max_size=4), NUMBERS),
        "distribution": st.one_of(st.dictionaries(LABELS, NUMBERS, max_size=4), NUMBERS),
        "reviewer_count": NUMBERS,
        "entropy_bits": NUMBERS,
        "confidence": st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3)),
        "disagreement_class": st.sampled_from(["minor", None, "none", 3]),
        "rationales": st.one_of(
            NUMBERS,
            st.lists(st.one_of(NUMBERS, st.fixed_dictionaries({"label": LABELS, "seconds": NUMBERS})), max_size=3),
        ),
        "gold_label": st.one_of(LABELS, NUMBERS),
        "metadata": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    },
)


@settings(max_examples=100, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_whatever_stands_there_mending_twice_changes_nothing_and_no_vote_ever(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], strict: bool, with_rubric: bool
) -> None:
    path = tmp_path_factory.mktemp("repair") / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    rubric = GRADES if with_rubric else None
    once = propose_repairs(path, rubric, strict=strict)
    was_valid = not validate_labels(path, rubric, strict)
    path.write_bytes(once.after)
    twice = propose_repairs(path, rubric, strict=strict)
    assert twice.after == once.after
    assert not (once.remaining and was_valid)
    for old, new in zip(records, map(json.loads, once.after.decode().splitlines()), strict=True):
        counts = old.get("counts")
        assert [float(v) for v in _numbers(counts)] == [float(v) for v in _numbers(new.get("counts"))]
        assert list(old) == [key for key in new if key in old]
        assert old.get("metadata") == new.get("metadata")


def _numbers(counts: object) -> list[Any]:
    values = list(counts.values()) if isinstance(counts, dict) else []
    return [value for value in values if not isinstance(value, list | bool | None) and value not in ("x", "")]


def test_members_are_edited_in_place() -> None:
    text = '{"a" : {"b\\"" :[1, {"c":2.50}]},\n"d":1}'
    assert replace_value(text, ("a", 'b"', 1, "c"), "3") == '{"a" : {"b\\"" :[1, {"c":3}]},\n"d":1}'
    assert rename_key(text, ("d",), "é") == '{"a" : {"b\\"" :[1, {"c":2.50}]},\n"\\u00e9":1}'  # it keeps to ASCII
    assert add_member(text, "e", "0", "a") == '{"a" : {"b\\"" :[1, {"c":2.50}]},\n"e" : 0,\n"d":1}'
    assert add_member("{}", "e", "0", None) == '{"e": 0}'
    with pytest.raises(KeyError):
        replace_value(text, ("a", "z"), "0")
