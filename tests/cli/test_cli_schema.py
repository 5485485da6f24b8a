"""`panel-eval schema NAME` prints a valid JSON Schema that accepts what the tool itself writes."""

from __future__ import annotations

import json

import jsonschema
import pytest
from command_line import CommandLine
from fitted_runs import JUDGES, write_pilot

from panel_eval.schema import DOCUMENTS


def faults(document: object, schema: dict[str, object]) -> list[str]:
    """What the independent validator finds wrong with a document."""
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_contract_is_a_valid_json_schema(cli: CommandLine, name: str) -> None:
    ended = cli("schema", name)
    assert ended.code == 0, ended.err
    jsonschema.Draft202012Validator.check_schema(json.loads(ended.out))


def test_what_score_writes_fits_the_published_schemas(cli: CommandLine) -> None:
    cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "rubric.yaml", "--out", "out")
    for name, file in (("metrics", "metrics.json"), ("run", "run.json")):
        schema = json.loads(cli("schema", name).out)
        assert faults(json.loads((cli.folder / "out" / file).read_text()), schema) == []
    schema = json.loads(cli("schema", "soft-label").out)
    for line in (cli.folder / "out/labels.jsonl").read_text().splitlines():
        assert faults(json.loads(line), schema) == []


def test_what_fit_apply_and_estimate_write_fits_the_published_schemas(cli: CommandLine) -> None:
    labels, votes, rubric = write_pilot(cli.folder)
    pool = cli.write("pool.jsonl", '{"item_id": "u0"}\n{"item_id": "u1"}\n')
    with votes.open("a") as file:
        file.writelines(
            f'{{"item_id": "{item}", "judge": "{judge}", "label": "mid"}}\n'
            for item in ("u0", "u1")
            for judge in JUDGES
        )
    files = ("--labels", str(labels), "--votes", str(votes), "--rubric", str(rubric), "--unlabelled", str(pool))
    for command in (
        ("score", *files, "--out", "run"),
        ("fit", "run", "--resamples", "100"),
        ("apply", "run", "--policy", "run/fit/policy.json", "--out", "decisions.jsonl"),
        ("estimate", "run", "--of", "high", "--out", "estimate.json"),
        ("export", "run", "--target", "both", "--fitted", "run/fit/fitted.json", "--out", "training"),
    ):
        ended = cli(*command)
        assert ended.code == 0, ended.err
    written = {
        "fitted-pool": "run/fit/fitted.json",
        "fit": "run/fit/fit.json",
        "policy": "run/fit/policy.json",
        "pool-estimate": "estimate.json",
        "training-export": "training/export.json",
    }
    for name, file in written.items():
        assert faults(json.loads((cli.folder / file).read_text()), json.loads(cli("schema", name).out)) == [], name
    for name, file in {"policy-decision": "decisions.jsonl", "unlabelled-item": "run/unlabelled.jsonl"}.items():
        schema = json.loads(cli("schema", name).out)
        for line in (cli.folder / file).read_text().splitlines():
            assert faults(json.loads(line), schema) == [], name
    written |= {"policy-decision": "decisions.jsonl", "run": "run/run.json", "metrics": "run/metrics.json"}
    for name, file in written.items():
        ended = cli("validate", file)
        assert ended.code == 0, ended.err
        assert (name if name != "policy-decision" else "valid decisions: 92 items") in ended.out
    policy = json.loads((cli.folder / "run/fit/policy.json").read_text())
    cli.write("policy.json", json.dumps(policy | {"risk": 2.0}))
    ended = cli("validate", "policy.json")
    assert ended.code == 2
    assert "policy.json: risk: " in ended.err  # as a policy, not line by line as labels


def test_an_unknown_name_is_a_usage_error(cli: CommandLine) -> None:
    ended = cli("schema", "votes")
    assert ended.code == 2
