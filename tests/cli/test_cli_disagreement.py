"""`panel-eval disagreement` on a file: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import io
import json
import re

from hostile_texts import BREAKING, XSS
from typer.testing import CliRunner

from panel_eval.cli.app import app
from panel_eval.schema import json_schema
from panel_eval.schema.disagreement import Disagreement


def disagreement(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["disagreement", *map(str, arguments), "--resamples", "100"])
    return done.exit_code, done.stdout


def written(path, texts):
    lines = [
        {"item_id": f"{text}", "task": "t", "counts": {"a": 1, "b": 1, "=c": 1},
         "rationales": [{"reviewer": f"r{k}", "label": label, "criterion": text, "confidence": 0.1 * k + 0.2}
                        for k, label in enumerate(("a", "b", "=c"))]}
        for text in texts
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_every_item_has_its_row_and_the_document_is_the_published_contract(tmp_path):
    labels, table = written(tmp_path / "labels.jsonl", [f"i{k:02d}" for k in range(30)]), tmp_path / "items.csv"
    code, said = disagreement(labels, "--csv", table, "--json", "-")
    assert code == 0
    found = Disagreement.model_validate_json(said)
    assert set(json.loads(said)) == set(json_schema("disagreement")["properties"])
    assert found.classes.counts["unresolved"] == 30
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
    assert [row["item_id"] for row in rows] == [f"i{k:02d}" for k in range(30)]
    assert {(row["votes: a"], row["votes: =c"], row["disagreement_class"]) for row in rows} == {
        ("1", "1", "unresolved")
    }
    chances = [sum(float(v) for k, v in row.items() if k.startswith("class_prob_")) for row in rows]
    assert all(abs(one - 1) < 1e-9 for one in chances)
    assert rows[3]["criteria"] == "i03"


def test_the_terminal_shows_the_answer_and_no_command_from_the_data(tmp_path):
    labels = written(tmp_path / "labels.jsonl", dict.fromkeys([*XSS, *BREAKING]))
    code, said = disagreement(labels, "--csv", tmp_path / "items.csv")
    assert code == 0
    assert "By their votes" in said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
    table = io.StringIO((tmp_path / "items.csv").read_text(encoding="utf-8-sig"), newline="")
    for row in csv.reader(table):
        assert not any(re.match(r"[=+\-@]", cell) and not re.match(r"-?\d", cell) for cell in row)


def test_the_same_file_gives_the_same_bytes(tmp_path):
    labels = written(tmp_path / "labels.jsonl", "abcdefghijkl")
    assert disagreement(labels, "--json", "-") == disagreement(labels, "--json", "-")


def test_bad_input_ends_with_2_and_writes_nothing(tmp_path):
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"item_id": "a", "task": "t", "counts": {"a": -1}}\n')
    assert disagreement(labels, "--csv", tmp_path / "items.csv")[0] == 2 or not (tmp_path / "items.csv").exists()
    assert not (tmp_path / "items.csv").exists()
    assert disagreement(labels, "--csv", "-")[0] == 2
