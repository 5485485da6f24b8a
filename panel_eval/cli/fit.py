"""`panel-eval fit`: learn from a run's human labels how its judges are best joined, and what that is worth."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class TargetName(StrEnum):
    """What a pool is fitted to."""

    SOFT = "soft"
    HARD = "hard"


def fit(
    run: Annotated[Path, typer.Argument(help="A run directory, as written by run, score or demo.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write to; default: fit/ in the run directory.")
    ] = None,
    method: Annotated[str, typer.Option(help="How judges are joined; auto tries every way.")] = "auto",
    target: Annotated[
        TargetName, typer.Option(help="Learn from all reviewers' votes (soft) or from the majority label (hard).")
    ] = TargetName.SOFT,
    folds: Annotated[int, typer.Option(min=2, help="Folds of items that are scored out of fold.")] = 5,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of folds and draws; default: the run's.")] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Fit a panel to the human labels of a run: no model is asked."""
    from panel_eval import api
    from panel_eval.cli.console import say, to_stdout
    from panel_eval.report import print_fit

    result = api.fit(
        run,
        out=run / api.FIT if out is None else out,
        method=method,
        target=target.value,
        folds=folds,
        seed=seed,
        resamples=resamples,
        on_stage=lambda words: say(f"panel-eval: {words} …"),
    )
    to_stdout(lambda console: print_fit(result.report, console, result.directory))
    typer.echo(f"The report shows it, too: panel-eval report {run}")
