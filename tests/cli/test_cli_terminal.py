"""In a real terminal: the progress bar, and nothing from data that a terminal would obey."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from command_line import RUBRIC

PANEL = """\
panel: seen
rubric: rubric.yaml
labels: labels.jsonl
judges:
  - {id: one, model: fake/one.yaml, samples: 20, limits: {concurrency: 2}}
"""
LABELS = '{"item_id": "a", "task": "t", "counts": {"no": 3, "yes": 1}, "content": {"text": "alpha"}}\n'


def output_in_terminal(folder: Path, *arguments: str) -> str:
    """What `panel-eval` writes when stdout and stderr are a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "panel_eval", *arguments],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
    )  # fmt: skip
    os.close(theirs)
    chunks = []
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(ours)
    assert process.wait(timeout=30) == 0, b"".join(chunks)[-3000:]
    return b"".join(chunks).decode()


def test_the_bar_counts_votes_and_names_outcomes(tmp_path: Path) -> None:
    (tmp_path / "panel.yaml").write_text(PANEL)
    (tmp_path / "rubric.yaml").write_text(RUBRIC)
    (tmp_path / "labels.jsonl").write_text(LABELS)
    (tmp_path / "one.yaml").write_text("delay_s: 0.05\ndefault: {refuse: no thanks}\n")
    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output_in_terminal(tmp_path, "run", "panel.yaml"))
    lines = re.split(r"[\r\n]+", seen)
    bars = [line for line in lines if line.startswith("votes")]
    assert any("20/20" in bar for bar in bars)
    assert any(re.search(r"\d+\.\d/s, 0:0\d left", bar) for bar in bars)
    assert any(line.strip() == "20 refusal" for line in lines)
    assert any(re.search(r"\d of \d+ calls under way", line) for line in lines)
