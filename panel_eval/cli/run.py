"""`panel-eval run`: ask a panel of judges, or finish a run that was cut short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from panel_eval.cli import run_options as option
from panel_eval.cli.collect import end_submitting
from panel_eval.cli.console import say
from panel_eval.cli.engine import read_engine
from panel_eval.cli.progress import VoteProgress
from panel_eval.cli.shard import read_shard, say_merge
from panel_eval.errors import InputError

if TYPE_CHECKING:
    from panel_eval.api import RunResult, ShardResult
    from panel_eval.api.run_options import RunOptions
    from panel_eval.engine import StopSignal
    from panel_eval.schema import Budget, RunManifest

INCOMPLETE = 5
INTERRUPTED = 130


def run(
    panel: option.PanelPath,
    results: option.Results = Path("results"),
    retry_failed: option.RetryFailed = False,
    fresh: option.Fresh = False,
    reuse: option.Reuse = None,
    budget_usd: option.BudgetUsd = None,
    budget_tokens: option.BudgetTokens = None,
    allow_unpriced: option.AllowUnpriced = False,
    no_probe: option.NoProbe = False,
    batch: option.Batch = False,
    shard: option.ShardOf = None,
    engine: option.Engine = "asyncio",
    ray_address: option.RayAddress = None,
    resamples: option.Resamples = 2000,
) -> None:
    """Ask a panel of judges and score it. Run the same command again to finish a run that was cut short.

    Ctrl-C once: calls in flight are finished and a partial run is sealed and scored. Twice: stop at once.
    """
    from panel_eval.api.run_options import RunOptions

    alone = not batch and shard is None
    with VoteProgress() as progress:
        options = RunOptions(
            results=results,
            retry_failed=retry_failed,
            fresh=fresh,
            reuse=tuple(reuse or ()),
            budget=read_budget(budget_usd, budget_tokens),
            allow_unpriced=allow_unpriced,
            probe=not no_probe,
            resamples=resamples,
            on_progress=progress.show,
            on_notice=lambda line: say(f"panel-eval: {line}"),
            engine=read_engine(engine, ray_address, alone=alone),
        )
        end = _run(panel, options) if alone else _part(panel, options, batch, shard)
    end()


def read_budget(usd: float | None, tokens: int | None) -> Budget | None:
    """The limits given on the command line, or None.

    Raises:
        InputError: a limit that is not above zero.
    """
    from panel_eval.schema import Budget

    if usd is not None and not 0.0 < usd < float("inf"):
        raise InputError(f"--budget-usd must be above 0 (found {usd:g})")
    if tokens is not None and tokens < 1:
        raise InputError(f"--budget-tokens must be above 0 (found {tokens})")
    return None if usd is None and tokens is None else Budget(usd=usd, tokens=tokens)


def _run(panel: Path, options: RunOptions) -> Callable[[], None]:
    """Run; returns what is to be said when the progress is off the screen."""
    from panel_eval import api
    from panel_eval.report import print_summary, terminal

    result = api.run_with(panel, options)

    def end() -> None:
        print_summary(result.metrics, terminal(), run_dir=result.directory, report_path=result.report_path)
        exit_after(result, options.stop)

    return end


def _part(panel: Path, options: RunOptions, batch: bool, shard: str | None) -> Callable[[], None]:
    """Submit batches, or run a shard; returns what is to be said after it."""
    from panel_eval import api

    if shard is None:
        submitted = api.submit(panel, options)
        return lambda: end_submitting(submitted, interrupted=options.stop.requested)
    stored = api.run_shard(panel, read_shard(shard, batch), options)

    def end() -> None:
        exit_after(stored, options.stop)
        say_merge(stored)

    return end


def exit_after(result: RunResult | ShardResult, stop: StopSignal) -> None:
    """End with the exit code that fits how far the run got, and say what is missing and how to go on."""
    for run, votes in result.manifest.reused.items():
        say(f"panel-eval: {votes} votes were taken over from {run}.")
    for judge, why in result.stopped_judges.items():
        say(f"panel-eval: judge {judge} was given up: {why}")
    if not result.incomplete:
        return
    if result.over_budget:
        say(f"panel-eval: the budget had no room for {result.over_budget} votes. {_spent(result.manifest)}")
    if result.unasked:
        say(f"panel-eval: {result.unasked} of {result.manifest.votes_planned} votes were not asked for.")
    if result.failed:
        say(f"panel-eval: {result.failed} votes ended in an error; they count as missing, never as a label.")
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
