"""A program that carries out a plan of slow scripted judges in FOLDER, resuming if it can. Run by the kill tests.

Usage: python interrupted_run.py FOLDER [SECONDS_AN_ANSWER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine_panel import items, judge, labels

from panel_eval.engine import (
    Plan,
    RunDirectory,
    StopSignal,
    execute,
    find_resumable,
    make_plan,
    run_async,
    stop_on_interrupt,
)
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.judge import Judge

VOTES = 120
DELAY_S = 0.03
"""Of each answer: long enough that kills meet the program at work on a slow machine, too."""


def panel(folder: Path, delay_s: float = DELAY_S) -> tuple[Plan, list[Judge]]:
    """The plan and its two judges."""
    from engine_panel import RUBRIC

    folder.mkdir(parents=True, exist_ok=True)
    judges = [
        judge(folder, name, FakeTransport(lambda _request: "kind", delay_s), samples=2, limits={"concurrency": 3})
        for name in ("a", "b")
    ]
    return make_plan(judges, labels(folder, items(VOTES // 4)), RUBRIC, 7), judges


def main(folder: Path, delay_s: float) -> None:
    """Carry out the plan, or go on with it."""
    plan, judges = panel(folder, delay_s)
    found = find_resumable(folder / "results", "panel", plan.hash8)
    with (
        RunDirectory.reopen(found) if found else RunDirectory.create(folder / "results", "panel", plan.hash8)
    ) as run:
        stop = StopSignal()
        print("ready", flush=True)
        with stop_on_interrupt(stop):
            outcome = run_async(execute(plan, judges, run, stop=stop))
    asked = sum(len(each.transport.requests) for each in judges if isinstance(each.transport, FakeTransport))
    print(outcome.state, outcome.stored, asked, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if sys.argv[2:] else DELAY_S)
