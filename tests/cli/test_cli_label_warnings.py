"""`validate` tells what is suspicious in valid labels: on stderr, as JSON, and as an error where asked."""

from __future__ import annotations

import json

import jsonschema
import pytest
from command_line import CommandLine
from hostile_texts import BREAKING, XSS

from panel_eval.schema.documents import json_schema

TEXT = "The parcel came two weeks late and the box had been opened before"
TWICE = "".join(
    json.dumps({"item_id": name, "task": "t", "counts": {"no": 2, "yes": 1}, "content": {"text": TEXT}}) + "\n"
    for name in ("a", "b")
)


@pytest.fixture
def twice(cli: CommandLine) -> CommandLine:
    (cli.folder / "twice.jsonl").write_text(TWICE)
    return cli


def test_warnings_stand_on_stderr_and_leave_the_code_at_0(twice: CommandLine) -> None:
    ended = twice("validate", "twice.jsonl")
    assert ended.code == 0
    assert ended.out == "twice.jsonl: valid soft labels: 2 items, 6 ratings (2 minor)\n"
    assert "warning: 2 items share their whole text with another item (1 group)" in ended.err
    assert "twice.jsonl:1 (a, b): the same text 2 times" in ended.err


def test_warnings_can_be_errors_or_left_out(twice: CommandLine) -> None:
    assert twice("validate", "twice.jsonl", "--warnings-as-errors").code == 2
    ended = twice("validate", "twice.jsonl", "--no-warnings")
    assert (ended.code, ended.err) == (0, "")
    assert twice("validate", "twice.jsonl", "--no-warnings", "--warnings-as-errors").code == 2


def test_the_document_keeps_its_contract_and_is_the_same_every_time(twice: CommandLine) -> None:
    assert twice("validate", "twice.jsonl", "--json", "w.json").code == 0
    written = (twice.folder / "w.json").read_bytes()
    found = json.loads(written)
    jsonschema.Draft202012Validator(json_schema("label-warnings")).validate(found)
    assert found["warnings"][0]["examples"][0]["item_ids"] == ["a", "b"]
    assert twice("validate", "w.json").out == "w.json: a valid document of the kind label-warnings\n"
    assert twice("validate", "twice.jsonl", "--json", "w.json").code == 0
    assert (twice.folder / "w.json").read_bytes() == written
    assert json.loads(twice("validate", "twice.jsonl", "--json", "-").out) == found


def test_places_that_hold_something_else_are_refused(twice: CommandLine) -> None:
    for arguments in (
        ("twice.jsonl", "--json", "twice.jsonl"),
        ("twice.jsonl", "labels.jsonl", "--json", "w.json"),
        ("rubric.yaml", "--json", "w.json"),
        ("twice.jsonl", "--json", "none/w.json"),
        ("twice.jsonl", "--json", "w.json", "--fix"),
    ):
        assert twice("validate", *arguments).code == 2
    assert (twice.folder / "twice.jsonl").read_text() == TWICE


def test_hostile_names_are_shown_as_text(cli: CommandLine) -> None:
    texts = [*BREAKING, *XSS]
    records = [
        {
            "item_id": f"{k}{text}", "task": "t", "counts": {"no": 1, text: 0},
            "content": {text: TEXT, "x": "y" * 30},
            "rationales": [{"reviewer": text + " " * (k % 2), "label": "no", "seconds": 0.1, "at": text}],
        }
        for k, text in enumerate([texts[0]] * 40)
    ]  # fmt: skip
    (cli.folder / "hostile.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    ended = cli("validate", "hostile.jsonl")
    assert "warning: 1 reviewer may go by several names" in ended.err
    assert all(char.isprintable() or char == "\n" for char in ended.out + ended.err)
