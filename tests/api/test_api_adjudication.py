"""Adjudicating label files: each ground by hand, and what must hold whatever is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel_eval.api.adjudication import Adjudicated, adjudicate
from panel_eval.errors import InputError
from panel_eval.humans import load_rubric, load_soft_labels
from panel_eval.humans.adjudication import ItemVotes
from panel_eval.schema import SoftLabel

RUBRIC = """\
task: t
description: How severe is it?
scale: ordinal
verifiable: true
labels:
  - {name: mild, definition: It is small.}
  - {name: moderate, definition: It is middling.}
  - {name: severe, definition: It is large.}
adjudication:
"""
TRIAGE = """\
  consumers:
    - name: triage
      why: it acts on one grade
      rule: most_frequent
"""
MAJORITY = TRIAGE.replace("most_frequent", "majority")
ERRORS = """\
  errors:
    reviewers: {d: used the old rubric}
"""
CHECK = """\
  verify: {check: exact, reference: metadata.truth}
"""


def item(item_id: str, votes: str, **fields: Any) -> dict[str, Any]:
    """An item from votes such as `a:mild b:mild c:severe`."""
    named = [vote.split(":") for vote in votes.split()]
    counts = {label: sum(one == label for _, one in named) for label in ("mild", "moderate", "severe")}
    rationales = [{"reviewer": who, "label": label, "evidence": f"seen by {who}"} for who, label in named]
    return {"item_id": item_id, "task": "t", "counts": counts, "rationales": rationales, **fields}


MRI = "a:moderate b:moderate c:severe d:mild"

Adjudicate = Callable[..., Adjudicated]


@pytest.fixture
def run(tmp_path: Path) -> Adjudicate:
    """Adjudicates items by a policy, and leaves the result as out.jsonl."""

    def adjudicated(records: list[dict[str, Any]], policy: str, **options: Any) -> Adjudicated:
        labels, rubric = tmp_path / "labels.jsonl", tmp_path / "rubric.yaml"
        labels.write_text("".join(json.dumps(one) + "\n" for one in records))
        rubric.write_text(RUBRIC + policy)
        return adjudicate(labels, tmp_path / "out.jsonl", rubric=rubric, **options)

    return adjudicated


def decisions(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "decisions.jsonl"
    path.write_text("".join(json.dumps({"by": "Dr Lee", "reason": "a closer look", **row}) + "\n" for row in rows))
    return path


def outcome(found: Adjudicated) -> list[tuple[str | None, str | None]]:
    """(label, reason) of each line that was written."""
    assert found.path is not None
    assert found.path.read_bytes() == found.content
    records = [json.loads(line) for line in found.content.splitlines()]
    return [(record.get("adjudicated_label"), record.get("adjudication_reason")) for record in records]


def test_without_a_ground_a_split_item_stays_a_distribution_and_says_why(run: Adjudicate) -> None:
    found = run([item("i", MRI), item("j", "a:mild b:mild c:mild")], "  requests: {allowed: false}\n")
    assert outcome(found) == [(None, "honest disagreement; not collapsed by default"), (None, None)]
    assert (found.report.kept_soft, found.report.reasons_written, found.report.adjudicated) == (1, 1, 0)


def test_a_consumer_gets_labels_where_people_agree_enough_and_none_of_an_honest_split(run: Adjudicate) -> None:
    found = run([item("i", MRI), item("j", "a:mild b:mild c:mild d:moderate")], TRIAGE, consumer="triage")
    soft, hard = outcome(found)
    assert soft == (None, "honest disagreement; not collapsed by default")
    told = "required by triage: it acts on one grade; most frequent label, 3 of 4 chose mild, 1 moderate"
    assert hard == ("mild", told)
    (left,) = found.report.open_items
    assert (left.item_id, left.code) == ("i", "honest_disagreement")
    assert found.report.by_ground == {"verified": 0, "error": 0, "consumer": 1, "request": 0}


def test_force_collapses_an_honest_split_and_the_reason_says_so_with_the_split(run: Adjudicate) -> None:
    found = run([item("i", MRI)], TRIAGE, consumer="triage", force=True)
    reason = (
        "honest disagreement, collapsed by force; required by triage: it acts on one grade; most frequent label, "
        "2 of 4 chose moderate, 1 mild, 1 severe"
    )
    assert outcome(found) == [("moderate", reason)]
    assert (found.report.forced, found.report.votes, found.report.votes_contradicted) == (1, 4, 2)
    assert found.report.bits_lost == pytest.approx(1.5)  # entropy of 1/4, 1/2, 1/4


def test_what_a_rule_leaves_open_is_left_even_by_force(run: Adjudicate) -> None:
    tie = item("i", "a:mild b:mild c:severe d:severe")
    found = run([tie, item("j", MRI)], MAJORITY, consumer="triage", force=True)
    assert [label for label, _ in outcome(found)] == [None, None]  # 2 of 4 is no majority
    assert found.report.open_counts["no_label_by_rule"] == 2


def test_the_senior_reviewers_vote_is_taken_where_there_is_one(run: Adjudicate) -> None:
    policy = TRIAGE.replace("rule: most_frequent", "rule: reviewer\n      reviewer: c")
    found = run([item("i", MRI), item("j", "a:mild b:mild d:mild")], policy, consumer="triage", force=True)
    assert outcome(found)[0][0] == "severe"
    assert "the label of c, 1 of 4 chose severe, 2 moderate, 1 mild" in (outcome(found)[0][1] or "")
    assert outcome(found)[1] == (None, None)
    assert found.report.against_mode == 1


def test_an_error_of_a_flagged_reviewer_needs_no_force_if_all_others_agree(run: Adjudicate) -> None:
    items = [
        item("i", "a:moderate b:moderate c:moderate d:mild"),
        item("j", MRI),
        item("k", "a:severe d:mild"),  # one other reviewer is too few
        item("l", "a:mild b:mild c:moderate d:mild"),  # the flagged one is not the one who differs
    ]
    found = run(items, ERRORS)
    told = "error: d chose mild; 3 of 4 chose moderate (d: used the old rubric)"
    honest = "honest disagreement; not collapsed by default"
    assert outcome(found) == [("moderate", told), (None, honest), (None, honest), (None, None)]
    assert [one.reviewer for one in found.report.flagged] == ["d"]


def test_flagged_reviewers_who_are_no_fewer_than_the_others_are_no_error(run: Adjudicate) -> None:
    policy = "  errors: {reviewers: {c: tired, d: tired}}\n"
    equal, fewer = item("i", "a:mild b:mild c:severe d:moderate"), item("j", "a:mild b:mild c:severe d:mild")
    found = run([equal, fewer], policy)
    assert [label for label, _ in outcome(found)] == [None, "mild"]


def test_labels_that_are_numbers_are_told_apart_from_votes() -> None:
    record = SoftLabel(item_id="i", task="t", counts={"1": 2, "2": 1})
    votes = ItemVotes(record, {"1": 2.0, "2": 1.0}, known=True, named={}, derived_class="minor")
    assert votes.told() == '2 of 3 chose "1", 1 "2"'


def test_reviewers_who_fail_gold_items_are_flagged_by_their_pass_rate(run: Adjudicate) -> None:
    gold = [item(f"g{n}", "a:mild b:mild c:mild d:severe", gold_label="mild") for n in range(12)]
    found = run(
        [*gold, item("i", "a:moderate b:moderate c:moderate d:severe")], "  errors: {flags: [fails_gold]}\n"
    )
    why = "fails gold items, 0 of 12 passed"
    assert [one.model_dump() for one in found.report.flagged] == [{"reviewer": "d", "why": why, "suspected": False}]
    assert outcome(found)[-1][0] == "moderate"


def test_who_only_differs_from_others_is_asked_and_no_label_is_put_down_to_them(run: Adjudicate) -> None:
    items = [item(f"i{n}", "a:mild b:mild c:mild d:severe") for n in range(20)]
    items += [item(f"j{n}", "a:severe b:severe c:severe") for n in range(20)]
    policy = "  errors: {flags: [fails_gold, deviates]}\n"
    found = run(items, policy, force=True)
    assert found.report.adjudicated == 0
    assert {label for label, _ in outcome(found)} == {None}
    assert [(one.reviewer, one.suspected) for one in found.report.flagged] == [("d", True)]
    assert found.report.open_counts["suspected_error"] == 20
    assert found.report.open_items[0].text == "d chose severe; 3 of 4 chose mild"
    said = run(items, policy.replace("}", ", reviewers: {d: mixed the grades up}}"))
    assert (said.report.by_ground["error"], said.report.open_counts["suspected_error"]) == (20, 0)


def test_a_check_decides_whatever_the_votes_are(run: Adjudicate) -> None:
    items = [item("i", MRI, metadata={"truth": "severe"}), item("j", "a:mild b:mild"), item("k", MRI)]
    found = run(items, CHECK + TRIAGE, consumer="triage")
    assert outcome(found)[0] == (
        "severe",
        'verified: the reference is "severe"; 1 of 4 chose severe, 2 moderate, 1 mild',
    )
    assert outcome(found)[1][0] == "mild"  # by the consumer's rule: there is no reference
    assert outcome(found)[2][0] is None
    check = found.report.check
    assert check is not None
    assert (check.items, check.labelled, check.cannot_tell, check.failed) == (3, 1, 2, 0)


def test_answers_come_from_a_file_of_their_own(run: Adjudicate, tmp_path: Path) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text("item_id,answer\ni,severe\nelsewhere,mild\n")
    policy = "  verify: {check: exact}\n"
    assert outcome(run([item("i", MRI)], policy, answers=answers))[0][0] == "severe"
    with pytest.raises(InputError, match="--answers FILE"):
        run([item("i", MRI)], policy)
    with pytest.raises(InputError, match="no check that reads answers"):
        run([item("i", MRI)], CHECK, answers=answers)


def test_a_persons_decision_is_a_request_with_a_name_and_needs_force_on_an_honest_split(
    run: Adjudicate, tmp_path: Path
) -> None:
    path = decisions(tmp_path, {"item_id": "i", "label": "severe"}, {"item_id": "j", "label": "mild"})
    items = [item("i", MRI), item("j", "a:mild b:mild c:mild d:moderate")]
    found = run(items, "  {}\n", decisions=path)
    assert outcome(found)[0][0] is None
    assert outcome(found)[1] == ("mild", "decided by Dr Lee: a closer look; 3 of 4 chose mild, 1 moderate")
    forced = outcome(run(items, "  {}\n", decisions=path, force=True))[0]
    assert forced[0] == "severe"
    assert (forced[1] or "").startswith(
        "honest disagreement, collapsed by force; decided by Dr Lee: a closer look;"
    )


def test_a_person_may_find_an_error_and_then_the_others_decide(run: Adjudicate, tmp_path: Path) -> None:
    path = decisions(
        tmp_path,
        {"item_id": "i", "erred": ["c"], "reason": "c misread the prompt"},
        {"item_id": "j", "erred": ["c"]},
    )
    found = run([item("i", "a:mild b:mild c:severe"), item("j", MRI)], "  {}\n", decisions=path)
    told = "error, found by Dr Lee: c misread the prompt; c chose severe; 2 of 3 chose mild"
    assert outcome(found)[0] == ("mild", told)
    assert outcome(found)[1][0] is None
    assert found.report.open_counts["no_label_by_rule"] == 1


def test_a_person_may_decide_to_keep_the_distribution(run: Adjudicate, tmp_path: Path) -> None:
    path = decisions(tmp_path, {"item_id": "i", "label": None, "reason": "both readings hold"})
    found = run([item("i", MRI, adjudication_reason="to be seen")], TRIAGE, consumer="triage", decisions=path)
    assert outcome(found) == [(None, "kept as a distribution by Dr Lee: both readings hold")]


def test_a_person_and_a_check_that_differ_leave_the_item_unless_forced(run: Adjudicate, tmp_path: Path) -> None:
    path = decisions(tmp_path, {"item_id": "i", "label": "mild"})
    items = [item("i", MRI, metadata={"truth": "severe"})]
    found = run(items, CHECK, decisions=path)
    assert outcome(found) == [(None, None)]
    assert found.report.open_counts["check_contradicted"] == 1
    forced = run(items, CHECK, decisions=path, force=True)
    assert outcome(forced)[0][0] == "mild"
    assert 'against the check: the reference is "severe"' in (outcome(forced)[0][1] or "")
    assert forced.report.forced == 1


def test_a_person_and_a_check_that_come_to_the_same_do_not_contradict_each_other(
    run: Adjudicate, tmp_path: Path
) -> None:
    path = decisions(tmp_path, {"item_id": "i", "erred": ["c"]}, {"item_id": "j", "erred": ["c"]})
    votes = "a:mild b:mild c:severe"
    items = [item("i", votes, metadata={"truth": "mild"}), item("j", votes, metadata={"truth": "severe"})]
    found = run(items, CHECK, decisions=path)
    assert outcome(found)[0] == ("mild", 'verified: the reference is "mild"; 2 of 3 chose mild, 1 severe')
    assert [(one.item_id, one.code) for one in found.report.open_items] == [("j", "check_contradicted")]


def test_an_error_is_told_of_those_only_who_chose_another_label(run: Adjudicate, tmp_path: Path) -> None:
    path = decisions(tmp_path, {"item_id": "i", "erred": ["c", "c", "b"]}, {"item_id": "j", "erred": ["a"]})
    found = run([item("i", "a:mild b:mild c:severe d:mild"), item("j", "a:mild b:mild")], "  {}\n", decisions=path)
    assert outcome(found)[0] == (
        "mild", "error, found by Dr Lee: a closer look; c chose severe; 3 of 4 chose mild"
    )  # fmt: skip
    (left,) = found.report.open_items
    assert left.text == "without a the others chose the same; the decision names no label"


def test_labels_that_are_there_stay_unless_they_are_to_be_replaced(run: Adjudicate) -> None:
    own = {"adjudicated_label": "mild", "adjudication_reason": "by the vendor", "metadata": {"truth": "severe"}}
    same = {**own, "metadata": {"truth": "mild"}}
    items = [item("i", MRI, **own), item("j", MRI, **same)]
    kept = run(items, CHECK)
    assert kept.content == (kept.path.parent / "labels.jsonl").read_bytes()  # type: ignore[union-attr]
    assert (kept.report.had_label, kept.report.open_counts["label_kept"]) == (2, 1)
    replaced = run(items, CHECK, replace=True)
    assert [label for label, _ in outcome(replaced)] == ["severe", "mild"]
    assert outcome(replaced)[1][1] == "by the vendor"
    (now,) = replaced.report.adjudicated_items
    assert (now.label_before, now.reason_before) == ("mild", "by the vendor")


def test_items_may_be_asked_for_by_id_by_file_or_all(run: Adjudicate, tmp_path: Path) -> None:
    items = [item(name, "a:mild b:mild c:mild") for name in ("i", "j", "k")]
    listed = tmp_path / "ids.txt"
    listed.write_text("j\nk\n")
    for asked, expected in ((["i"], "i"), ([str(listed)], "jk"), (["i", str(listed)], "ijk"), (["all"], "ijk")):
        found = run(items, "  {}\n", items=asked)
        assert {one.item_id for one in found.report.adjudicated_items} == set(expected)
        assert {one.reason for one in found.report.adjudicated_items} == {"requested: majority, 3 of 3 chose mild"}
    restricted = run(items, TRIAGE, consumer="triage", items=["j"])
    assert [one.item_id for one in restricted.report.adjudicated_items] == ["j"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"items": ["x"]}, "there is no such item"),
        ({"consumer": "triaje"}, "did you mean 'triage'?"),
        ({"rows": [{"item_id": "x", "label": "mild"}]}, "there is no such item"),
        ({"rows": [{"item_id": "i", "label": "milt"}]}, "decisions.jsonl:1: label: is not a label of the rubric"),
        ({"rows": [{"item_id": "i", "erred": ["z"]}]}, "reviewers of the item: a, b, c, d"),
        ({"rows": [{"item_id": "i"}, {"item_id": "i"}]}, "decisions.jsonl:2: item_id: stands on line 1 already"),
        ({"rows": [{"item_id": "i", "by": " "}]}, "decisions.jsonl:1: by"),
        ({"out": "labels.jsonl"}, "is one of the files that are read"),
        ({"json": "labels.jsonl"}, "is one of the files that are read"),
        ({"json": "new.jsonl"}, "is named for the labels and for the report"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    run: Adjudicate, tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    run([item("i", MRI)], TRIAGE)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    asked = dict(options)
    if rows := asked.pop("rows", None):
        asked["decisions"] = decisions(tmp_path, *rows)
        before["decisions.jsonl"] = asked["decisions"].read_bytes()
    out = tmp_path / asked.pop("out", "new.jsonl")
    if "json" in asked:
        asked["json"] = tmp_path / asked["json"]
    with pytest.raises(InputError) as caught:
        adjudicate(tmp_path / "labels.jsonl", out, rubric=tmp_path / "rubric.yaml", **asked)
    assert told in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_requests_may_be_forbidden_but_a_consumer_and_errors_not(run: Adjudicate, tmp_path: Path) -> None:
    policy = "  requests: {allowed: false}\n" + TRIAGE
    items = [item("i", "a:mild b:mild c:severe")]
    with pytest.raises(InputError, match="labels on request are not allowed"):
        run(items, policy, items=["all"])
    asked = decisions(tmp_path, {"item_id": "i", "label": "mild"})
    with pytest.raises(InputError, match="not allowed"):
        run(items, policy, decisions=asked)
    found = run(items, policy, decisions=asked, consumer="triage", force=True)
    assert "required by triage, decided by Dr Lee" in (outcome(found)[0][1] or "")
    erred = decisions(tmp_path, {"item_id": "i", "erred": ["c"]})
    assert outcome(run(items, policy, decisions=erred))[0][0] == "mild"


def test_decisions_may_be_a_table(run: Adjudicate, tmp_path: Path) -> None:
    table = tmp_path / "decisions.csv"
    table.write_text(
        "item_id;label;reason;by;erred\ni;;read the wrong slide;Dr Lee;c, d\n".replace("c, d", '"c;d"')
    )
    found = run([item("i", "a:mild b:mild c:severe d:moderate")], "  {}\n", decisions=table)
    assert outcome(found)[0][0] == "mild"


def test_a_python_check_runs_only_where_code_is_allowed(run: Adjudicate, tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(
        "def check(item):\n"
        "    if item['item_id'] == 'j':\n"
        "        raise ValueError('no such item')\n"
        "    return 'severe', 'compiled'\n"
    )
    policy = "  verify: {check: python, entry: 'checks.py:check'}\n"
    with pytest.raises(InputError, match="--allow-code"):
        run([item("i", MRI)], policy)
    found = run([item("i", MRI), item("j", MRI)], policy, allow_code=True)
    assert outcome(found)[0] == ("severe", "verified: compiled; 1 of 4 chose severe, 2 moderate, 1 mild")
    assert outcome(found)[1][0] is None
    assert found.report.check is not None
    assert found.report.check.failed == 1
    assert "ValueError: no such item (checks.py:3)" in found.report.open_items[0].text


def test_confident_reviewers_strengthen_the_reason_and_unsure_ones_change_it(run: Adjudicate) -> None:
    def sure(votes: str, values: list[float]) -> dict[str, Any]:
        names = [vote.partition(":")[0] for vote in votes.split()]
        stated = [{"reviewer": who, "value": value} for who, value in zip(names, values, strict=True)]
        return {"confidence": stated}

    calm = [item(f"c{n}", "a:mild b:mild c:mild d:mild", **sure(MRI, [0.6] * 4)) for n in range(8)]
    split = "a:mild b:mild c:severe d:severe"
    items = [*calm, item("i", split, **sure(split, [0.95] * 4)), item("j", split, **sure(split, [0.2] * 4))]
    told = [reason for _, reason in outcome(run(items, "  {}\n"))]
    assert told[-2] == "honest disagreement, the reviewers surer than usual; not collapsed by default"
    assert (told[-1] or "").startswith("disagreement, the reviewers less sure than usual: the rubric")


def test_every_byte_but_the_adjudication_stays(tmp_path: Path) -> None:
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(RUBRIC + TRIAGE)
    first = '{"item_id":"i", "task" : "t","counts":{"mild":2,"moderate":2},"metadata":{"x":1.50e0,"é":"\\u00e9"}}'
    second = '  {"item_id": "j", "task": "t", "counts": {"mild": 3}, "adjudicated_label": null}  '
    data = b"\xef\xbb\xbf" + f"{first}\r\n\r\n{second}".encode()
    (tmp_path / "labels.jsonl").write_bytes(data)
    found = adjudicate(tmp_path / "labels.jsonl", tmp_path / "out.jsonl", rubric=rubric, consumer="triage")
    one = first[:-1] + ', "adjudication_reason":"honest disagreement; not collapsed by default"}'
    reason = "required by triage: it acts on one grade; most frequent label, 3 of 3 chose mild"
    two = second.replace("null}", f'"mild", "adjudication_reason": "{reason}"}}')
    assert found.content == b"\xef\xbb\xbf" + f"{one}\r\n\r\n{two}".encode()


REVIEWERS = ("a", "b", "c", "d")
LABELS = ("mild", "moderate", "severe")
LABELLED = st.fixed_dictionaries(
    {
        "votes": st.lists(st.sampled_from(LABELS), min_size=1, max_size=4),
        "truth": st.sampled_from([*LABELS, "MILD ", "nonsense", None]),
        "before": st.sampled_from([None, *LABELS]),
        "decided": st.sampled_from([None, "soft", "erred", *LABELS]),
    }
)


@given(
    items=st.lists(LABELLED, min_size=1, max_size=6),
    force=st.booleans(),
    replace=st.booleans(),
    consumer=st.booleans(),
    asked=st.booleans(),
    others=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_votes_never_change_the_output_is_valid_and_a_second_run_changes_nothing(
    tmp_path: Path,
    items: list[dict[str, Any]],
    force: bool,
    replace: bool,
    consumer: bool,
    asked: bool,
    others: int,
) -> None:
    records, decided = [], []
    for place, one in enumerate(items):
        votes = " ".join(f"{who}:{label}" for who, label in zip(REVIEWERS, one["votes"], strict=False))
        before = {} if one["before"] is None else {"adjudicated_label": one["before"], "adjudication_reason": "was"}
        truth = {} if one["truth"] is None else {"metadata": {"truth": one["truth"]}}
        records.append(item(f"i{place}", votes, **before, **truth))
        if one["decided"] is not None:
            erred = {"erred": ["a"]} if one["decided"] == "erred" else {}
            label = one["decided"] if one["decided"] in LABELS else None
            decided.append({"item_id": f"i{place}", "label": label, **erred})
    labels, rubric = tmp_path / "labels.jsonl", tmp_path / "rubric.yaml"
    labels.write_text("".join(json.dumps(one) + "\n" for one in records))
    check = CHECK.replace("truth}", "truth, ignore: [case, space]}")
    rubric.write_text(RUBRIC + TRIAGE + ERRORS + f"    others: {others}\n" + check)
    options: dict[str, Any] = {
        "rubric": rubric,
        "force": force,
        "replace": replace,
        "consumer": "triage" if consumer else None,
        "items": ["all"] if asked else [],
        "decisions": decisions(tmp_path, *decided),
    }
    found = adjudicate(labels, tmp_path / "out.jsonl", **options)
    again = adjudicate(tmp_path / "out.jsonl", tmp_path / "again.jsonl", **options)
    assert again.content == found.content
    assert again.report.adjudicated == 0
    humans = load_soft_labels(tmp_path / "out.jsonl", load_rubric(rubric))
    adjudication = {"adjudicated_label", "adjudication_reason"}
    for before, record, line in zip(records, humans.records, found.content.splitlines(), strict=True):
        after = json.loads(line)
        assert {k: v for k, v in after.items() if k not in adjudication} == {
            k: v for k, v in before.items() if k not in adjudication
        }
        if record.adjudicated_label is not None:
            assert record.adjudication_reason
    forced = [one for one in found.report.adjudicated_items if one.forced]
    assert force or not forced
    assert all("by force" in one.reason or "against the check" in one.reason for one in forced)
