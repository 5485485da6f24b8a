"""`panel-eval probe`: one small call to each judge, to see what really comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.console import to_stdout
from panel_eval.cli.run_options import PanelPath

UNABLE = 2


def probe(
    panel: PanelPath = Path("panel.yaml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Ask each judge once about a made-up item, and say what it can do and what the panel asks beyond that.

    Needs the panel and its rubric, no labels. Costs one small call a judge; nothing is stored. Ends with 2 if a
    judge cannot do what the panel asks, with a line for each trouble and how to mend it.
    """
    from panel_eval import api

    report = api.probe(panel)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        from panel_eval.report.probe_text import print_probe

        to_stdout(lambda console: print_probe(report, console))
    if not report.able:
        raise typer.Exit(UNABLE)
