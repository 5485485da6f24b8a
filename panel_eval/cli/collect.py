"""`panel-eval collect`, and what `panel-eval run --batch` says: votes bought in providers' batches."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import say
from panel_eval.cli.progress import VoteProgress

if TYPE_CHECKING:
    from panel_eval.api.batching import Submitted
    from panel_eval.api.collecting import Collected
    from panel_eval.engine.batch import Collection

INCOMPLETE = 5
INTERRUPTED = 130


def collect(
    run: Annotated[Path, typer.Argument(help="The run directory that `panel-eval run --batch` made.")],
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Look again and again until all batches have ended (usually within a day)."),
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Then ask live, at the full price, for votes that expired or failed."),
    ] = False,
    cancel: Annotated[
        bool,
        typer.Option("--cancel", help="First end all batches; what they answered by then is kept, and billed."),
    ] = False,
    every: Annotated[float, typer.Option(min=1.0, help="With --wait: seconds between two looks.")] = 60.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="With --live: also ask again for votes that ended in an error.")
    ] = False,
    panel: Annotated[
        Path | None, typer.Option(help="The panel file, if it was moved since the run began.", show_default=False)
    ] = None,
    other_key: Annotated[
        bool,
        typer.Option("--other-key", help="Your key was changed since; the new one belongs to the same account."),
    ] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BATCH",
            help="Give a batch up, by its id: its votes may be asked, and paid, again. May be repeated.",
            show_default=False,
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Fetch the votes of a run that are out in providers' batches, and score the run.

    Looks once, and ends with exit code 5 as long as votes are missing: run it again later, or add --wait. Ends with
    0 when the run is complete and sealed. Collecting as often as you like costs nothing and stores each vote once.
    """
    from panel_eval import api
    from panel_eval.engine import StopSignal
    from panel_eval.report import print_summary, terminal

    stop = StopSignal()
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
            resamples=resamples,
            on_progress=progress.show,
            on_round=say_round,
            stop=stop,
        )
    if done.result is not None:
        print_summary(
            done.result.metrics, terminal(), run_dir=done.result.directory, report_path=done.result.report_path
        )
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
    if result is not None and result.failed:
        say(f"{result.failed} votes ended in an error; they count as missing, never as a label.")
    raise typer.Exit(INTERRUPTED if interrupted else INCOMPLETE)


def end_submitting(done: Submitted, interrupted: bool) -> None:
    """Say what was submitted and how to collect it, and end with the exit code that fits."""
    from panel_eval.report import print_summary, terminal

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
        print_summary(
            done.result.metrics, terminal(), run_dir=done.result.directory, report_path=done.result.report_path
        )
    if done.out:
        say(f"{done.votes_out} votes are out in {len(done.out)} batches; providers answer within a day.")
        say(f"Collect them: panel-eval collect {shlex.quote(str(done.directory))}")
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if done.left or (done.result is not None and done.result.incomplete):
        if done.left:
            say(f"{done.left} of {done.planned} votes are neither stored nor out. Run the same command again.")
        raise typer.Exit(INCOMPLETE)
