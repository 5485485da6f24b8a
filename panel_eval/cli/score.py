"""`panel-eval score`: compare votes made elsewhere with human soft labels."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ScaleName(StrEnum):
    """Whether labels have an order."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


class SmoothingName(StrEnum):
    """How the panel's forecast is smoothed."""

    DEFAULT = "default"
    NONE = "none"


def score(
    labels: Annotated[Path, typer.Option(help="Human soft labels, one item a line (JSONL).")],
    votes: Annotated[Path, typer.Option(help="Judges' votes, one a line (JSONL).")],
    out: Annotated[Path, typer.Option(help="Folder to write metrics.json and items.parquet to.")],
    unlabelled: Annotated[
        Path | None,
        typer.Option(help="Items without human labels (JSONL); votes on them are stored, not scored."),
    ] = None,
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file or shipped name; default: labels of the first item.")
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    smoothing: Annotated[
        SmoothingName,
        typer.Option(help="Smoothing of the forecast: Dirichlet 1/2 per label, or none (zeros give infinite KL)."),
    ] = SmoothingName.DEFAULT,
    fitted: Annotated[
        Path | None, typer.Option(help="Join the judges as this fitted.json says, made by panel-eval fit.")
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="A model among the votes to compare with the panel, not part of it; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
    report: Annotated[bool, typer.Option("--report", help="Also write report.html.")] = False,
) -> None:
    """Compare votes made elsewhere with human labels: no model is asked."""
    from panel_eval import api
    from panel_eval.cli.endings import show

    result = api.score(
        labels,
        votes,
        unlabelled=unlabelled,
        rubric=rubric,
        scale=None if scale is None else scale.value,
        smoothing=smoothing.value,
        fitted=fitted,
        beside=beside or (),
        seed=seed,
        resamples=resamples,
        out=out,
        report=report,
    )
    show(result)
    if result.report_path is None:
        typer.echo(f"For the full report: panel-eval report {result.directory}")
