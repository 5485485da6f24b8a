"""`panel-eval publish`: a sealed run is put into object storage, where other machines find it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import say

if TYPE_CHECKING:
    from panel_eval.api import Published


def publish(
    run: Annotated[Path, typer.Argument(help="A sealed run directory.", metavar="RUN")],
    where: Annotated[
        str, typer.Argument(help="Where runs lie: s3://BUCKET/PREFIX, another URL, or a folder.", metavar="URL")
    ],
) -> None:
    """Publish a sealed run, with its report, QA document, fit/ and gate/. Publish again to add what has come since.

    Other machines read it by its URL: [bold]panel-eval report URL/RUN[/bold]. Nothing half is ever seen there, and
    a run that was published is never changed.
    """
    from panel_eval import api

    say_published(api.publish(run, where), where)


def say_published(published: Published | None, where: str) -> None:
    """Say what is in storage now; None for a run that is not sealed."""
    if published is None:
        say(f"panel-eval: not published to {where}: the run is not sealed yet. What is sealed is published.")
        return
    if not published.sent:
        say("panel-eval: all of it was there already")
    elif published.was_there:
        say(f"panel-eval: the run was there already; sent: {', '.join(published.sent)}")
    typer.echo(published.url)
