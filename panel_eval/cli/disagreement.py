"""`panel-eval disagreement`: where people disagree, and whether the rubric is to blame."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.score import ScaleName


def disagreement(
    labels: Annotated[Path, typer.Argument(help="Human soft labels, one item a line (JSONL). No judge is needed.")],
    rubric: Annotated[
        str | None,
        typer.Option(
            help="Rubric file or shipped name, whose criteria are looked at; default: those named in the file."
        ),
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the numbers as JSON; - prints them.")] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Write one row an item: votes, class, chances, quadrant, confidence."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of draws and intervals.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Say where people disagree, how sure that is, whether they are unsure, and by which criterion."""
    from panel_eval import api
    from panel_eval.cli.console import say, to_stdout
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.errors import shorten
    from panel_eval.report.disagreement import print_disagreement

    refuse_targets([path for path in (csv, json) if path])
    if csv == STDOUT:
        raise typer.BadParameter("the table goes to a file", param_hint="--csv")
    found = api.disagreement(
        labels, rubric=rubric, scale=None if scale is None else scale.value, seed=seed, resamples=resamples
    )
    if csv is not None:
        say(f"panel-eval: wrote {shorten(str(found.write_csv(csv)), 300)}")
    if json is not None:
        deliver(json, json_text(found.document, json))
    if json != STDOUT:
        to_stdout(lambda console: print_disagreement(found.document, console))
