"""Labels handed on to annotation tools come back as they went, as far as the tool's format holds them."""

from __future__ import annotations

import json
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
