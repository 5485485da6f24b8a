"""`panel-eval adjudicate` as a user meets it."""

from __future__ import annotations

import json

import pytest
from command_line import CommandLine
from hostile_texts import BREAKING, XSS

from panel_eval.schema import read_json
from panel_eval.schema.adjudication_report import AdjudicationReport

RUBRIC = """\
task: t
description: Is it so?
verifiable: true
labels:
  - {name: "no", definition: It is not so.}
  - {name: maybe, definition: Nobody can tell.}
  - {name: "yes", definition: It is so.}
adjudication:
  consumers:
    - {name: policy, why: it acts, rule: most_frequent}
"""


HOSTILE = (*BREAKING, *XSS)


@pytest.fixture
def adjudicate(cli: CommandLine) -> CommandLine:
    cli.write("policy.yaml", RUBRIC)
    return cli


def test_labels_where_people_agree_and_a_report_of_what_is_left(adjudicate: CommandLine) -> None:
    ended = adjudicate(
        "adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "--consumer", "policy", "-o", "out.jsonl",
        "--json", "report.json",
    )  # fmt: skip
    assert ended.code == 0
    assert "2 items of 3 got a label; every vote stays in the file." in ended.out
    assert "b: honest disagreement, 2 of 4 chose maybe, 1 no, 1 yes: only --force collapses it" in ended.out
    lines = [json.loads(line) for line in (adjudicate.folder / "out.jsonl").read_text().splitlines()]
    assert [line.get("adjudicated_label") for line in lines] == ["no", None, "yes"]
    report = read_json(adjudicate.folder / "report.json", AdjudicationReport)
    assert (report.adjudicated, report.kept_soft, report.dry_run) == (2, 1, False)
    assert adjudicate("validate", "out.jsonl", "--rubric", "policy.yaml").code == 0
    assert adjudicate("validate", "report.json").code == 0


def test_a_dry_run_writes_no_labels_and_one_of_the_two_must_be_said(adjudicate: CommandLine) -> None:
    before = sorted(path.name for path in adjudicate.folder.iterdir())
    ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "--items", "all", "--dry-run")
    assert (ended.code, "2 items of 3 would get a label" in ended.out) == (0, True)
    assert sorted(path.name for path in adjudicate.folder.iterdir()) == before
    for both in ([], ["-o", "out.jsonl", "--dry-run"]):
        ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "policy.yaml", *both)
        assert ended.code == 2
        assert "--dry-run" in ended.err


def test_a_rubric_without_a_policy_is_told_what_to_add(adjudicate: CommandLine) -> None:
    adjudicate.write("bare.yaml", RUBRIC.partition("adjudication:")[0])
    ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "bare.yaml", "-o", "out.jsonl")
    assert ended.code == 2
    assert "bare.yaml: adjudication: the rubric has no policy" in ended.err


def test_a_check_that_fails_makes_the_result_incomplete(adjudicate: CommandLine) -> None:
    adjudicate.write("check.py", "def check(item):\n    return {'a': 'no'}[item['item_id']]\n")
    adjudicate.write("policy.yaml", RUBRIC + "  verify: {check: python, entry: 'check.py:check'}\n")
    ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "-o", "out.jsonl")
    assert (ended.code, "--allow-code" in ended.err) == (2, True)
    ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "-o", "out.jsonl", "--allow-code")
    assert ended.code == 5
    assert "the check failed on 2 of 3 items" in ended.err
    assert "KeyError: 'b' (check.py:2)" in ended.out
    first = json.loads((adjudicate.folder / "out.jsonl").read_text().splitlines()[0])
    assert first["adjudicated_label"] == "no"


def test_the_document_may_be_printed(adjudicate: CommandLine) -> None:
    ended = adjudicate("adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "--dry-run", "--json", "-")
    assert AdjudicationReport.model_validate_json(ended.out).items == 3
    assert ended.out.isascii()


def test_no_text_from_data_reaches_the_terminal_as_a_command(adjudicate: CommandLine) -> None:
    rows = [
        {"item_id": f"{place} {text}", "task": "t", "counts": {"no": 1, "yes": 2}, "rationales": []}
        for place, text in enumerate(HOSTILE)
    ]
    adjudicate.write("hostile.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    decided = [
        {"item_id": row["item_id"], "label": "no", "reason": text, "by": text}
        for row, text in zip(rows, HOSTILE, strict=True)
        if text.strip()
    ]
    adjudicate.write("decided.jsonl", "".join(json.dumps(row) + "\n" for row in decided))
    ended = adjudicate(
        "adjudicate", "hostile.jsonl", "--rubric", "policy.yaml", "--decisions", "decided.jsonl", "--force",
        "-o", "out.jsonl",
    )  # fmt: skip
    assert ended.code == 0
    assert all(char.isprintable() or char == "\n" for char in ended.out + ended.err)
    assert adjudicate("validate", "out.jsonl", "--rubric", "policy.yaml").code == 0


def test_the_quality_document_reads_what_was_adjudicated(adjudicate: CommandLine) -> None:
    import panel_eval

    adjudicate(
        "adjudicate", "labels.jsonl", "--rubric", "policy.yaml", "--consumer", "policy", "--force", "-o", "o.jsonl"
    )
    found = panel_eval.label_quality(panel_eval.load_soft_labels(adjudicate.folder / "o.jsonl"), resamples=100)
    told = {reason.reason: (reason.items, reason.split_items) for reason in found.adjudication.reasons}
    assert told == {
        "required by policy": (2, 0),
        "honest disagreement, collapsed by force; required by policy": (1, 1),
    }
