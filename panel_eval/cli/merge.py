"""`panel-eval merge`: shards, or runs that were cut short, become one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import say
from panel_eval.cli.endings import INCOMPLETE, say_losses, show
from panel_eval.cli.run_options import Resamples, Results

if TYPE_CHECKING:
    from panel_eval.api.merging import MergeResult

_SHOWN = 10


def merge(
    runs: Annotated[list[Path], typer.Argument(help="Run directories of the same panel.", metavar="RUN...")],
    results: Results = Path("results"),
    resamples: Resamples = 2000,
) -> None:
    """Put runs of the same panel together, by vote key, into a new run, and score it. No judge is asked.

    Made for the parts of [bold]run --shard[/bold]. The order of the runs does not matter, and a run named twice, or
    merged before, counts once. Runs whose panel, rubric, labels or judges differ are refused (exit code 4).
    """
    from panel_eval import api

    result = api.merge(runs, results=results, resamples=resamples)
    show(result)
    _end(result)


def _end(result: MergeResult) -> None:
    """Say what is amiss, and end with the exit code that fits."""
    for conflict in result.conflicts[:_SHOWN]:
        say(f"panel-eval: {conflict}")
    if len(result.conflicts) > _SHOWN:
        say(f"panel-eval: … and {len(result.conflicts) - _SHOWN} more votes with two answers")
    if result.manifest.state == "sealed":
        return
    if result.missing:
        whose = ", ".join(f"{count} of judge {judge}" for judge, count in result.missing.items())
        missing = sum(result.missing.values())
        say(f"panel-eval: {missing} of {result.manifest.votes_planned} votes are missing: {whose}.")
    say_losses(result)
    say("Finish the shards and merge again, or run the panel without --shard to go on with the merged run.")
    raise typer.Exit(INCOMPLETE)
