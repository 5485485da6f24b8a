"""A program that carries out `ray_panel`'s plan through workers on a Ray cluster. Run by the Ray tests.

Usage: python ray_run.py FOLDER URL COUNT ADDRESS [KEY_VARIABLE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ray_panel import wired_panel

from panel_eval.engine import RunDirectory, StopSignal, execute, run_async, stop_on_interrupt
from panel_eval.engine.ray import spread
from panel_eval.errors import PanelEvalError

CONCURRENCY = 32


def main(folder: Path, url: str, count: int, address: str | None, key: str | None) -> None:
    """Carry out the plan; the last line says how far it came."""
    plan, judges = wired_panel(folder, url, count, limits={"concurrency": CONCURRENCY}, api_key_env=key)
    stop = StopSignal()
    with stop_on_interrupt(stop), spread(judges, folder, address=address) as over:
        with RunDirectory.create(folder / "results", "panel", plan.plan_hash[:8]) as run:
            print("ready", flush=True)
            outcome = run_async(execute(plan, over.judges, run, stop=stop))
        facts = over.facts
    print(json.dumps({"state": outcome.state, "stored": outcome.stored, "engine": facts}), flush=True)


if __name__ == "__main__":
    where, base, number, head, *variable = sys.argv[1:]
    try:
        main(Path(where), base, int(number), head if head != "-" else None, *(variable or [None]))
    except PanelEvalError as error:
        print(json.dumps({"error": str(error), "exit_code": error.exit_code}), flush=True)
