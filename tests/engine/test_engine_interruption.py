"""Runs that are killed or interrupted end up with the same votes as undisturbed ones, each once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from interrupted_run import DELAY_S, VOTES, panel

PROGRAM = Path(__file__).with_name("interrupted_run.py")


def start(folder: Path, delay_s: float = DELAY_S) -> subprocess.Popen[bytes]:
    # Unbuffered, so that the first line is read without what may stand after it: communicate() would miss that.
    command = [sys.executable, str(PROGRAM), str(folder), str(delay_s)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    return program


def keys_in(folder: Path) -> Counter[str]:
    (journal,) = folder.glob("results/*/votes.jsonl")
    return Counter(json.loads(line)["vote_key"] for line in journal.read_text().splitlines())


@pytest.mark.slow
def test_killed_at_random_moments_and_run_again(tmp_path):
    chance = random.Random(20260301)
    kills = 0
    for _ in range(12):
        program = start(tmp_path)
        time.sleep(chance.uniform(0.0, 0.15))
        program.send_signal(signal.SIGKILL)
        out, _ = program.communicate()
        kills += program.returncode == -signal.SIGKILL
        if b"sealed" in out:
            break
    stored_before = sum(keys_in(tmp_path).values())
    last = start(tmp_path)
    out, _ = last.communicate(timeout=60)
    state, stored, asked = out.split()
    plan, _judges = panel(tmp_path / "undisturbed")
    assert kills >= 2
    assert (state, int(stored)) == (b"sealed", VOTES)
    assert keys_in(tmp_path) == Counter(plan.vote_keys)
    # A whole last line that lacked its newline is kept, so at most the one torn line is asked again.
    assert int(asked) in {VOTES - stored_before, VOTES - stored_before + 1}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_drains_and_the_next_run_does_the_rest(tmp_path, number):
    program = start(tmp_path, 0.5)  # ten seconds in all: a slow machine must not end it before it is interrupted
    (journal,) = tmp_path.glob("results/*/votes.jsonl")
    while journal.stat().st_size == 0:
        time.sleep(0.01)
    program.send_signal(number)
    out, _ = program.communicate(timeout=30)
    state, stored, asked = out.split()
    assert program.returncode == 0
    assert state == b"partial"
    assert 0 < int(stored) == int(asked) < VOTES  # every call made was stored
    out, _ = start(tmp_path).communicate(timeout=60)
    assert out.decode().split() == ["sealed", str(VOTES), str(VOTES - int(stored))]
    assert set(keys_in(tmp_path).values()) == {1}


def test_signal_handlers_are_put_back():
    from panel_eval.engine import StopSignal, stop_on_interrupt

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    stop = StopSignal()
    with stop_on_interrupt(stop):
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.requested
        assert not stop.at_once
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.at_once
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
