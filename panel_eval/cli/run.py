"""`panel-eval run`: ask a panel of judges, or finish a run that was cut short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.cli import run_options as option
from panel_eval.cli.collect import end_submitting
from panel_eval.cli.console import say, say_stopping
from panel_eval.cli.endings import exit_after, show
from panel_eval.cli.engine import read_engine
from panel_eval.cli.progress import VoteProgress
from panel_eval.cli.publish import say_published
from panel_eval.cli.shard import read_shard, say_merge

if TYPE_CHECKING:
    from panel_eval.api.run_options import RunOptions


def run(
    panel: option.PanelPath = Path("panel.yaml"),
    results: option.ResultsRoot = Path("results"),
    work: option.Work = Path("results"),
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
            work=work,
            retry_failed=retry_failed,
            fresh=fresh,
            reuse=tuple(reuse or ()),
            budget=option.read_budget(budget_usd, budget_tokens),
            allow_unpriced=allow_unpriced,
            probe=not no_probe,
            resamples=resamples,
            on_progress=progress.show,
            on_notice=lambda line: say(f"panel-eval: {line}"),
            engine=read_engine(engine, ray_address, alone=alone),
        )
        say_stopping(options.stop)
        end = _run(panel, options) if alone else _part(panel, options, batch, shard)
    end()


def _run(panel: Path, options: RunOptions) -> Callable[[], None]:
    """Run; returns what is to be said when the progress is off the screen."""
    from panel_eval import api

    options, url = api.bought_here(options)
    result = api.run_with(panel, options)

    def end() -> None:
        show(result)
        if url is not None:
            say_published(api.publish_sealed(result, url), url)
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
