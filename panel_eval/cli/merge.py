"""`panel-eval merge`: shards, or runs that were cut short, become one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import say

if TYPE_CHECKING:
    from panel_eval.api.merging import MergeResult

INCOMPLETE = 5
_SHOWN = 10


def merge(
    runs: Annotated[list[Path], typer.Argument(help="Run directories of the same panel.", metavar="RUN...")],
    results: Annotated[Path, typer.Option(help="Folder in which the new run directory is made.")] = Path("results"),
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Put runs of the same panel together, by vote key, into a new run, and score it. No judge is asked.

    Made for the parts of [bold]run --shard[/bold]. The order of the runs does not matter, and a run named twice, or
    merged before, counts once. Runs whose panel, rubric, labels or judges differ are refused (exit code 4).
    """
    from panel_eval import api
    from panel_eval.report import print_summary, terminal

    result = api.merge(runs, results=results, resamples=resamples)
    print_summary(result.metrics, terminal(), run_dir=result.directory, report_path=result.report_path)
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
    if result.failed:
        say(f"panel-eval: {result.failed} votes ended in an error; they count as missing, never as a label.")
    say("Finish the shards and merge again, or run the panel without --shard to go on with the merged run.")
    raise typer.Exit(INCOMPLETE)
