"""`panel-eval allocate`: which items should get how many more reviewers, under a budget."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.score import ScaleName


class AimName(StrEnum):
    """What further reviews are to tell."""

    DISTRIBUTION = "distribution"
    CLASS = "class"


def allocate(
    labels: Annotated[Path, typer.Argument(help="Human soft labels, one item a line (JSONL). No judge is needed.")],
    budget: Annotated[int, typer.Option(min=0, help="Reviews that may be spent: one reviewer on one item each.")],
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file or shipped name; default: labels of the first item.")
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    aim: Annotated[
        AimName,
        typer.Option("--for", help="What the reviews are to tell: the labels' shares, or the disagreement class."),
    ] = AimName.DISTRIBUTION,
    most: Annotated[int, typer.Option(min=1, max=20, help="Further reviewers an item at most.")] = 5,
    cost: Annotated[
        float | None, typer.Option(min=0, help="What one review costs, in any money; default: not counted.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the items as CSV: reviews, gain, whom to ask.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - prints it.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of draws and intervals.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Say which items should get how many more reviewers, what each review buys, and whom to ask."""
    from panel_eval import api
    from panel_eval.cli.console import say, to_stdout
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.errors import shorten
    from panel_eval.report.allocation import print_review_plan

    refuse_targets([path for path in (out, json) if path])
    if out == STDOUT:
        raise typer.BadParameter("the table goes to a file", param_hint="--out")
    plan = api.allocate_reviews(
        labels,
        budget,
        rubric=rubric,
        scale=None if scale is None else scale.value,
        aim=aim.value,
        most=most,
        cost=cost,
        seed=seed,
        resamples=resamples,
    )
    if out is not None:
        say(f"panel-eval: wrote {shorten(str(api.write_plan_csv(plan, out)), 300)}")
    if json is not None:
        deliver(json, json_text(plan, json))
    if json != STDOUT:
        to_stdout(lambda console: print_review_plan(plan, console))
