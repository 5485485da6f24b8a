"""Contenders watched from outside, in turns: one runs for a moment while the others are stopped (SIGSTOP).

The speed of a shared machine changes from second to second. Contenders that take short turns meet
the same machine; those that run one after the other do not. The rate comes from the server's count of a
contender's requests, the processor time from the system, so nothing in a contender is instrumented.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server_process import ServerProcess

LONGEST_S = 1_800.0
START_S = 120.0
SAMPLE_S = 0.05
STEADY = (0.25, 0.95)
"""The shares of a contender's votes between which turns count: no imports, slow starts, stragglers."""


@dataclass(frozen=True)
class Turn:
    """What a contender did in one turn."""

    round: int
    requests: float
    seconds: float
    cpu_s: float


@dataclass(frozen=True)
class _Sample:
    """A contender at one moment."""

    requests: int
    at: float
    cpu_s: float


class Contender:
    """One process that asks the server for votes.

    Args:
        name: its name; the server counts under it.
        command: prints a JSON object with `votes` on its last line.
        server: what it asks.
        votes: how many votes it must report, and how many requests it may send.

    Attributes:
        turns: its turns in the steady part.
        report: what it printed, once it has ended.
    """

    def __init__(self, name: str, command: Sequence[str], server: ServerProcess, votes: int) -> None:
        self.name = name
        self.votes = votes
        self.turns: list[Turn] = []
        self.report: dict[str, Any] = {}
        self._server = server
        self._output, self._errors = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(command, stdout=self._output, stderr=self._errors)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def count(self) -> tuple[int, float]:
        """Requests so far, and when the server said so."""
        said = self._server.read(f"count/{self.name}")
        return said["requests"], said["at"]

    def pause(self) -> None:
        """Stop the process until `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let the process run."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process if it still runs, and forget its output."""
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._errors.close()

    def _signal(self, number: signal.Signals) -> None:
        if not self.ended:
            self._process.send_signal(number)

    def take_turn(self, number: int, settle_s: float, seconds: float) -> None:
        """Run for a while; of the turn counts what lies in the steady part, unless that is a moment."""
        self.go_on()
        time.sleep(settle_s)
        samples: list[_Sample] = []
        with contextlib.suppress(FileNotFoundError):  # it has ended, and the system has forgotten it
            while not samples or samples[-1].at < samples[0].at + seconds:
                samples.append(self._sample())
                time.sleep(SAMPLE_S)
        self.pause()
        low, high = (share * self.votes for share in STEADY)
        steady = [each for each in samples if low <= each.requests <= high]
        if len(steady) > 2 and steady[-1].at - steady[0].at >= min(seconds, 1.0) / 2:
            self.turns.append(_turn(number, steady))

    def _sample(self) -> _Sample:
        if self.ended:
            raise FileNotFoundError
        requests, at = self.count()
        return _Sample(requests, at, cpu_seconds(self._process.pid))

    def check(self) -> None:
        """Read the report of the ended process.

        Raises:
            RuntimeError: it failed, or did not do what it was to do.
        """
        code = self._process.wait(LONGEST_S)
        self._output.seek(0)
        self._errors.seek(0)
        if code:
            raise RuntimeError(f"{self.name}: exit code {code}\n{self._errors.read()[-2000:]}")
        self.report = json.loads(self._output.read().strip().splitlines()[-1])
        if self.report["votes"] != self.votes or self.count()[0] not in (0, self.votes):
            raise RuntimeError(f"{self.name}: {self.votes} votes wanted; {self.report}; {self.count()[0]} requests")


def _turn(number: int, samples: Sequence[_Sample]) -> Turn:
    """What was done in a turn. The rate is a line's through all samples: requests may come in bursts."""
    seconds = samples[-1].at - samples[0].at
    slope = statistics.linear_regression([each.at for each in samples], [each.requests for each in samples]).slope
    return Turn(number, slope * seconds, seconds, samples[-1].cpu_s - samples[0].cpu_s)


def in_turns(contenders: Sequence[Contender], settle_s: float, turn_s: float) -> None:
    """Let contenders take turns until all have ended.

    Args:
        contenders: started already.
        settle_s: how long a contender runs before its turn is counted.
        turn_s: how long a turn is; infinite for one after the other.

    Raises:
        RuntimeError: one failed, or it took too long.
    """
    until = time.monotonic() + LONGEST_S
    try:
        _wait_for_first_requests(contenders)
        number = 0
        while running := [each for each in contenders if not each.ended]:
            number += 1
            for each in running:
                each.take_turn(number, settle_s, turn_s)
            if time.monotonic() > until:
                raise RuntimeError(f"not done within {LONGEST_S:g} s")
        for each in contenders:
            each.check()
    finally:
        for each in contenders:
            each.kill()


def _wait_for_first_requests(contenders: Sequence[Contender]) -> None:
    """Let all start side by side; each is stopped as soon as it has sent something."""
    starting = list(contenders)
    until = time.monotonic() + START_S
    while starting:
        if time.monotonic() > until:
            raise RuntimeError(f"{[each.name for each in starting]} have not sent anything within {START_S:g} s")
        for each in list(starting):
            if each.ended or each.count()[0]:
                each.pause()
                starting.remove(each)
        time.sleep(0.01)


def rate(turns: Sequence[Turn]) -> float | None:
    """Votes a second over turns; None without any."""
    return sum(turn.requests for turn in turns) / sum(turn.seconds for turn in turns) if turns else None


def cpu_ms_per_vote(turns: Sequence[Turn]) -> float | None:
    """Processor time a vote over turns, in milliseconds; None without any."""
    requests = sum(turn.requests for turn in turns)
    return sum(turn.cpu_s for turn in turns) / requests * 1000 if requests else None


def ratio(ours: Sequence[Turn], theirs: Sequence[Turn]) -> float | None:
    """Our rate ÷ theirs, over the rounds in which both had a turn; None without any."""
    common = {turn.round for turn in ours} & {turn.round for turn in theirs}
    above, below = (rate([turn for turn in turns if turn.round in common]) for turns in (ours, theirs))
    return None if above is None or not below else above / below


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, all threads, user and system (proc(5): fields 14 and 15)."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
