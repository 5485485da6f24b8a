"""`panel-eval run`: ask a panel of judges, or finish a run that was cut short."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.collect import end_submitting
from panel_eval.cli.console import say
from panel_eval.cli.engine import read_engine
from panel_eval.cli.progress import VoteProgress
from panel_eval.cli.shard import read_shard, say_merge

if TYPE_CHECKING:
    from panel_eval.api import RunResult, ShardResult

INCOMPLETE = 5
INTERRUPTED = 130


def run(
    panel: Annotated[Path, typer.Argument(help="The panel file (YAML).")],
    results: Annotated[Path, typer.Option(help="Folder in which run directories are made.")] = Path("results"),
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="When finishing a run, ask again for votes that ended in an error."),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start a new run even if an unfinished one could be gone on with.")
    ] = False,
    batch: Annotated[
        bool,
        typer.Option(
            "--batch",
            help="Submit votes to providers' batch services (often half the price, answers within a day) and end; "
            "[bold]panel-eval collect[/bold] fetches them. Judges whose provider has none are asked live.",
        ),
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Ask only about part I of N of the items; [bold]panel-eval merge[/bold] scores all together.",
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="What carries the requests: asyncio (this process) or ray (workers on a cluster).")
    ] = "asyncio",
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="HOST:PORT of the Ray head node, or auto; default: RAY_ADDRESS, else Ray is started here."
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Ask a panel of judges and score it. Run the same command again to finish a run that was cut short.

    Ctrl-C once: calls in flight are finished and a partial run is sealed and scored. Twice: stop at once.
    """
    from panel_eval import api
    from panel_eval.engine import StopSignal
    from panel_eval.report import print_summary, terminal

    stop, over = StopSignal(), read_engine(engine, ray_address, alone=not batch and shard is None)
    if shard is not None:
        part = read_shard(shard, batch)
        with VoteProgress() as progress:
            stored = api.run_shard(
                panel,
                part,
                results=results,
                retry_failed=retry_failed,
                fresh=fresh,
                on_progress=progress.show,
                stop=stop,
            )
        exit_after(stored, interrupted=stop.requested)
        say_merge(stored)
        return
    if batch:
        with VoteProgress() as progress:
            submitted = api.submit(
                panel,
                results=results,
                retry_failed=retry_failed,
                fresh=fresh,
                resamples=resamples,
                on_progress=progress.show,
                stop=stop,
            )
        end_submitting(submitted, interrupted=stop.requested)
        return
    with VoteProgress() as progress:
        result = api.run(
            panel,
            results=results,
            retry_failed=retry_failed,
            fresh=fresh,
            resamples=resamples,
            on_progress=progress.show,
            stop=stop,
            engine=over,
        )
    print_summary(result.metrics, terminal(), run_dir=result.directory, report_path=result.report_path)
    exit_after(result, interrupted=stop.requested)


def exit_after(result: RunResult | ShardResult, interrupted: bool) -> None:
    """End with the exit code that fits how far the run got."""
    for judge, why in result.stopped_judges.items():
        say(f"panel-eval: judge {judge} was given up: {why}")
    if not result.incomplete:
        return
    if result.unasked:
        say(f"panel-eval: {result.unasked} of {result.manifest.votes_planned} votes were not asked for.")
    if result.failed:
        say(f"panel-eval: {result.failed} votes ended in an error; they count as missing, never as a label.")
    say(
        "Run the same command again to finish" + (" (add --retry-failed for the errors)." if result.failed else ".")
    )
    raise typer.Exit(INTERRUPTED if interrupted else INCOMPLETE)
