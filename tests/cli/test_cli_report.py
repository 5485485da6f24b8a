"""`panel-eval report`: what it writes, where, and what it will not overwrite."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture
def run(cli: CommandLine) -> Path:
    scored = cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "scored")
    assert scored.code == 0
    return cli.folder / "scored"


def test_the_items_are_written_for_spreadsheets_beside_the_report(
    cli: CommandLine, run: Path, tmp_path: Path
) -> None:
    table = tmp_path / "items.csv"
    done = cli("report", str(run), "--csv", str(table), "--quiet")
    assert done.code == 0
    assert f"wrote {table}" in done.err
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["item_id"], row["content: text"]) for row in rows] == [
        ("a", "alpha"),
        ("b", "beta"),
        ("c", "gamma"),
    ]


def test_votes_are_not_overwritten_by_a_table(cli: CommandLine, run: Path) -> None:
    before = (run / "votes.jsonl").read_bytes()
    done = cli("report", str(run), "--csv", str(run / "votes.jsonl"))
    assert done.code == 2
    assert "must not be changed" in done.err
    assert (run / "votes.jsonl").read_bytes() == before
