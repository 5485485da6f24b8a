"""Argilla: records of versions 1 and 2 in every shape that they are exported in; and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from imports import Imported, do_import

from panel_eval.errors import InputError
from panel_eval.importing import Handover, find_format
from panel_eval.schema import Rationale, SoftLabel

U1, U2, U3 = (str(UUID(int=number)) for number in (1, 2, 3))
FIELDS = {"label": "label", "evidence": "why"}

# One record in five shapes: U1 says pos because of "why", U2 says neg, U3's neg was discarded; m1 suggests neg.
NESTED = {
    "id": "t-1",
    "fields": {"text": "hello"},
    "metadata": {"source": "x"},
    "suggestions": {"label": {"value": "neg", "score": 0.7, "agent": "m1"}},
    "responses": {
        "label": [
            {"value": "pos", "user_id": U1, "status": "submitted"},
            {"value": "neg", "user_id": U2, "status": "submitted"},
            {"value": "neg", "user_id": U3, "status": "discarded"},
        ],
        "why": [{"value": "because", "user_id": U1, "status": "submitted"}],
    },
    "vectors": {},
    "status": "completed",
    "_server_id": None,
}
FLAT = {
    "id": "t-1",
    "status": "completed",
    "_server_id": None,
    "text": "hello",
    "label.responses": ["pos", "neg", "neg"],
    "label.responses.users": [U1, U2, U3],
    "label.responses.status": ["submitted", "submitted", "discarded"],
    "why.responses": ["because"],
    "why.responses.users": [U1],
    "why.responses.status": ["submitted"],
    "label.suggestion": "neg",
    "label.suggestion.score": 0.7,
    "label.suggestion.agent": "m1",
}
FIRST = {
    "fields": {"text": "hello"},
    "metadata": {"source": "x"},
    "vectors": {},
    "responses": [
        {"user_id": U1, "values": {"label": {"value": "pos"}, "why": {"value": "because"}}, "status": "submitted"},
        {"user_id": U2, "values": {"label": {"value": "neg"}}, "status": "submitted"},
        {"user_id": U3, "values": None, "status": "discarded"},
    ],
    "suggestions": [{"question_name": "label", "value": "neg", "score": 0.7, "type": "model", "agent": "m1"}],
    "external_id": "t-1",
}
_SAID = [
    {"user_id": U1, "value": "pos", "status": "submitted"},
    {"user_id": U2, "value": "neg", "status": "submitted"},
    {"user_id": U3, "value": "neg", "status": "discarded"},
]
FIRST_FLAT = {
    "text": "hello",
    "label": _SAID,
    "label-suggestion": "neg",
    "label-suggestion-metadata": {"type": "model", "score": 0.7, "agent": "m1"},
    "why": [{"user_id": U1, "value": "because", "status": "submitted"}],
    "why-suggestion": None,
    "why-suggestion-metadata": {"type": None, "score": None, "agent": None},
    "external_id": "t-1",
    "metadata": '{"source": "x"}',
}
FIRST_COLUMNS = {**FIRST_FLAT, "label": {key: [said[key] for said in _SAID] for key in _SAID[0]}}


def imported(folder: Path, records: Any, **options: Any) -> Imported:
    path = folder / "records.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return do_import("argilla", path, folder, task="t", want=("labels", "votes"), **options)


@pytest.mark.parametrize("record", [NESTED, FLAT, FIRST, FIRST_FLAT, FIRST_COLUMNS])
def test_every_shape_of_a_record_says_the_same(tmp_path: Path, record: dict[str, Any]):
    found = imported(tmp_path, [record], fields=FIELDS)
    assert found.votes_on("t-1") == {"pos": 1, "neg": 1}
    assert found.dropped == {"discarded": 1}
    label = found.humans.records[0]
    assert [(r.reviewer, r.label, r.evidence) for r in label.rationales] == [
        (U1, "pos", "because"),
        (U2, "neg", None),
    ]
    assert label.content == {"text": "hello"}
    (vote,) = found.votes
    assert (vote["judge"], vote["label"], vote["confidence"]) == ("m1", "neg", 0.7)


def test_to_dict_by_id_and_by_name_read_like_a_list(tmp_path: Path):
    by_list = imported(tmp_path, [NESTED], fields=FIELDS).humans.records[0]
    assert imported(tmp_path, {"t-1": NESTED}, fields=FIELDS).humans.records[0] == by_list
    by_name = {key: [value] for key, value in NESTED.items()}
    assert imported(tmp_path, by_name, fields=FIELDS).humans.records[0] == by_list


def test_a_data_set_of_the_hub_stores_suggestions_as_numbers_of_classes(tmp_path: Path):
    """`to_hub` casts label suggestions to ClassLabel; None is a class of its own (argilla 2.8, datasets 5.2)."""
    rows = [{**FLAT, "id": f"t-{n}", "label.suggestion": n} for n in range(3)]
    feature = {"names": ["neg", "pos", None], "_type": "ClassLabel"}
    about = json.dumps({"info": {"features": {"label.suggestion": feature, "text": {"_type": "Value"}}}})
    table = pa.Table.from_pylist(rows).replace_schema_metadata({"huggingface": about})
    (tmp_path / "data").mkdir()
    pq.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    found = do_import("argilla", tmp_path, tmp_path, task="t", want=("votes",), fields=FIELDS)
    assert [(vote["item_id"], vote["label"]) for vote in found.votes] == [("t-0", "neg"), ("t-1", "pos")]


SETTINGS = {
    "questions": [
        {"name": "quality", "settings": {"type": "rating", "options": [{"value": n} for n in (1, 2, 3)]}},
        {"name": "note", "settings": {"type": "text"}},
    ],
    "fields": [{"name": "prompt", "settings": {"type": "text"}}],
}


def test_settings_of_a_folder_tell_the_question_its_labels_and_the_fields(tmp_path: Path):
    folder = tmp_path / "dataset"
    (folder / ".argilla").mkdir(parents=True)
    (folder / ".argilla" / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    row = {"id": "a", "_server_id": None, "prompt": "hi", "source": "web", "note.responses": ["fine"],
           "quality.responses": [3, 3], "quality.responses.users": [U1, U2],
           "quality.responses.status": ["submitted", "submitted"]}  # fmt: skip
    (folder / "records.json").write_text(json.dumps([row]), encoding="utf-8")
    found = do_import("argilla", folder, tmp_path, task="t")
    assert (found.report.labels, found.report.scale) == (["1", "2", "3"], "ordinal")
    record = found.humans.records[0]
    assert (record.content, record.metadata) == ({"prompt": "hi"}, {"source": "web"})


def test_each_response_that_is_no_vote_is_counted_by_its_reason(tmp_path: Path):
    def said(value: Any, status: str, user: int) -> dict[str, Any]:
        return {"value": value, "user_id": str(UUID(int=user)), "status": status}

    answers = [
        said(["a"], "submitted", 1),
        said(["b"], "submitted", 2),
        said(["a", "b"], "submitted", 3),  # several labels
        said(["b", "c"], "submitted", 4),  # named by the mapping
        said([], "submitted", 5),  # no answer
        said(["a"], "draft", 6),
        said(["a"], "discarded", 7),
    ]
    only_note = {"note": [{"value": "hm", "user_id": U1, "status": "submitted"}]}  # no answer to the label
    records = [
        {**NESTED, "responses": {"label": answers}},
        {**NESTED, "id": "t-2", "responses": only_note},
        {"id": "t-3"},  # no record
        "text",
    ]
    found = imported(tmp_path, records, labels={"c|b": "mixed"}, fields={"label": "label"})
    assert found.votes_on("t-1") == {"a": 1, "b": 1, "mixed": 1}
    assert found.dropped == {"several_labels": 1, "no_answer": 2, "draft": 1, "discarded": 1, "no_record": 2}


def test_an_export_that_hides_what_was_discarded_says_so(tmp_path: Path):
    """`records.to_json` of argilla 2.8 leaves the status of responses out."""
    answers = [{"value": "pos", "user_id": U1}, {"value": "neg", "user_id": U2}]
    found = imported(tmp_path, [{**NESTED, "responses": {"label": answers}}])
    assert found.votes_on("t-1") == {"pos": 1, "neg": 1}
    assert any(note.startswith("2 responses do not say whether they were submitted") for note in found.report.notes)


def test_records_without_an_id_are_called_by_their_place(tmp_path: Path):
    records = [{**FIRST, "external_id": None}, {**FIRST, "external_id": "own"}]
    found = imported(tmp_path, records, fields=FIELDS)
    assert list(found.humans.item_ids) == ["record-1", "own"]
    assert any(note.startswith("1 records have no id") for note in found.report.notes)


def test_suggestions_without_one_label_are_unparseable_and_those_of_people_are_none(tmp_path: Path):
    given = [
        {"question_name": "label", "value": ["a", "b"], "score": [0.5, 0.5], "agent": "m1"},
        {"question_name": "label", "value": "a", "score": 3, "agent": None},
        {"question_name": "label", "value": "a", "type": "human", "agent": "ann"},
        {"question_name": "why", "value": "because", "agent": "m1"},
    ]
    found = imported(tmp_path, [{**FIRST, "suggestions": given}], fields=FIELDS)
    told = [(v["judge"], v["outcome"], v.get("label"), v.get("confidence")) for v in found.votes]
    assert told == [("m1", "unparseable", None, None), ("suggestion", "ok", "a", None)]
    assert found.votes[1]["metadata"] == {"score": 3.0}
    assert found.dropped["human_suggestion"] == 1


def test_text_classification_of_version_1_has_one_annotation_and_a_distribution(tmp_path: Path):
    record = {"text": "hello", "inputs": {"text": "hello"}, "prediction_agent": "m1", "annotation": "pos",
              "prediction": [{"label": "pos", "score": 0.9}, {"label": "neg", "score": 0.1}],
              "annotation_agent": "joe", "multi_label": False, "id": "1", "metadata": {},
              "status": "Validated"}  # fmt: skip
    other = {**record, "id": "2", "annotation": "neg"}
    gone = {**record, "id": "3", "status": "Discarded"}
    found = imported(tmp_path, [record, other, gone])
    assert found.votes_on("1") == {"pos": 1}
    assert found.dropped == {"discarded": 1}
    assert found.votes[0]["distribution"] == {"pos": 0.9, "neg": 0.1}


def test_several_questions_are_listed_and_one_must_be_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"which question is the label.*there are: label, why"):
        imported(tmp_path, [NESTED])


@pytest.mark.parametrize("records", [[], [{"text": "x"}], {"a": 1}, [[1]]])
def test_what_is_no_export_is_refused(tmp_path: Path, records: Any):
    with pytest.raises(InputError, match="holds no Argilla records"):
        imported(tmp_path, records)


def test_a_folder_without_records_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"holds no records\.json and no Parquet files"):
        do_import("argilla", tmp_path, tmp_path, task="t")


def test_written_records_name_users_by_uuid_and_say_what_argilla_does_not_hold(tmp_path: Path):
    out = tmp_path / "records.json"
    record = SoftLabel(
        item_id="i",
        task="t",
        counts={"yes": 1, "no": 2},
        rationales=[
            Rationale(reviewer=U1, label="yes", evidence="it is", seconds=3),
            Rationale(reviewer="Bo", label="no"),
        ],
        content={"text": "x"},
        metadata={"page": 3, "tags": ["a"], "deep": {"x": 1}},
        cluster="c",
    )
    lost = find_format("argilla").write(Handover(lambda: iter([record]), ("yes", "no")), out)
    (found,) = json.loads(out.read_text(encoding="utf-8"))
    users = [answer["user_id"] for answer in found["responses"]["label"]]
    assert users[0] == U1
    assert len({str(UUID(user)) for user in users}) == 3
    assert found["panel_eval"]["reviewers"] == {users[1]: "Bo", users[2]: None}
    assert found["responses"]["evidence"] == [{"value": "it is", "user_id": U1, "status": "submitted"}]
    assert found["metadata"] == {"page": 3, "tags": ["a"]}  # terms and numbers; Argilla has no objects
    assert [text.split()[:2] for text in lost] == [
        ["1", "answer"],
        ["1", "answer"],
        ["1", "item"],
        ["1", "reviewer"],
    ]
