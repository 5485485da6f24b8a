"""Labels handed on to annotation tools come back as they went, as far as the tool's format holds them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imports import do_import
from test_importing_properties import LABELS, write

from panel_eval.api import export_labels
from panel_eval.importing import Annotation, Entry, Item, Tally

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=12)
words = texts.filter(str.strip)
names = st.sampled_from(["a", "ann@example.org", "x,y", 'q"', "=1", "7", "00000000-0000-0000-0000-000000000001"])
answers = st.builds(
    Annotation,
    item_id=names,
    reviewer=st.none() | names,
    label=st.sampled_from(LABELS),
    line=st.none(),
    confidence=st.none() | st.floats(0, 1),
    evidence=st.none() | words,
    criterion=st.none() | words,
    seconds=st.none() | st.floats(0, 1e6),
    at=st.none() | st.sampled_from(["2026-01-02T03:04:05Z", "1969-12-31T23:59:59Z"]),
)
items = st.builds(
    Item,
    item_id=names,
    content=st.dictionaries(st.sampled_from(["text", "context", "label", "answer"]), words, max_size=3),
    cluster=st.none() | words,
    gold_label=st.none() | st.sampled_from(LABELS),
    split=st.none() | words,
    adjudicated_label=st.none() | st.sampled_from(LABELS),
    adjudication_reason=st.none() | words,
    metadata=st.dictionaries(
        texts, st.none() | st.booleans() | texts | st.integers() | st.lists(texts) | st.just({"x": 1}), max_size=3
    ),
    line=st.none(),
)
NOT_HELD = {"label-studio": (), "argilla": ("confidence", "seconds", "at"), "prodigy": ()}


def held(line: bytes, format_name: str) -> dict[str, Any]:
    """A record without what the format does not hold."""
    record = json.loads(line)
    for name in NOT_HELD[format_name]:
        if name in record:
            record[name] = None
        for rationale in record["rationales"]:
            rationale.pop(name, None)
    return record


@pytest.mark.parametrize("format_name", ["label-studio", "argilla", "prodigy"])
@given(entries=st.lists(answers | items, min_size=1, max_size=15))
@settings(max_examples=60, deadline=None)
def test_out_and_back_is_the_identity_for_what_the_format_holds(format_name: str, entries: list[Entry]):
    with TemporaryDirectory() as name:
        folder = Path(name)
        path, out = folder / "first.jsonl", folder / "out.json"
        if not write(entries, path)[1]:
            return
        export_labels(path, format_name, out)
        back = do_import(
            format_name, out, folder, task="t", label_order=list(LABELS), fields=dict(FIELDS[format_name])
        )
        assert not back.report.dropped
        again = [held(line, format_name) for line in (folder / "labels.jsonl").read_bytes().splitlines()]
        assert again == [held(line, format_name) for line in path.read_bytes().splitlines()]


FIELDS = {"label-studio": {"label": "label"}, "argilla": {"label": "label"}, "prodigy": {}}


@pytest.mark.parametrize(
    ("format_name", "what"),
    [("label-studio", "without annotations"), ("argilla", "without responses"), ("prodigy", "left out")],
)
def test_items_whose_votes_are_not_known_one_by_one_are_said(tmp_path: Path, format_name: str, what: str):
    path = tmp_path / "first.jsonl"
    entries = [Tally("a", shares={"yes": 0.6, "no": 0.4}, reviewers=4), Annotation("b", "r", "no")]
    write(entries, path)
    lost = export_labels(path, format_name, tmp_path / "out.json")
    assert f"1 item {what}: the single votes are not known" in lost


def task_in(format_name: str, item: str, label: str | None, meta: dict[str, Any]) -> dict[str, Any]:
    """A record as a tool has it, answered by one person if there is a label."""
    if format_name == "label-studio":
        result = [{"from_name": "l", "to_name": "t", "type": "choices", "value": {"choices": [label]}}]
        answers = [{"id": 1, "completed_by": 7, "result": result}] if label else []
        return {"id": 1, "data": {"item_id": item, "text": "x"}, "meta": meta, "annotations": answers}
    if format_name == "argilla":
        answers = [{"value": label, "user_id": "7", "status": "submitted"}] if label else []
        responses = {"l": answers} if label else {}
        return {"id": item, "fields": {"text": "x"}, "metadata": meta, "suggestions": {}, "responses": responses}
    options = [{"id": "yes", "text": "yes"}]
    chosen = {"answer": "accept", "accept": [label]} if label else {"answer": "ignore", "accept": []}
    return {"text": "x", "id": item, "meta": meta, "options": options, "_annotator_id": "7", **chosen}


@pytest.mark.parametrize("format_name", ["label-studio", "argilla", "prodigy"])
def test_numbers_beyond_any_are_null_in_what_is_written(tmp_path: Path, format_name: str):
    """1e999 is JSON and is read as infinity, which is none."""
    meta = {"n": math.inf, "m": [-math.inf, 2]}
    records = [task_in(format_name, "a", "yes", meta), task_in(format_name, "b", None, meta)]
    (tmp_path / "in.json").write_text(json.dumps(records).replace("Infinity", "1e999"))
    named = {"fields": {"item": "id"}} if format_name == "prodigy" else {}
    found = do_import(
        format_name, tmp_path / "in.json", tmp_path, want=("labels", "items"), label_order=["yes", "no"], **named
    )
    assert found.humans is not None
    assert found.humans.records[0].metadata == {"n": None, "m": [None, 2]}
    assert [item["metadata"] for item in found.items] == [{"n": None, "m": [None, 2]}]
