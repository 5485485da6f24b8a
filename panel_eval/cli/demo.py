"""`panel-eval demo`: a panel of small local models on words that ten people rated each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.console import say, say_stopping
from panel_eval.cli.progress import VoteProgress


def demo(
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Replay the votes of a recorded run; needs no model, takes seconds.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Folder in which run directories are made.")] = Path("results"),
) -> None:
    """See it work: real (small, local) LLM judges on 60 words with ten human ratings each. No key, no network."""
    from panel_eval.cli.endings import exit_after, show
    from panel_eval.demo import run_demo
    from panel_eval.engine import StopSignal

    stop = StopSignal()
    say_stopping(stop)
    with VoteProgress() as progress:
        result = run_demo(results=results, recorded=recorded, on_progress=progress.show, stop=stop, say=say)
    show(result)
    exit_after(result, stop)
