"""`panel-eval pilot`: what a single label leaves on the table, on a user's own items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.score import ScaleName


def pilot(
    labels: Annotated[Path, typer.Argument(help="Human soft labels, one item a line (JSONL); no judge is needed.")],
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file or shipped name; default: labels of the first item.")
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write a self-contained page.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the numbers as JSON; - prints them.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Say what keeping one label of each item would lose: bits, too good accuracy, too sure models."""
    from panel_eval import api
    from panel_eval.cli.console import to_stdout
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.report.pilot import print_pilot, render_pilot

    refuse_targets([path for path in (out, json) if path])
    found = api.pilot(
        labels, rubric=rubric, scale=None if scale is None else scale.value, seed=seed, resamples=resamples
    )
    if out:
        deliver(out, render_pilot(found))
    if json:
        deliver(json, json_text(found, json))
    if STDOUT not in (out, json):
        to_stdout(lambda console: print_pilot(found, console))
