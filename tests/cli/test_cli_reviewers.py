"""`panel-eval reviewers LABELS.jsonl`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from command_line import CommandLine

from panel_eval import reviewer_report
from panel_eval.schema.reviewer_report import ReviewerReport


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Forty items by three people; dee gives another label than the known one from the 21st on."""
    lines = []
    for row in range(40):
        own = {"ann": "yes", "bob": "yes", "cy": "yes", "dee": "yes" if row < 20 else "no"}
        said = [
            {"reviewer": who, "label": label, "at": f"2026-05-0{1 + row // 20}T08:{row % 20:02d}:00Z", "seconds": 9}
            for who, label in own.items()
        ]
        counts = {"yes": 4 - (row >= 20), "no": int(row >= 20)}
        lines.append(
            json.dumps(
                {"item_id": f"i{row:02d}", "task": "t", "counts": counts, "rationales": said, "gold_label": "yes"}
            )
        )
    path = tmp_path / "named.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_it_names_the_one_to_ask(labels: Path, cli: CommandLine) -> None:
    ended = cli("reviewers", str(labels), "--resamples", "200")
    text = " ".join(ended.out.split())
    assert ended.code == 0
    assert "1 of 4 reviewers fails gold items: dee." in text
    assert "1 of 4 reviewers got worse over time: dee." in text
    assert "20 votes are worth a second look." in text


def test_it_writes_page_json_and_table(labels: Path, cli: CommandLine, tmp_path: Path) -> None:
    page, numbers, table = (tmp_path / name for name in ("r.html", "r.json", "r.csv"))
    ended = cli(
        "reviewers",
        str(labels),
        "--resamples",
        "200",
        "--html",
        str(page),
        "--json",
        str(numbers),
        "--csv",
        str(table),
    )
    assert ended.code == 0
    found = ReviewerReport.model_validate_json(numbers.read_text())
    assert found == reviewer_report(labels, resamples=200)
    assert "dee" in page.read_text()
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert {row["reviewer"] for row in rows} == {"dee"}
    assert {row["others"] for row in rows} == {"yes 3"}
    assert cli("validate", str(numbers)).code == 0


def test_one_reviewer_and_a_name_that_is_none(labels: Path, cli: CommandLine) -> None:
    ended = cli("reviewers", str(labels), "--resamples", "200", "--reviewer", "dee", "--json", "-")
    assert [one["reviewer"] for one in json.loads(ended.out)["standings"]] == ["dee"]
    wrong = cli("reviewers", str(labels), "--resamples", "200", "--reviewer", "deee")
    assert wrong.code == 2
    assert "name one of the file's: dee" in wrong.err


def test_files_that_cannot_be_read_or_written_end_with_2(labels: Path, cli: CommandLine, tmp_path: Path) -> None:
    labels.write_text(labels.read_text() + "{broken\n")
    ended = cli("reviewers", str(labels))
    assert ended.code == 2
    assert "named.jsonl:41" in ended.err
    same = cli("reviewers", str(labels), "--json", "-", "--csv", "-")
    assert same.code == 2
    assert "standard output" in same.err
