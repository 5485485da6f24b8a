"""A run in a shell: interrupted, and with nobody who reads its output."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import LABELS, RUBRIC

PANEL = """\
panel: seen
rubric: rubric.yaml
labels: labels.jsonl
budget: {usd: BUDGET}
judges:
  - id: one
    model: fake/one.yaml
    samples: 400  # a minute's work: on a busy machine the interrupt must not come after the last vote
    limits: {concurrency: 2}
    price: {input_usd_per_mtok: 100, output_usd_per_mtok: 100}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "panel.yaml").write_text(PANEL.replace("BUDGET", "1000"))
    (tmp_path / "rubric.yaml").write_text(RUBRIC)
    (tmp_path / "labels.jsonl").write_text(LABELS)
    (tmp_path / "one.yaml").write_text("delay_s: 0.1\ndefault: maybe\n")
    return tmp_path


def started(folder: Path, *arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "panel_eval", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=subprocess.PIPE, text=True)


def test_an_interrupt_says_what_it_does(folder: Path) -> None:
    program = started(folder, "run", "panel.yaml", "--resamples", "100")
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in folder.glob("results/*/votes.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=30)
    assert program.returncode == 130
    assert "stopping; calls under way are finished first, a second Ctrl-C gives them up" in said
    assert "giving up" not in said
    assert "votes were not asked for" in said


@pytest.mark.parametrize(
    ("budget", "command", "code", "words"),
    [
        ("0.2", ("run", "panel.yaml", "--resamples", "100"), 5, "the budget had no room"),
        ("1000", ("plan", "panel.yaml"), 0, ""),
    ],
)
def test_the_exit_code_tells_of_the_run_also_where_nobody_reads_the_summary(
    folder: Path, budget: str, command: tuple[str, ...], code: int, words: str
) -> None:
    (folder / "panel.yaml").write_text(PANEL.replace("BUDGET", budget))
    (folder / "one.yaml").write_text("default: maybe\n")
    reading, writing = os.pipe()
    os.close(reading)
    program = started(folder, *command, stdout=writing)
    os.close(writing)
    _, said = program.communicate(timeout=30)
    assert program.returncode == code, said
    assert words in said
    assert "Traceback" not in said
