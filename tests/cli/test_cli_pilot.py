"""`panel-eval pilot` on a file: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from panel_eval.cli.app import app
from panel_eval.schema import json_schema
from panel_eval.schema.pilot import PilotReport


def label_file(path: Path, n: int = 24) -> Path:
    """Items of three reviewers, every third one split two to one."""
    lines = [
        {"item_id": f"t-{row:02d}", "task": "t", "counts": {"a": 2, "b": 1} if row % 3 == 0 else {"a": 3, "b": 0}}
        for row in range(n)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def pilot(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["pilot", *map(str, arguments), "--resamples", "100"])
    return done.exit_code, done.stdout, done.stderr if done.exception is None else str(done.exception)


def test_it_says_what_is_lost_and_writes_page_and_numbers(tmp_path: Path) -> None:
    page, numbers = tmp_path / "pilot.html", tmp_path / "pilot.json"
    code, said, _ = pilot(label_file(tmp_path / "labels.jsonl"), "-o", page, "--json", numbers)
    assert code == 0
    found = PilotReport.model_validate_json(numbers.read_bytes())
    # Of the eight split items a third of left-out votes is right (a b tie), the others always: 1 - (1/3 * 2/3).
    assert found.accuracy is not None
    assert found.accuracy.next_vote_one_less.estimate is not None
    assert abs(found.accuracy.next_vote_one_less.estimate - 7 / 9) < 1e-12
    assert found.headline in " ".join(said.split())
    assert found.headline.replace("'", "&#39;") in page.read_text(encoding="utf-8")


def test_json_alone_on_standard_output_is_the_published_contract(tmp_path: Path) -> None:
    code, said, _ = pilot(label_file(tmp_path / "labels.jsonl"), "--json", "-")
    assert code == 0
    assert set(json.loads(said)) == set(json_schema("pilot")["properties"])


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    labels = label_file(tmp_path / "labels.jsonl")
    made = []
    for name in ("one", "two"):
        assert pilot(labels, "--json", tmp_path / name, "-o", tmp_path / f"{name}.html")[0] == 0
        made.append(((tmp_path / name).read_bytes(), (tmp_path / f"{name}.html").read_bytes()))
    assert made[0] == made[1]


def test_a_broken_file_writes_nothing(tmp_path: Path) -> None:
    labels, page = tmp_path / "labels.jsonl", tmp_path / "pilot.html"
    labels.write_text('{"item_id": "x", "task": "t", "counts": {"a": -1}}\n')
    code, _, said = pilot(labels, "-o", page)
    assert code != 0
    assert "labels.jsonl:1" in said
    assert not page.exists()


def test_one_place_holds_one_document(tmp_path: Path) -> None:
    code, _, said = pilot(label_file(tmp_path / "labels.jsonl"), "-o", "-", "--json", "-")
    assert code != 0
    assert "standard output holds one" in said
