"""JSON lines with one answer each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imports import do_import


def lines(folder: Path, *records: Any) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in records), encoding="utf-8")
    return path


def test_answers_with_texts_times_and_confidences(tmp_path: Path):
    source = lines(
        tmp_path,
        {"item": "t-1", "reviewer": "A", "label": "neg", "text": "It broke.", "confidence": 0.9, "seconds": 12},
        {"item": "t-1", "reviewer": "B", "label": "pos", "text": "It broke.", "at": 1767323045},
    )
    found = do_import("jsonl", source, tmp_path, task="t")
    record = found.humans.records[0]
    assert record.content == {"text": "It broke."}
    assert record.rationales[0].seconds == 12
    assert record.rationales[1].at == "2026-01-02T03:04:05Z"  # date -u -d @1767323045
    assert [(c.reviewer, c.value) for c in record.confidence] == [("A", 0.9)]


def test_fields_are_found_along_dotted_paths(tmp_path: Path):
    source = lines(
        tmp_path,
        {"doc": {"id": 7, "body": "x"}, "by": [{"name": "A"}], "answer": {"value": True}},
        {"doc": {"id": 7, "body": "x"}, "by": [{"name": "B"}], "answer": {"value": False}},
    )
    fields = {"item": "doc.id", "reviewer": "by.0.name", "label": "answer.value"}
    found = do_import("jsonl", source, tmp_path, task="t", fields=fields, content=["doc.body"])
    assert found.votes_on("7") == {"false": 1, "true": 1}
    assert found.humans.records[0].content == {"doc.body": "x"}


def test_lines_that_are_no_objects_are_counted(tmp_path: Path):
    good = [{"item": "a", "label": "x"}, {"item": "a", "label": "y"}]
    source = lines(tmp_path, good[0], "[1, 2", '"text"', "{", good[1], '{"item": "a", "label": NaN}')
    found = do_import("jsonl", source, tmp_path, task="t")
    assert found.dropped == {"no_record": 3, "no_answer": 1}
    assert found.report.unnamed == 2


def test_an_array_of_objects_reads_alike(tmp_path: Path):
    path = tmp_path / "answers.json"
    path.write_text('[{"item": 1, "label": 2.0}, {"item": 1, "label": 3}, 4]', encoding="utf-8")
    found = do_import("jsonl", path, tmp_path, task="t")
    assert found.votes_on("1") == {"2": 1, "3": 1}
    assert found.dropped == {"no_record": 1}


def test_a_text_that_changes_within_an_item_is_told(tmp_path: Path):
    source = lines(
        tmp_path,
        {"item": "a", "label": "x", "reviewer": "A", "text": "one"},
        {"item": "a", "label": "y", "reviewer": "B", "text": "two"},
    )
    found = do_import("jsonl", source, tmp_path, task="t")
    assert found.humans.records[0].content == {"text": "one"}
    assert found.dropped == {"contradiction": 1}


def test_keys_that_are_nothing_are_named(tmp_path: Path):
    source = lines(
        tmp_path,
        {"item": "a", "label": "x", "doc": {"body": "T"}, "mood": 1},
        {"item": "a", "label": "y", "doc": {"body": "T"}, "rater": "R", "note\n": ""},
    )
    found = do_import("jsonl", source, tmp_path, task="t", content=["doc.body"])
    (told,) = found.report.notes
    assert told.startswith("keys left out: mood, note\\n (--content")
