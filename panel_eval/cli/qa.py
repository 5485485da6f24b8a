"""`panel-eval qa`: the QA document of soft labels, or of a run, as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli.score import ScaleName


def qa(
    target: Annotated[
        Path, typer.Argument(help="A label file (JSONL; no judge is needed), or a run directory or its URL.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where to write; default for a run: qa.pdf in the run directory."),
    ] = None,
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file, or name of a shipped one, to check a label file against.")
    ] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels when there is no rubric; default: nominal.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Demand the full contract, also what could be derived.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option("--json", help="Also write the numbers there; - prints them.")
    ] = None,
    font: Annotated[
        list[Path] | None,
        typer.Option(help="A font file for characters that the document's fonts lack; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
) -> None:
    """Say whether soft labels are sound, as a PDF: agreement, reviewers, gold items, what to look at again.

    Exit code 2 if the file breaks its contract; the document is written all the same and lists where.
    """
    from panel_eval.api.qa import read_delivery, write_qa
    from panel_eval.cli.console import say
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text
    from panel_eval.errors import shorten
    from panel_eval.report.qa import require_typesetter

    require_typesetter()
    delivery = read_delivery(
        target,
        rubric=rubric,
        scale=None if scale is None else scale.value,
        strict=strict,
        seed=seed,
        resamples=resamples,
    )
    printed = json == STDOUT
    path = write_qa(delivery, out, json=None if printed else json, fonts=font or ())
    tell = say if printed else typer.echo
    if printed:
        deliver(STDOUT, json_text(delivery.quality, STDOUT))
    tell(shorten(" ".join(delivery.quality.verdict.sentences), 1000))
    tell(shorten(str(path), 1000))
    if found := delivery.quality.violations.total:
        problems = "1 problem" if found == 1 else f"{found:,} problems"
        say(f"panel-eval: {problems} in {shorten(delivery.name)}; the document says where")
        raise typer.Exit(2)
