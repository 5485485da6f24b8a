"""`panel-eval reviewers`: every reviewer of a label file, and which of their votes to look at again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.score import ScaleName

_BYTE_ORDER_MARK = "\ufeff"


def reviewers(
    labels: Annotated[Path, typer.Argument(help="A label file (JSONL) whose rationales name the reviewers.")],
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file, or name of a shipped one, to check the labels against.")
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    reviewer: Annotated[str | None, typer.Option(help="One reviewer in detail.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a self-contained page.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - prints it.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the votes to look at again as a table; - prints it.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of resamples, permutations and draws.")] = 0,
    resamples: Annotated[
        int, typer.Option(min=100, help="Resamples behind intervals, and random orders behind tests of change.")
    ] = 2000,
) -> None:
    """Say of every reviewer: agreement, severity, gold items, confusion, change over time, votes to send back."""
    from panel_eval.api.reviewing import review_votes_csv, reviewer_report
    from panel_eval.cli.console import to_stdout
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.report.reviewing import print_reviewers, render_reviewers

    refuse_targets([path for path in (html, json, csv) if path])
    found = reviewer_report(
        labels,
        rubric=rubric,
        scale=None if scale is None else scale.value,
        reviewer=reviewer,
        seed=seed,
        resamples=resamples,
    )
    if html:
        deliver(html, render_reviewers(found))
    if json:
        deliver(json, json_text(found, json))
    if csv:
        deliver(csv, ("" if csv == STDOUT else _BYTE_ORDER_MARK) + review_votes_csv(found))
    if STDOUT not in (html, json, csv):
        to_stdout(lambda console: print_reviewers(found, console))
