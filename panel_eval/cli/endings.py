"""How a command that works on a run ends: its summary, what the run lacks, how to go on, and the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import typer

from panel_eval.cli.console import say, to_stdout

if TYPE_CHECKING:
    from panel_eval.api import RunResult, ShardResult
    from panel_eval.engine import StopSignal
    from panel_eval.schema import RunManifest

INCOMPLETE = 5
INTERRUPTED = 130


class Losses(Protocol):
    """What a run has lost, however far it got."""

    @property
    def stopped_judges(self) -> Mapping[str, str]:
        """Judge id to the error that ended it."""

    @property
    def over_budget(self) -> int:
        """Votes that the budget had no room for."""

    @property
    def failed(self) -> int:
        """Votes that ended in an error."""


def show(result: RunResult) -> None:
    """Print the summary of a run."""
    from panel_eval.report import print_summary
    from panel_eval.report.costs import besides

    to_stdout(
        lambda console: print_summary(
            result.metrics, console, run_dir=result.directory, report_path=result.report_path
        )
    )
    if more := besides(result.metrics, result.manifest):
        say(f"{more}.")


def say_losses(run: Losses, spent: str = "") -> None:
    """Say which judges were given up, and which votes are lost to the budget or to errors."""
    for judge, why in run.stopped_judges.items():
        say(f"panel-eval: judge {judge} was given up: {why}")
    if run.over_budget:
        say(f"panel-eval: the budget had no room for {run.over_budget} votes. {spent}".rstrip())
    if run.failed:
        say(f"panel-eval: {run.failed} votes ended in an error; they count as missing, never as a label.")


def exit_after(result: RunResult | ShardResult, stop: StopSignal) -> None:
    """End with the exit code that fits how far the run got, and say what is missing and how to go on."""
    for run, votes in result.manifest.reused.items():
        say(f"panel-eval: {votes} votes were taken over from {run}.")
    if not result.incomplete:
        return
    say_losses(result, _spent(result.manifest))
    if result.unasked:
        say(f"panel-eval: {result.unasked} of {result.manifest.votes_planned} votes were not asked for.")
    again = "Run the same command again to finish"
    if result.over_budget:
        again = "Raise the budget (--budget-usd, --budget-tokens) and run the same command again to finish"
    say(again + (" (add --retry-failed for the errors)." if result.failed else "."))
    raise typer.Exit(INTERRUPTED if stop.requested else INCOMPLETE)


def _spent(manifest: RunManifest) -> str:
    spend = manifest.spend
    if spend is None:
        return ""
    uncertain = f", and at most ${spend.uncertain_usd:.4f} more uncertain" if spend.uncertain_usd else ""
    return f"Spent: ${spend.usd:.4f} known{uncertain}, {spend.tokens + spend.uncertain_tokens} tokens."
