"""How fast panel-eval collects votes, against bare loops over the same clients and against Inspect AI.

All contenders put the same questions to one local server (`chat_server.py`, a process of its own), each from a
fresh process, in short turns (`engine_watch.py`). Turns count between a quarter and 95 % of a
contender's votes, so imports, first connections, slow starts and stragglers count for nobody. panel-eval plans,
renders prompts, parses, and stores every vote in a run directory; the bare loops get their requests ready-made
and keep nothing. The run fails if votes are missing, or if panel-eval's requests were not those of the bare
loop.

    python benchmarks/engine.py [--quick] [--json FILE] [--inspect-python PATH] [--rss-through WIRE]

ratio_litellm_0ms     panel-eval through litellm ÷ bare litellm loop; the server answers at once, 64 calls at a time
ratio_litellm_200ms   the same; answers take 150 to 250 ms, 200 calls at a time
ratio_direct_0ms      panel-eval through its direct transport ÷ bare litellm loop
ratio_direct_200ms    panel-eval through its direct transport ÷ bare aiohttp loop
ratio_inspect_0ms     panel-eval through litellm ÷ Inspect AI; null where inspect_ai is not installed
cpu_ms_per_vote       processor time of panel-eval's process through litellm at 0 ms; _direct, _bare_…: the others'
rss_mb_1k, _100k      peak memory of a panel-eval process that collects so many votes; rss_mb: the larger
cpu_ms_1k, _100k      its processor time a vote, for asking and storing; planning is not in it
load_average          of the machine, before the run: over about 0.5 other work takes turns too, and ratios wobble
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine_panel_files import write_items, write_requests
from engine_watch import Contender, Turn, cpu_ms_per_vote, in_turns, rate, ratio
from server_process import HERE, ServerProcess, server_process

CONCURRENCY = {0: 64, 200: 200}
"""Milliseconds that an answer takes to calls in flight."""


@dataclass(frozen=True)
class Group:
    """Contenders that take turns.

    Attributes:
        delay_ms: how long an answer takes.
        names: who.
        settle_s: how long a contender runs before its turn counts.
        turn_s: how long a turn is.
    """

    delay_ms: int
    names: tuple[str, ...]
    settle_s: float
    turn_s: float


GROUPS = (
    Group(0, ("bare_litellm", "panel_litellm", "panel_direct", "bare_aiohttp", "inspect"), 0.02, 0.3),
    # The answers that came while a process stood still are let pass first.
    Group(200, ("bare_litellm", "panel_litellm"), 0.3, 2.0),
    # Here the 200 ms set the pace, not the machine: one after the other, since turns would bunch the requests.
    Group(200, ("bare_aiohttp", "panel_direct"), 0.0, math.inf),
)

VOTES = {
    ("bare_litellm", 0): (5_000, 1_100),
    ("panel_litellm", 0): (5_000, 1_100),
    ("panel_direct", 0): (30_000, 7_000),
    ("bare_aiohttp", 0): (60_000, 6_000),
    ("inspect", 0): (1_000, 200),
    ("bare_litellm", 200): (5_000, 1_200),
    ("panel_litellm", 200): (5_000, 1_200),
    ("panel_direct", 200): (15_000, 1_600),
    ("bare_aiohttp", 200): (15_000, 1_600),
}
"""How many votes, usually and if quick."""
WIRES = ("memory", "direct", "litellm")

Turns = dict[tuple[str, int], list[Turn]]


class Bench:
    """The server, the files, and who is measured.

    Args:
        folder: where files may be written.
        server: the chat server.
        inspect_python: an interpreter that has inspect_ai, or None.
        quick: few votes.
    """

    def __init__(self, folder: Path, server: ServerProcess, inspect_python: str | None, quick: bool) -> None:
        self._folder = folder
        self._server = server
        self._inspect_python = inspect_python
        self._quick = quick
        self._missing = {"inspect": inspect_python is None}
        self._names = 0

    def measure(self, group: Group) -> Turns:
        """Let contenders take turns; those that are not installed are left out."""
        delay_ms = group.delay_ms
        present = [name for name in group.names if not self._missing.get(name)]
        folders = {name: self._files(VOTES[name, delay_ms][self._quick], name) for name in present}
        contenders = {name: self._start(name, delay_ms, folder) for name, folder in folders.items()}
        in_turns(list(contenders.values()), group.settle_s, group.turn_s)
        _check_replies(contenders)
        return {(name, delay_ms): each.turns for name, each in contenders.items()}

    def memory(self, wire: str) -> dict[str, float | None]:
        """Peak memory and processor time of panel-eval at 1,000 and at 100,000 votes, side by side."""
        name = f"panel_{wire}"
        runs = [self._start(name, 0, self._files(votes, name)) for votes in (1_000, 100_000)]
        try:
            for run in runs:
                run.check()
        finally:
            for run in runs:
                run.kill()
        small, large = (run.report for run in runs)
        return {
            **rss_figures(float(small["rss_mb"]), float(large["rss_mb"])),
            "cpu_ms_1k": round(small["cpu_s"] / small["votes"] * 1000, 3),
            "cpu_ms_100k": round(large["cpu_s"] / large["votes"] * 1000, 3),
        }

    def _start(self, name: str, delay_ms: int, folder: Path) -> Contender:
        self._names += 1
        counted = f"{name}-{self._names}"
        arguments = [str(folder), self._server.url(f"{delay_ms}/{counted}/v1"), str(CONCURRENCY[delay_ms])]
        if name == "inspect":
            command = [str(self._inspect_python), str(HERE / "engine_inspect.py"), *arguments]
        else:
            command = [sys.executable, str(HERE / "engine_contenders.py"), name, *arguments]
        return Contender(counted, command, self._server, int(folder.name))

    def _files(self, votes: int, name: str) -> Path:
        """What a contender reads for so many votes, in a folder named after them."""
        folder = self._folder / str(votes)
        if not folder.exists():
            folder.mkdir()
            write_items(folder, votes)
        if not name.startswith("panel_") and not (folder / "requests.jsonl").exists():
            write_requests(folder)
        return folder


def _check_replies(contenders: dict[str, Contender]) -> None:
    """Equal requests get equal replies: panel-eval must have sent what the bare loop sent."""
    sums = {contenders[name].report["replies"] for name in ("bare_litellm", "panel_litellm") if name in contenders}
    if len(sums) > 1:
        raise RuntimeError("panel-eval and the bare litellm loop did not send the same requests")


def speed_figures(turns: Turns) -> dict[str, float | None]:
    """Ratios, processor time and rates."""
    found = {
        "ratio_litellm_0ms": _ratio(turns, "panel_litellm", "bare_litellm", 0),
        "ratio_litellm_200ms": _ratio(turns, "panel_litellm", "bare_litellm", 200),
        "ratio_direct_0ms": _ratio(turns, "panel_direct", "bare_litellm", 0),
        "ratio_direct_200ms": _ratio(turns, "panel_direct", "bare_aiohttp", 200),
        "ratio_inspect_0ms": _ratio(turns, "panel_litellm", "inspect", 0),
        "cpu_ms_per_vote": _rounded(cpu_ms_per_vote(turns["panel_litellm", 0]), 3),
    }
    for name in ("panel_direct", "bare_litellm", "bare_aiohttp", "inspect"):
        short = name.removeprefix("panel_")
        found[f"cpu_ms_per_vote_{short}"] = _rounded(cpu_ms_per_vote(turns.get((name, 0), [])), 3)
    for name, delay_ms in VOTES:
        found[f"per_s_{name}_{delay_ms}ms"] = _rounded(rate(turns.get((name, delay_ms), [])), 1)
    return found


def _ratio(turns: Turns, ours: str, theirs: str, delay_ms: int) -> float | None:
    return _rounded(ratio(turns.get((ours, delay_ms), []), turns.get((theirs, delay_ms), [])), 3)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def rss_figures(small: float, large: float) -> dict[str, float | None]:
    """Memory at 1,000 and at 100,000 votes."""
    return {
        "rss_mb": round(large, 1),
        "rss_mb_1k": round(small, 1),
        "rss_mb_100k": round(large, 1),
        "rss_growth_mb": round(large - small, 1),
    }


def interpreter_with_inspect(given: str | None) -> str | None:
    """The interpreter named, or this one if it has inspect_ai; None if neither."""
    python = given or sys.executable
    found = subprocess.run([python, "-c", "import inspect_ai, openai"], capture_output=True, check=False)
    if given and found.returncode:
        raise SystemExit(f"{given} cannot import inspect_ai and openai")
    return None if found.returncode else python


def print_table(figures: dict[str, Any], wire: str) -> None:
    for name, value in figures.items():
        print(f"{name:>28}  {'–' if value is None else format(value, ',')}")
    print(f"\nper_s: votes a second, steady part; cpu: milliseconds; memory runs through: {wire}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few votes; ends within 50 s")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--inspect-python", help="an interpreter that can import inspect_ai and openai")
    parser.add_argument("--rss-through", choices=WIRES, help="what the memory runs ask; memory: in process")
    arguments = parser.parse_args()
    inspect_python = interpreter_with_inspect(arguments.inspect_python)
    wire = arguments.rss_through or ("memory" if arguments.quick else "direct")
    turns: Turns = {}
    load = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory() as folder, server_process("chat_server.py") as server:
        bench = Bench(Path(folder), server, inspect_python, arguments.quick)
        for group in GROUPS:
            turns |= bench.measure(group)
        figures = speed_figures(turns) | bench.memory(wire) | {"load_average": load}
    print_table(figures, wire)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
