"""Batch runs killed at every write to the disk and at every request: nothing is bought twice, nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_panel import VOTES, BatchRun

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

from batch_server import BatchServer, batch_server

STEPS = Path(__file__).with_name("killed_batch_run.py")
PROGRAM = Path(__file__).with_name("batch_panel.py")
FEW = {"n_items": 2, "judges": ("a",)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    monkeypatch.setenv("BATCH_TEST_KEY", "sk-thekeyofthebatchtests")
    with batch_server() as running:
        yield running


class Steps:
    """The program that takes steps in children that it can have killed."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, str(STEPS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def take(self, folder: Path, url: str, step: str, at: int = 0, how: str = "before") -> bool:
        """Take a step, killed at its `at`-th write. Returns whether it was killed."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        print(json.dumps([str(folder), url, step, at, how]), file=self._program.stdin, flush=True)
        killed = json.loads(self._program.stdout.readline())
        assert killed in (True, False)
        return killed

    def close(self) -> None:
        """End it."""
        self._program.communicate(timeout=20)


@pytest.fixture
def steps() -> Iterator[Steps]:
    taking = Steps()
    yield taking
    taking.close()


def stored_keys(folder: Path) -> Counter[str]:
    (journal,) = folder.glob("results/*/votes.jsonl")
    return Counter(json.loads(line)["vote_key"] for line in journal.read_text().splitlines())


@pytest.mark.slow
@pytest.mark.parametrize("how", ["before", "after", "torn"])
@pytest.mark.parametrize("step", ["submit", "collect"])
def test_killed_at_every_write_to_the_disk(server, steps, tmp_path, step, how):
    """At every single place where a process can die between two durable states."""
    keys = Counter(BatchRun(tmp_path / "plan", server.url, **FEW).plan.vote_keys)
    server.looks = 1
    kills = 0
    for at in range(1, 200):
        folder = tmp_path / f"killed-{at}"
        server.bought.clear()
        server.batches.clear()
        if step == "collect":
            steps.take(folder, server.url, "submit")
        killed = steps.take(folder, server.url, step, at, how)
        kills += killed
        steps.take(folder, server.url, "submit")
        steps.take(folder, server.url, "collect")
        assert server.bought == keys, f"killed {how} write {at}"
        assert stored_keys(folder) == keys, f"killed {how} write {at}"
        if not killed:
            break
    assert not killed
    assert kills >= 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "moment"),
    [
        ("submit", "before files"), ("submit", "after files"), ("submit", "before batches"),
        ("submit", "after batches"), ("collect", "before content"),
    ],
)  # fmt: skip
def test_killed_while_the_provider_works(server, tmp_path, monkeypatch, step, moment):
    """The provider got the request, or did what it says, and the process never hears of it."""
    run = BatchRun(tmp_path / "run", server.url)
    if step == "collect":
        run.submit()
        server.looks = 1
    server.stall = moment
    program = subprocess.Popen([sys.executable, str(PROGRAM), str(run.folder), server.url, step])
    assert server.stalled.wait(20)
    program.send_signal(signal.SIGKILL)
    program.wait()
    server.go.set()
    run.submit()
    server.looks = 1
    for _ in range(2):
        run.collect()
    assert server.bought == Counter(run.plan.vote_keys)
    assert stored_keys(run.folder) == Counter(run.plan.vote_keys)
    assert len(run.plan) == VOTES
