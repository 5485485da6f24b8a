"""`panel-eval schema NAME` prints a valid JSON Schema that accepts what the tool itself writes."""

from __future__ import annotations

import json

import jsonschema
import pytest
from command_line import CommandLine

NAMES = ["soft-label", "rubric", "panel", "vote", "plan", "run", "metrics"]


def faults(document: object, schema: dict[str, object]) -> list[str]:
    """What the independent validator finds wrong with a document."""
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("name", NAMES)
def test_each_contract_is_a_valid_json_schema(cli: CommandLine, name: str) -> None:
    ended = cli("schema", name)
    assert ended.code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(ended.out))


def test_what_score_writes_fits_the_published_schemas(cli: CommandLine) -> None:
    cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "rubric.yaml", "--out", "out")
    for name, file in (("metrics", "metrics.json"), ("run", "run.json")):
        schema = json.loads(cli("schema", name).out)
        assert faults(json.loads((cli.folder / "out" / file).read_text()), schema) == []
    schema = json.loads(cli("schema", "soft-label").out)
    for line in (cli.folder / "out/labels.jsonl").read_text().splitlines():
        assert faults(json.loads(line), schema) == []


def test_an_unknown_name_is_a_usage_error(cli: CommandLine) -> None:
    ended = cli("schema", "votes")
    assert ended.code == 2
