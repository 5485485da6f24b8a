"""`panel-eval report`: write report.html for a run directory, its figures as pictures, and print its summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="A run directory, as written by run, score or demo, or its URL.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write; default: report.html in the run directory.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="DIR", help="Write every figure as a PNG file, too.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="DIR", help="Write every figure as an SVG file, too.")
    ] = None,
    items_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the items as a table for spreadsheets, too.")
    ] = None,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="Pictures without white paper behind them.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not print the summary.")] = False,
) -> None:
    """Write the self-contained HTML report of a run, and its figures as files of their own if asked to."""
    from panel_eval import api
    from panel_eval.cli.console import say
    from panel_eval.cli.endings import show

    result = api.open_run(run)
    pictures = api.write_pictures(result, png=png, svg=svg, transparent=transparent)
    if items_csv is not None:
        pictures = [*pictures, api.write_items_csv(result, items_csv)]
    path = api.write_report(result, out)
    if quiet:
        typer.echo(str(path))
    else:
        show(replace(result, report_path=path))
    for written in pictures:
        say(f"panel-eval: wrote {written}")
