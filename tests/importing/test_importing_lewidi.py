"""LeWiDi files of 2023 and 2025."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imports import do_import, real_data

from panel_eval.errors import InputError


def document(folder: Path, records: dict[str, Any]) -> Path:
    path = folder / "lewidi.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def sarcasm(marks: dict[str, str], soft: dict[str, float], context: str, number: str) -> dict[str, Any]:
    return {
        "annotation task": "sarcasm detection",
        "text": {"context": context, "response": "sure"},
        "annotators": ",".join(name.strip() for name in marks),
        "annotations": marks,
        "soft_label": soft,
        "split": "dev",
        "lang": "en",
        "other_info": {"context+speaker": number},
    }


def test_ratings_by_annotator_with_contexts_as_clusters(tmp_path: Path):
    soft = {str(k): 0.0 for k in range(1, 7)}
    records = {
        "1": sarcasm({"Ann1": "2", " Ann2": "6"}, soft | {"2": 0.5, "6": 0.5}, "A.", "232_1"),
        "2": sarcasm({"Ann1": "1"}, soft | {"1": 1.0}, "A.", "240_2"),
        "3": sarcasm({"Ann1": "1"}, soft | {"2": 1.0}, "B.", "250_2"),
    }
    found = do_import("lewidi", document(tmp_path, records), tmp_path, task="t")
    assert found.humans.labels == ("1", "2", "3", "4", "5", "6")
    assert found.report.scale == "ordinal"
    assert found.votes_on("1") == {"2": 1, "6": 1}
    assert [r.reviewer for r in found.humans.records[0].rationales] == ["Ann1", "Ann2"]
    assert [r.cluster for r in found.humans.records] == ["context 232", "context 232", None]
    assert found.humans.records[0].content == {"context": "A.", "response": "sure"}
    assert found.humans.records[0].split == "dev"
    assert any("soft label of 1 items" in note for note in found.report.notes)  # item 3


TWENTY_THREE = {
    "text": "a tweet",
    "annotation task": "hate speech detection",
    "number of annotations": 3,
    "annotations": "0,1,0",
    "annotators": "Ann1,Ann2,Ann3",
    "lang": "en",
    "hard_label": "0",
    "soft_label": {"0": 0.67, "1": 0.33},
    "split": "train",
    "other_info": {"other annotations": {"offensive language detection": "1,1,0"}},
}


def test_2023_annotations_stand_in_the_order_of_the_annotators(tmp_path: Path):
    uneven = {**TWENTY_THREE, "annotations": "0,1"}
    path = document(tmp_path, {"a": TWENTY_THREE, "b": uneven})
    found = do_import("lewidi", path, tmp_path, task="t")
    assert {r.reviewer: r.label for r in found.humans.records[0].rationales} == {
        "Ann1": "0",
        "Ann2": "1",
        "Ann3": "0",
    }
    assert found.report.scale == "nominal"
    assert (found.dropped, found.report.annotations_read) == ({"annotation": 1}, 5)
    assert not any("soft label" in note for note in found.report.notes)  # .67 is two of three, rounded
    other = do_import("lewidi", path, tmp_path, task="t", fields={"label": "offensive language detection"})
    assert other.votes_on("a") == {"1": 2, "0": 1}
    with pytest.raises(InputError, match="there are: offensive language detection"):
        do_import("lewidi", path, tmp_path, task="t", fields={"label": "rudeness"})


def test_convabuse_severity_is_kept_and_its_folded_soft_label_understood(tmp_path: Path):
    turn = {
        **TWENTY_THREE,
        "text": json.dumps({"prev_agent": "hello", "prev_user": "hi", "agent": "yes?", "user": "go away"}),
        "annotations": "-2,1,-1",
        "soft_label": {"0": 1 / 3, "1": 2 / 3},
        "other_info": {"bot": "E.L.I.Z.A.", "conversation_id(s)": ["c9", "c10"]},
    }
    again = {**turn, "annotations": "1,1,-1"}
    found = do_import("lewidi", document(tmp_path, {"a": turn, "b": again}), tmp_path, task="t")
    assert found.votes_on("a") == {"-2": 1, "-1": 1, "1": 1}
    assert found.humans.labels == ("-2", "-1", "0", "1")
    assert list(found.humans.records[0].content) == ["prev_agent", "prev_user", "agent", "user"]
    assert found.humans.records[0].cluster == "c9"
    assert any("soft label of 1 items" in note for note in found.report.notes)  # b: one of three is abusive


def nli(marks: dict[str, str], people: str, shares: dict[str, float], explanations: list[str]) -> dict[str, Any]:
    return {
        "text": {"context": "It rained.", "statement": "It was wet."},
        "annotators": people,
        "annotations": marks,
        "soft_label": {name: {"0": 1 - share, "1": share} for name, share in shares.items()},
        "other_info": {"explanations": explanations},
    }


VARIERR = {
    "7": nli(
        {"Ann1": "neutral", "Ann2": "entailment,neutral", "Ann3": "entailment"},
        "Ann1,Ann2,Ann2,Ann3",
        {"contradiction": 0.0, "entailment": 0.667, "neutral": 0.667},
        ["not said", "rain wets", "one may shelter", "rain is wet"],
    )
}


def test_several_labels_of_a_person_are_dropped_and_counted_unless_one_is_asked_for(tmp_path: Path):
    path = document(tmp_path, VARIERR)
    found = do_import("lewidi", path, tmp_path, task="t")
    assert found.votes_on("7") == {"neutral": 1, "entailment": 1}
    assert found.humans.labels == ("contradiction", "entailment", "neutral")
    assert (found.dropped, found.report.annotations_read) == ({"several_labels": 1}, 3)
    assert {r.reviewer: r.evidence for r in found.humans.records[0].rationales} == {
        "Ann1": "not said",
        "Ann3": "rain is wet",
    }
    one = do_import("lewidi", path, tmp_path, task="t", fields={"label": "neutral"})
    assert one.votes_on("7") == {"yes": 2, "no": 1}  # .667 of its soft label
    said = {r.reviewer: (r.label, r.evidence) for r in one.humans.records[0].rationales}
    assert said["Ann2"] == ("yes", "one may shelter")
    assert not one.report.dropped
    with pytest.raises(InputError, match="did you mean 'neutral'"):
        do_import("lewidi", path, tmp_path, task="t", fields={"label": "netural"})


@pytest.mark.parametrize("content", ["[]", "{}", '{"a": 1}', '{"a": {"text": "x"}}'])
def test_what_is_no_lewidi_file_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"no LeWiDi file|has no annotations"):
        do_import("lewidi", path, tmp_path, task="t")


def test_csc_has_the_soft_labels_of_the_release(tmp_path: Path):
    path = real_data("lewidi_csc", "CSC_dev.json")
    found = do_import("lewidi", path, tmp_path, task="sarcasm")
    assert (found.report.items, found.report.annotations_kept, found.report.reviewers) == (704, 3186, 850)
    given = json.loads(path.read_text())
    soft = np.array([[record["soft_label"][label] for label in found.humans.labels] for record in given.values()])
    assert np.abs(found.humans.distribution - soft).max() < 1e-9
    assert not found.report.notes
    contexts = len({record["text"]["context"] for record in given.values()})
    alone = sum(record.cluster is None for record in found.humans.records)
    assert len({record.cluster for record in found.humans.records} - {None}) + alone == contexts == 71
