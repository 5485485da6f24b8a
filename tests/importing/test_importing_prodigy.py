"""Prodigy: answers of db-out; and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from imports import Imported, do_import

from panel_eval.errors import InputError

OPTIONS = [{"id": "pos", "text": "Positive"}, {"id": "neg", "text": "Negative"}, {"id": "mixed", "text": "Both"}]


def choice(*accepted: Any, who: str = "news-ann", answer: str = "accept", **more: Any) -> dict[str, Any]:
    return {
        "text": "hello",
        "options": OPTIONS,
        "_input_hash": -1530009927,
        "_task_hash": 7,
        "_view_id": "choice",
        "accept": list(accepted),
        "config": {"choice_style": "single"},
        "answer": answer,
        "_timestamp": 1690289516,
        "_annotator_id": who,
        "_session_id": who,
        "meta": {"source": "x"},
        **more,
    }


def imported(folder: Path, *records: Any, **options: Any) -> Imported:
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return do_import("prodigy", path, folder, task="t", want=("labels",), **options)


def test_choices_become_votes_and_the_options_are_the_labels(tmp_path: Path):
    found = imported(tmp_path, choice("neg"), choice("pos", who="news-bo"), choice("neg", who="news-cy"))
    assert found.report.labels == ["pos", "neg", "mixed"]  # in the order of the options, chosen or not
    assert found.votes_on("-1530009927") == {"neg": 2, "pos": 1}
    record = found.humans.records[0]
    assert (record.content, record.metadata) == ({"text": "hello"}, {"source": "x"})
    assert record.rationales[0].reviewer == "news-ann"
    assert record.rationales[0].at == "2023-07-25T12:51:56Z"  # date -u -d @1690289516


def test_each_answer_that_is_no_vote_is_counted_by_its_reason(tmp_path: Path):
    no_hash = choice("pos", who="g")
    del no_hash["_input_hash"]
    found = imported(
        tmp_path,
        choice("pos", who="a"),
        choice("neg", who="b"),
        choice(who="c", answer="ignore"),
        choice("pos", who="d", answer="reject"),
        choice("pos", "neg", who="e"),  # several labels
        choice(who="f"),  # nothing chosen
        no_hash,
        choice("pos", who="h", answer="maybe"),  # no answer of Prodigy
        {"text": "x", "_input_hash": 2},  # not answered
        [1],
        labels={"1": "2"},
    )
    assert found.votes_on("-1530009927") == {"pos": 1, "neg": 1}
    assert found.dropped == {
        "ignored": 1,
        "rejected": 1,
        "several_labels": 1,
        "no_answer": 2,
        "no_item": 1,
        "no_answer_field": 1,
        "no_record": 1,
    }


def asked(answer: str, who: str, label: str = "SPAM", **more: Any) -> dict[str, Any]:
    return {"text": "buy", "label": label, "answer": answer, "_input_hash": 4, "_annotator_id": who, **more}


def test_yes_or_no_is_a_label_of_its_own(tmp_path: Path):
    records = (asked("accept", "a"), asked("accept", "b"), asked("reject", "c"), asked("ignore", "d"))
    found = imported(tmp_path, *records, labels={"accept": "spam", "reject": "fine"})
    assert found.votes_on("4") == {"spam": 2, "fine": 1}
    assert found.dropped == {"ignored": 1}


def test_yes_or_no_about_several_labels_are_questions_of_their_own(tmp_path: Path):
    records = [
        asked("accept", "a", _task_hash=1),
        asked("reject", "b", _task_hash=1),
        asked("reject", "a", label="AD", _task_hash=2),
    ]
    with pytest.raises(InputError, match=r"yes or no about 2 labels \(SPAM, AD\)"):
        imported(tmp_path, *records)
    found = imported(tmp_path, *records, fields={"item": "_task_hash"})
    assert found.votes_on("1") == {"accept": 1, "reject": 1}
    assert [record.content["label"] for record in found.humans.records] == ["SPAM", "AD"]


def test_spans_are_no_labels_of_an_item(tmp_path: Path):
    spans = {"text": "x", "spans": [{"start": 0, "end": 1, "label": "A"}], "_input_hash": 1, "answer": "accept"}
    found = imported(tmp_path, spans, choice("pos"), choice("neg", who="b"))
    assert found.dropped == {"spans": 1}


def test_a_review_gives_the_votes_that_it_lays_side_by_side_and_what_was_settled(tmp_path: Path):
    versions = [
        {**choice("pos"), "sessions": ["news-a", "news-b"], "default": True},
        {**choice("neg"), "sessions": ["news-c"], "default": False},
    ]
    reviewed = choice("pos", who="news-boss", versions=versions, sessions=["news-a", "news-b", "news-c"])
    found = imported(tmp_path, {**reviewed, "_view_id": "review", "view_id": "choice"})
    record = found.humans.records[0]
    assert [(r.reviewer, r.label) for r in record.rationales] == [
        ("news-a", "pos"),
        ("news-b", "pos"),
        ("news-c", "neg"),
    ]
    assert (record.adjudicated_label, record.adjudication_reason) == ("pos", "settled with Prodigy's review recipe")


def test_sessions_without_a_name_are_said_to_be_no_people(tmp_path: Path):
    found = imported(tmp_path, choice("pos", who="2023-07-25_14-50-21"), choice("neg", who="news-b"))
    assert any(note.startswith("1 answers name the start of a session") for note in found.report.notes)


def test_fields_of_a_recipe_of_ones_own(tmp_path: Path):
    records = [
        {"html": "<b>x</b>", "verdict": v, "user_input": "hm", "meta": {"id": "d-1"}, "answer": "accept",
         "_input_hash": 1, "_session_id": who, "image": "data:image/png;base64,AAAA"}
        for v, who in (("good", "a"), ("bad", "b"))
    ]  # fmt: skip
    found = imported(tmp_path, *records, fields={"label": "verdict", "item": "meta.id"})
    assert found.votes_on("d-1") == {"good": 1, "bad": 1}
    record = found.humans.records[0]
    assert (record.content, record.rationales[0].evidence) == ({"html": "<b>x</b>"}, "hm")


@pytest.mark.parametrize("text", ["", '{"text": "x"}\n', "[]", "nothing\n"])
def test_what_is_no_export_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "answers.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"empty|holds no answers of Prodigy"):
        do_import("prodigy", path, tmp_path, task="t")
