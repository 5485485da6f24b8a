"""`panel-eval estimate`: what a pool of items is like, from a small human sample and the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.console import say, to_stdout


def estimate(
    run: Annotated[
        Path, typer.Argument(help="A run directory whose judges were asked about unlabelled items too.")
    ],
    of: Annotated[
        list[str],
        typer.Option(help="severity, or LABEL[,LABEL…] for the rate of those; may be given several times."),
    ],
    fitted: Annotated[
        Path | None,
        typer.Option(help="A fitted pool (fitted.json of panel-eval fit). Default: as the run was scored."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="Fit the panel to the labelled items by this method (or auto), out of fold."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Metadata field with sampling weights, one over the chance to be labelled."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the folds; default: the run's.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="JSON file to write to.")] = None,
) -> None:
    """Estimate mean severity or violation rates of a pool, unbiased whatever the panel gets wrong.

    The run's labelled items are the sample, drawn at random from the same source as its unlabelled items.
    """
    from panel_eval import api
    from panel_eval.report.pool_text import print_pool

    found = api.estimate_pool(run, of, fitted=fitted, method=method, weights=weights, seed=seed, out=out)
    for warning in found.warnings:
        say(f"panel-eval: {warning}.")
    to_stdout(lambda console: print_pool(found, console))
