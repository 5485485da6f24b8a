"""`panel-eval collect`, and what `panel-eval run --batch` says: votes bought in providers' batches."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import typer

from panel_eval.cli import collect_options as option
from panel_eval.cli.console import say, say_stopping
from panel_eval.cli.endings import INCOMPLETE, INTERRUPTED, say_losses, show
from panel_eval.cli.progress import VoteProgress
from panel_eval.cli.run_options import Resamples, read_budget

if TYPE_CHECKING:
    from panel_eval.api.batching import Submitted
    from panel_eval.api.collecting import Collected
    from panel_eval.engine.batch import Collection


def collect(
    run: option.RunPath,
    wait: option.Wait = False,
    live: option.Live = False,
    cancel: option.Cancel = False,
    every: option.Every = 60.0,
    retry_failed: option.RetryFailed = False,
    budget_usd: option.BudgetUsd = None,
    budget_tokens: option.BudgetTokens = None,
    panel: option.MovedPanel = None,
    other_key: option.OtherKey = False,
    forget: option.Forget = None,
    resamples: Resamples = 2000,
) -> None:
    """Fetch the votes of a run that are out in providers' batches, and score the run.

    Looks once, and ends with exit code 5 as long as votes are missing: run it again later, or add --wait. Ends with
    0 when the run is complete and sealed. Collecting as often as you like costs nothing and stores each vote once.
    """
    from panel_eval import api
    from panel_eval.engine import StopSignal

    stop = StopSignal()
    say_stopping(stop)
    with VoteProgress() as progress:
        done = api.collect(
            run,
            panel=panel,
            live=live,
            wait=wait,
            cancel=cancel,
            every_s=every,
            other_key=other_key,
            forget=forget or (),
            retry_failed=retry_failed,
            budget=read_budget(budget_usd, budget_tokens),
            resamples=resamples,
            on_progress=progress.show,
            on_round=say_round,
            stop=stop,
        )
    if done.result is not None:
        show(done.result)
    _end_collecting(done, interrupted=stop.requested)


def say_round(found: Collection) -> None:
    """Say what one look at the batches found."""
    for record, status in found.waiting:
        done = f", {status.completed + status.failed} of {record.votes} done" if status.total else ""
        say(f"batch {record.name} (judge {record.judge}, {record.votes} votes): {status.state}{done}")
    for record in found.collected:
        say(
            f"batch {record.name} (judge {record.judge}): {record.status}, {record.stored} of {record.votes} stored"
        )


def _end_collecting(done: Collected, interrupted: bool) -> None:
    """Say what is missing and how to get it, and end with the exit code that fits."""
    for words in done.troubles:
        say(f"panel-eval: {words}")
    for words, count in done.unanswered.most_common(5):
        say(f"panel-eval: {count} votes came back without an answer: {words}")
    if done.oddities:
        counts = ", ".join(f"{count} {what}" for what, count in done.oddities.items())
        say(f"panel-eval: lines of results that were passed over: {counts}")
    result = done.result
    if result is not None and not result.incomplete and not done.out:
        return
    if result is not None:
        say_losses(result)
    _say_how_to_go_on(done)
    raise typer.Exit(INTERRUPTED if interrupted else INCOMPLETE)


def _say_how_to_go_on(done: Collected) -> None:
    run = shlex.quote(str(done.directory))
    if done.out:
        say(
            f"{done.votes_out} votes are still out in {len(done.out)} batches. Look again: panel-eval collect {run}"
        )
    if left := max(0, done.missing - done.votes_out):
        say(
            f"{left} votes are neither stored nor out. Ask them live: panel-eval collect {run} --live. "
            "Or submit them again: panel-eval run PANEL --batch"
        )
    elif done.result is not None and done.result.over_budget:
        say(f"Raise the budget to ask for them: panel-eval collect {run} --live --budget-usd, or --budget-tokens")
    elif done.result is not None and done.result.stopped_judges:
        say(f"Ask for what is missing once it is mended: panel-eval collect {run} --live")
    elif done.result is not None and done.result.failed:
        say(f"Ask for them again: panel-eval collect {run} --live --retry-failed")


def end_submitting(done: Submitted, interrupted: bool) -> None:
    """Say what was submitted and how to collect it, and end with the exit code that fits."""
    for judge, why in done.live.items():
        say(f"judge {judge} was asked live: {why}")
    for record in done.submission.sent:
        most = "" if record.usd is None else f", at most {record.usd:.2f} $"
        say(f"submitted batch {record.name}: {record.votes} votes of judge {record.judge}{most}")
    for words in done.submission.troubles:
        say(f"panel-eval: {words}")
    if done.submission.over_budget:
        say(f"panel-eval: {done.submission.over_budget} votes were not submitted: the budget has no room for them")
    if done.result is not None:
        show(done.result)
    incomplete = done.left or done.stopped_judges or done.over_budget or (done.result and done.result.incomplete)
    if incomplete:
        say_losses(done)
    if done.out:
        say(f"{done.votes_out} votes are out in {len(done.out)} batches; providers answer within a day.")
        say(f"Collect them: panel-eval collect {shlex.quote(str(done.directory))}")
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if incomplete:
        left = f"{done.left} of {done.planned} votes are neither stored nor out. " if done.left else ""
        say(f"{left}Run the same command again to go on.")
        raise typer.Exit(INCOMPLETE)
