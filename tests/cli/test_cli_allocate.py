"""`panel-eval allocate` on a file: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hostile_texts import BREAKING, XSS
from typer.testing import CliRunner

from panel_eval.cli.app import app
from panel_eval.schema import json_schema
from panel_eval.schema.review_plan import ReviewPlan


def label_file(path: Path, n: int = 40, names: tuple[str, ...] = ("ann", "bob", "cy", "di", "=eve")) -> Path:
    """Items of three reviewers in turn: every third split three ways, the others unanimous."""
    lines = []
    for row in range(n):
        three = [names[(row + k) % len(names)] for k in range(3)]
        labels = ["a", "b", "c"] if row % 3 == 0 else ["a"] * 3
        counts = {label: labels.count(label) for label in "abc"}
        rationales = [{"reviewer": who, "label": label} for who, label in zip(three, labels, strict=True)]
        lines.append({"item_id": f"t-{row:02d}", "task": "t", "counts": counts, "rationales": rationales})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def allocate(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["allocate", *map(str, arguments), "--resamples", "100"])
    return done.exit_code, done.stdout, done.stderr if done.exception is None else str(done.exception)


def test_the_split_items_are_listed_with_people_who_have_not_seen_them(tmp_path):
    labels, plan, table = label_file(tmp_path / "labels.jsonl"), tmp_path / "plan.json", tmp_path / "plan.csv"
    code, said, _ = allocate(labels, "--budget", 14, "--most", 1, "--cost", "2.5", "--json", plan, "-o", table)
    assert code == 0
    assert "14 reviews, at 35.00: 14 of 40 items get one more reviewer each." in " ".join(said.split())
    found = ReviewPlan.model_validate_json(plan.read_bytes())
    assert [item.item_id for item in found.items] == [f"t-{row:02d}" for row in range(0, 40, 3)]
    assert found.items[0].could_review == ["=eve", "di"]  # equally loaded: by name
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
    assert [row["item_id"] for row in rows] == [item.item_id for item in found.items]
    assert rows[0]["votes"] == "a: 1; b: 1; c: 1"
    assert {row["suggested"] for row in rows} <= {"ann", "bob", "cy", "di", "'=eve"}


def test_json_alone_on_standard_output_is_the_published_contract(tmp_path):
    code, said, _ = allocate(label_file(tmp_path / "labels.jsonl"), "--budget", 9, "--for", "class", "--json", "-")
    assert code == 0
    assert ReviewPlan.model_validate_json(said).aim == "class"
    assert set(json.loads(said)) == set(json_schema("review-plan")["properties"])


def test_the_same_file_gives_the_same_bytes(tmp_path):
    labels = label_file(tmp_path / "labels.jsonl")
    runs = [allocate(labels, "--budget", 20, "--for", "class", "--json", "-")[1] for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    "wrong", [["--budget", "-1"], ["--budget", "5", "--most", "21"], [], ["--budget", "5", "-o", "-"]]
)
def test_what_makes_no_sense_is_refused_with_code_2(tmp_path, wrong):
    assert allocate(label_file(tmp_path / "labels.jsonl"), *wrong)[0] == 2


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(tmp_path):
    texts = [*XSS, *BREAKING]
    lines = [
        {"item_id": f"{row} {text}", "task": "t", "counts": {"a": 1, "b": 1},
         "rationales": [{"reviewer": f"{text}", "label": "a"}, {"reviewer": f"2{text}", "label": "b"}]}
        for row, text in enumerate(texts)
    ]  # fmt: skip
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, said, _ = allocate(path, "--budget", 12, "-o", tmp_path / "plan.csv")
    assert code == 0
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
    for row in csv.reader(io.StringIO((tmp_path / "plan.csv").read_text(encoding="utf-8-sig"), newline="")):
        assert not any(re.match(r"[=+\-@]", cell) and not re.match(r"-?\d", cell) for cell in row)
