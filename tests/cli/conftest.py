"""The `cli` fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import LABELS, RUBRIC, VOTES, CommandLine


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    line = CommandLine(tmp_path, monkeypatch, capsys)
    line.write("labels.jsonl", LABELS)
    line.write("votes.jsonl", VOTES)
    line.write("rubric.yaml", RUBRIC)
    return line
