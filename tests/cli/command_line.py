"""The command line as a user meets it: arguments in, exit code and text out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from panel_eval.cli import main

LABELS = """\
{"item_id": "a", "task": "t", "counts": {"no": 4, "maybe": 0, "yes": 0}, "content": {"text": "alpha"}}
{"item_id": "b", "task": "t", "counts": {"no": 1, "maybe": 2, "yes": 1}, "content": {"text": "beta"}}
{"item_id": "c", "task": "t", "counts": {"no": 0, "maybe": 1, "yes": 3}, "content": {"text": "gamma"}}
"""
VOTES = """\
{"item_id": "a", "judge": "j", "label": "no"}
{"item_id": "b", "judge": "j", "label": "maybe"}
{"item_id": "c", "judge": "j", "outcome": "refusal"}
{"item_id": "a", "judge": "k", "label": "maybe"}
{"item_id": "b", "judge": "k", "label": "yes"}
{"item_id": "c", "judge": "k", "label": "yes"}
"""
RUBRIC = """\
task: t
description: Is it so?
labels:
  - {name: "no", definition: It is not so.}
  - {name: maybe, definition: Nobody can tell.}
  - {name: "yes", definition: It is so.}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs commands in a folder that holds small valid files."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["panel-eval", *arguments])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        return Ended(code, out, err)

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the working folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path
