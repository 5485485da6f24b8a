"""The `cli` fixture, and a scored run for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import LABELS, RUBRIC, VOTES, CommandLine
from fitted_runs import write_pilot


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    line = CommandLine(tmp_path, monkeypatch, capsys)
    line.write("labels.jsonl", LABELS)
    line.write("votes.jsonl", VOTES)
    line.write("rubric.yaml", RUBRIC)
    return line


@pytest.fixture
def run(cli: CommandLine) -> Path:
    """A scored pilot of sixty items (synthetic) in `run`."""
    write_pilot(cli.folder, 60)
    scored = cli(
        "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "mood.yaml", "--out", "run",
        "--resamples", "100",
    )  # fmt: skip
    assert scored.code == 0, scored.err
    return cli.folder / "run"
