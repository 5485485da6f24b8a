"""`panel-eval init`: a project that works at once, with the night on cron and GitHub Actions."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write the project to; made if need be.")],
    panel: Annotated[str | None, typer.Option(help="Name of the panel; default: that of the folder.")] = None,
    model: Annotated[
        str, typer.Option(help="The panel's first judge: a litellm model name, or a local one.")
    ] = "local/smollm2-135m",
    results: Annotated[
        str, typer.Option(help="Where runs are kept: a folder of the project, or a URL such as s3://bucket/panel.")
    ] = "results",
) -> None:
    """Write a working project: panel, rubric, prompts, example labels, Makefile, cron line, GitHub workflow.

    Every file says what it is for. Nothing that stands in the folder is touched.
    """
    from panel_eval import api
    from panel_eval.api.gated_run import RESULTS
    from panel_eval.errors import shorten

    project = api.init(folder, panel=panel, model=model, results=results)
    where = shorten(str(project.folder), 300)
    run = "panel-eval run" if results == RESULTS else f"panel-eval run --results {results}"
    typer.echo(f"{where} holds {len(project.files)} files; README.md says what each is for. Next:")
    typer.echo(f"  cd {shlex.quote(where)}")
    for command, does in (("panel-eval plan", "what a run would buy"), (run, "ask the judges")):
        typer.echo(f"  {command:<20} # {does}")
