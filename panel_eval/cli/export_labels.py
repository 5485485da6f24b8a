"""`panel-eval export-labels`: a label file in another tool's format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.console import say
from panel_eval.errors import shorten


def export_labels(
    labels: Annotated[Path, typer.Argument(help="A label file (JSONL).")],
    format_name: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="Such as long or label-studio; import --list has all."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File (or folder) to write; .csv, .tsv or .parquet for tables.")
    ],
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file, or name of a shipped one, to check the labels against.")
    ] = None,
) -> None:
    """Write labels for another tool, and say what its format cannot hold. `panel-eval import` reads them back."""
    from panel_eval import api

    for lost in api.export_labels(labels, format_name, out, rubric=rubric):
        say(f"panel-eval: lost or changed: {shorten(lost, 300)}")
    typer.echo(shorten(str(out), 1000))
