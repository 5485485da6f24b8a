"""`panel-eval history`: the table, the files, and the exit code that a nightly job goes by."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from command_line import CommandLine
from history_folders import night, scored

from panel_eval.schema.history import HistoryReport


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored(tmp_path_factory.mktemp("run"))


def nights(run: Path, root: Path, changed: bool) -> None:
    for day in range(10):
        night(run, root, day, change=0.3 if changed and day >= 6 else 0.0)


def test_runs_are_shown_and_nothing_is_said_to_have_changed(cli: CommandLine, run: Path) -> None:
    nights(run, cli.folder / "results", changed=False)
    ended = cli("history", "--check")
    assert ended.code == 0
    assert "2026-03-10" in ended.out


def test_a_change_ends_with_one_only_if_asked_to_check(cli: CommandLine, run: Path) -> None:
    nights(run, cli.folder / "results", changed=True)
    assert cli("history").code == 0
    ended = cli("history", "--check", "--last", "3")
    assert ended.code == 1
    assert "20260307T020000Z-night" in "".join(ended.out.split())  # since when, though that night is not shown
    assert cli("history", "--check", "--since", "20260307T020000Z-night").code == 0
    assert cli("history", "--check", "--panel", "another").code == 0


def test_json_goes_to_a_file_or_to_stdout(cli: CommandLine, run: Path) -> None:
    nights(run, cli.folder / "results", changed=True)
    assert cli("history", "results", "--json", "history.json").code == 0
    read = HistoryReport.model_validate_json((cli.folder / "history.json").read_bytes())
    assert len(read.runs) == 10
    printed = cli("history", "--json", "-", "--alpha", "0.01").out
    assert json.loads(printed)["streams"][0]["alarm_at"] == pytest.approx(100)


def test_page_and_picture_are_written(cli: CommandLine, run: Path) -> None:
    nights(run, cli.folder / "results", changed=True)
    report = cli.write("results/20260301T020000Z-night/report.html", "<html></html>")
    assert cli("history", "--html", "trend.html", "--png", "trend.png").code == 0
    assert (cli.folder / "trend.png").read_bytes().startswith(b"\x89PNG")
    page = (cli.folder / "trend.html").read_text()
    assert report.relative_to(cli.folder).as_posix() in page
    assert cli("history", "--html", "nowhere/trend.html").code == 2


def test_runs_are_mirrored_into_a_database(cli: CommandLine, run: Path) -> None:
    pytest.importorskip("sqlalchemy")
    nights(run, cli.folder / "results", changed=True)
    ended = cli("history", "--db", "runs.db", "--last", "2")
    assert ended.code == 0
    assert "10 runs" in ended.err
    with sqlite3.connect(cli.folder / "runs.db") as database:
        assert database.execute("select count(*) from runs").fetchone() == (10,)


def test_wrong_usage_ends_with_two_and_writes_nothing(cli: CommandLine, run: Path) -> None:
    assert cli("history", "nowhere").code == 2
    nights(run, cli.folder / "results", changed=False)
    assert cli("history", "--alpha", "0.7").code == 2
    ended = cli("history", "--since", "20260301")
    assert ended.code == 2
    assert "20260301" in ended.err
    kept = (cli.folder / "results/20260301T020000Z-night/metrics.json").read_bytes()
    assert cli("history", "--json", "results/20260301T020000Z-night/metrics.json").code == 2
    assert (cli.folder / "results/20260301T020000Z-night/metrics.json").read_bytes() == kept
