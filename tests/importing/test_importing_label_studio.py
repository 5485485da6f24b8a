"""Label Studio: JSON with all answers, JSON-MIN, CSV; and the way back."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from imports import do_import

from panel_eval.errors import InputError
from panel_eval.importing import Handover, find_format
from panel_eval.schema import Rationale, SoftLabel


def result(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{name}-1",
        "from_name": name,
        "to_name": "text",
        "type": kind,
        "origin": "manual",
        "value": value,
    }


def chosen(*labels: str, **more: Any) -> dict[str, Any]:
    """An annotation as Label Studio 1.23 exports it."""
    return {
        "id": 1,
        "completed_by": 7,
        "result": [result("sentiment", "choices", {"choices": list(labels)})] if labels else [],
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-01T09:00:00.000000Z",
        "updated_at": "2026-03-01T09:00:14.500000Z",
        "lead_time": 14.5,
        "prediction": {},
        "parent_prediction": None,
        "task": 1,
        **more,
    }


def task(number: int, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "annotations": list(annotations),
        "drafts": [],
        "predictions": [],
        "data": {"text": f"text {number}"},
        "meta": {},
        "inner_id": number,
        **more,
    }


def exported(folder: Path, *tasks: Any) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


PEOPLE = ({"id": 3, "email": "ann@example.org", "first_name": "Ann", "last_name": ""}, 8, "carl@example.org", None)


def test_answers_become_votes_with_who_when_and_how_long(tmp_path: Path):
    answers = [chosen(label, completed_by=who) for label, who in zip("aabb", PEOPLE, strict=True)]
    found = do_import("label-studio", exported(tmp_path, task(1, *answers)), tmp_path, task="t")
    assert found.votes_on("1") == {"a": 2, "b": 2}
    assert found.report.unnamed == 1
    record = found.humans.records[0]
    assert [r.reviewer for r in record.rationales] == ["ann@example.org", "8", "carl@example.org"]
    assert (record.rationales[0].seconds, record.rationales[0].at) == (14.5, "2026-03-01T09:00:14.500Z")
    assert record.content == {"text": "text 1"}
    assert not found.dropped


def test_each_answer_that_is_no_vote_is_counted_by_its_reason(tmp_path: Path):
    on_a_span = {"start": 0, "end": 3, "text": "tex", "choices": ["a"]}
    source = exported(
        tmp_path,
        task(
            1,
            chosen("a", completed_by=1),
            chosen("b", completed_by=2, was_cancelled=True),  # skipped
            chosen("b", completed_by=3, skipped=True),  # skipped, before version 1.0
            chosen("a", "b", completed_by=4),  # several labels
            chosen(completed_by=5),  # nothing chosen
            chosen(completed_by=6, result=[result("sentiment", "choices", on_a_span)]),  # of a part
            drafts=[{"id": 1, "user": "x", "result": []}],
        ),
        task(2, chosen("b", completed_by=1)),
        {"id": 9, "annotations": [chosen("a")]},  # no data
        {"data": {"text": "x"}, "annotations": [chosen("a"), chosen("a")]},  # no id: two answers lost
        17,
    )
    found = do_import("label-studio", source, tmp_path, task="t")
    assert found.dropped == {
        "skipped": 2,
        "several_labels": 1,
        "no_answer": 1,
        "region": 1,
        "draft": 1,
        "no_task": 1,
        "no_item": 1,
        "no_record": 1,
    }
    # 6 + 1 + 2 of the task without an id + 1 that is no object
    assert (found.report.annotations_read, found.report.annotations_kept) == (10, 2)


def test_two_labels_count_as_one_where_the_mapping_names_them_in_any_order(tmp_path: Path):
    answers = [chosen("b", "a", completed_by=1), chosen("a", completed_by=2), chosen("a", "c", completed_by=3)]
    source = exported(tmp_path, task(1, *answers))
    found = do_import("label-studio", source, tmp_path, task="t", labels={"a|b": "mixed"})
    assert found.votes_on("1") == {"a": 1, "mixed": 1}
    assert found.dropped == {"several_labels": 1}


def test_the_other_controls_become_confidence_evidence_and_criterion(tmp_path: Path):
    results = [
        result("sentiment", "choices", {"choices": ["a"]}),
        result("sure", "rating", {"rating": 4}),
        result("why", "textarea", {"text": ["it broke", "twice"]}),
        result("rule", "taxonomy", {"taxonomy": [["tone", "irony"]]}),
    ]
    source = exported(tmp_path, task(1, chosen(result=results), chosen("b", completed_by=2)))
    fields = {"label": "sentiment", "confidence": "sure", "evidence": "why", "criterion": "rule"}
    found = do_import("label-studio", source, tmp_path, task="t", fields=fields, confidence_range=(1, 5))
    said = found.humans.records[0]
    assert (said.rationales[0].evidence, said.rationales[0].criterion) == ("it broke\ntwice", "tone/irony")
    assert said.confidence[0].value == 0.75  # (4 - 1) / (5 - 1)


def test_of_several_controls_the_only_choices_are_the_label(tmp_path: Path):
    more = [result("stars", "rating", {"rating": 4}), result("note", "textarea", {"text": ["x"]})]
    answers = [chosen(label, completed_by=who) for who, label in enumerate("ab")]
    answers[0]["result"] += more
    found = do_import("label-studio", exported(tmp_path, task(1, *answers)), tmp_path, task="t")
    assert found.votes_on("1") == {"a": 1, "b": 1}


def test_two_choices_are_listed_and_one_must_be_named(tmp_path: Path):
    both = [result("tone", "choices", {"choices": ["a"]}), result("topic", "choices", {"choices": ["b"]})]
    source = exported(tmp_path, task(1, chosen(result=both)))
    with pytest.raises(InputError, match=r"which control is the label.*tone \(choices\), topic \(choices\)"):
        do_import("label-studio", source, tmp_path, task="t")
    with pytest.raises(InputError, match="did you mean 'topic'"):
        do_import("label-studio", source, tmp_path, task="t", fields={"label": "topics"})


def test_stars_alone_are_labels(tmp_path: Path):
    answers = [
        chosen(completed_by=who, result=[result("stars", "rating", {"rating": n})])
        for who, n in enumerate((2, 2, 5))
    ]
    found = do_import("label-studio", exported(tmp_path, task(1, *answers)), tmp_path, task="t", scale="ordinal")
    assert found.votes_on("1") == {"2": 2, "5": 1}


def test_predictions_are_votes_of_their_model(tmp_path: Path):
    def predicted(*labels: str, **more: Any) -> dict[str, Any]:
        return {"id": 1, "created_ago": "1 hour", "result": chosen(*labels)["result"], **more}

    predictions = [
        predicted("a", model_version="m-1", score=0.8, created_at="2026-03-01T08:00:00Z"),
        predicted("b", model_version="m-1", score=17.0),
        predicted("a", "b", model_version="m-2"),
        predicted(model_version=None),
    ]
    source = exported(tmp_path, task(1, chosen("a"), chosen("b", completed_by=2), predictions=predictions))
    found = do_import("label-studio", source, tmp_path, task="t", want=("labels", "votes"))
    told = [(v["judge"], v["sample"], v["outcome"], v.get("label")) for v in found.votes]
    assert told == [
        ("m-1", 0, "ok", "a"),
        ("m-1", 1, "ok", "b"),
        ("m-2", 0, "unparseable", None),
        ("prediction", 0, "unparseable", None),
    ]
    assert (found.votes[0]["confidence"], found.votes[0]["at"]) == (0.8, "2026-03-01T08:00:00Z")
    assert found.votes[1]["metadata"] == {"score": 17.0}


def test_what_a_user_must_know_is_said(tmp_path: Path):
    answers = [
        chosen("a", completed_by=1, ground_truth=True),
        chosen("b", completed_by=2, parent_prediction=5),
    ]
    source = exported(tmp_path, task(1, *answers, predictions=[5, 6]))
    found = do_import("label-studio", source, tmp_path, task="t")
    assert found.humans.records[0].gold_label == "a"
    assert found.votes_on("1") == {"a": 1, "b": 1}
    said = " ".join(found.report.notes)
    assert "1 answers are marked as ground truth" in said
    assert "1 answers began as a model's prediction" in said
    assert "2 predictions are in the file by number only" in said


def test_an_item_can_be_called_by_a_field_of_its_data_and_shows_what_is_asked_for(tmp_path: Path):
    data = {"doc": {"ref": "r-9"}, "text": "x", "html": "<b>x</b>", "image": "data:image/png;base64,AAAA", "n": 3}
    source = exported(tmp_path, task(1, chosen("a"), chosen("b", completed_by=2), data=data, meta={"batch": 4}))
    found = do_import(
        "label-studio", source, tmp_path, task="t", fields={"item": "doc.ref", "cluster": "meta.batch"}
    )
    record = found.humans.records[0]
    assert (record.item_id, record.cluster, record.metadata) == ("r-9", "4", {"batch": 4})
    assert record.content == {"doc": '{"ref": "r-9"}', "text": "x", "html": "<b>x</b>", "n": "3"}
    some = do_import("label-studio", source, tmp_path, task="t", content=["text"])
    assert some.humans.records[0].content == {"text": "x"}


def test_answers_before_version_1_are_called_completions(tmp_path: Path):
    old = task(1)
    del old["annotations"]
    old["completions"] = [chosen("a"), chosen("b", completed_by=2)]
    found = do_import("label-studio", exported(tmp_path, old), tmp_path, task="t")
    assert found.votes_on("1") == {"a": 1, "b": 1}


MIN = [
    {"text": "x", "id": 1, "label": "a", "confidence": [{"number": 0.25}], "evidence": "why not", "annotator": 1,
     "annotation_id": 1, "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z",
     "lead_time": 2.5},
    {"text": "x", "id": 1, "label": {"choices": ["a", "b"]}, "annotator": "bob@example.org", "annotation_id": 2,
     "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z", "lead_time": 1},
    {"text": "y", "id": 2, "label": "b", "annotator": 1, "annotation_id": 3, "created_at": "2026-03-01T09:00:00Z",
     "updated_at": "2026-03-01T09:00:00Z", "lead_time": None, "agreement": 50},
]  # fmt: skip


def test_json_min_and_csv_read_alike(tmp_path: Path):
    """As the converters of label-studio-sdk 2.1 write them: what is no text is JSON in the CSV."""
    plain = tmp_path / "min.json"
    plain.write_text(json.dumps(MIN), encoding="utf-8")
    names = sorted({name for row in MIN for name in row})
    table = tmp_path / "min.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        for row in MIN:
            writer.writerow({k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in row.items()})
    written = []
    for source in (plain, table):
        found = do_import("label-studio", source, tmp_path, task="t")
        assert found.dropped == {"several_labels": 1}
        assert found.votes_on("1") == {"a": 1}
        written.append((tmp_path / "labels.jsonl").read_bytes())
    assert written[0] == written[1]
    assert found.humans.records[0].confidence[0].value == 0.25


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty|no Label Studio export"),
        ("[]", "no Label Studio export"),
        ('[{"x": 1}]', r"no Label Studio export.*keys of the first record: x"),
        ('[{"data": {}, "annotations": []}]', "no control with answers"),
        ('[{"data": {}, "annotations": [{"result": "x"}]}]', "no control with answers"),
        ("[1, 2", "not valid JSON"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / "export.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        do_import("label-studio", path, tmp_path, task="t")


def handed_on(*records: SoftLabel) -> Handover:
    return Handover(lambda: iter(records), ("yes", "no"))


def voted(*votes: tuple[str, str], **more: Any) -> SoftLabel:
    counts = {label: sum(own == label for _, own in votes) for label in ("yes", "no")}
    rationales = [Rationale(reviewer=who, label=label) for who, label in votes]
    return SoftLabel(item_id="i", task="t", counts=counts, rationales=rationales, **more)


def test_written_tasks_are_what_label_studio_imports(tmp_path: Path):
    """Rules of its import (1.23, tasks/serializers.py): it refuses unknown e-mails; no ground_truth means true."""
    out = tmp_path / "tasks.json"
    record = voted(("ann@example.org", "yes"), ("B", "no"), content={"text": "x", "title": "y"}, cluster="c")
    lost = find_format("label-studio").write(handed_on(record), out)
    (found,) = json.loads(out.read_text(encoding="utf-8"))
    assert found["data"] == {"item_id": "i", "text": "x", "title": "y"}
    assert found["meta"] == {"panel_eval": {"cluster": "c"}}
    assert [a.get("completed_by") for a in found["annotations"]] == [{"email": "ann@example.org"}, None]
    assert [a["ground_truth"] for a in found["annotations"]] == [False, False]
    assert found["annotations"][1]["result"][0] == {
        "id": "label_2", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["no"]},
        "meta": {"reviewer": "B"},
    }  # fmt: skip
    assert len(lost) == 1
    assert lost[0].startswith("1 reviewer called by no e-mail address")


def test_items_with_shares_only_are_tasks_without_annotations(tmp_path: Path):
    out = tmp_path / "tasks.json"
    record = SoftLabel(item_id="i", task="t", distribution={"yes": 0.6, "no": 0.4}, reviewer_count=4)
    lost = find_format("label-studio").write(handed_on(record), out)
    assert json.loads(out.read_text(encoding="utf-8")) == [{"data": {"item_id": "i"}, "annotations": []}]
    assert lost == ["1 item without annotations: the single votes are not known"]
