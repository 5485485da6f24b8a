"""`panel-eval report`: write report.html for a run directory, and print its summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="A run directory, as written by run, score or demo.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write; default: report.html in the run directory.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not print the summary.")] = False,
) -> None:
    """Write the self-contained HTML report of a run."""
    from panel_eval import api
    from panel_eval.cli.endings import show

    result = api.open_run(run)
    path = api.write_report(result, out)
    if quiet:
        typer.echo(str(path))
    else:
        show(replace(result, report_path=path))
