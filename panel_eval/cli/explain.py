"""`panel-eval explain`: why the panel is split on one item, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def explain(
    run: Annotated[str, typer.Argument(help="A run directory, as written by run, score or demo, or its URL.")],
    item: Annotated[
        str | None, typer.Argument(help="Id of an item; without it the items that tell most are listed.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a self-contained page.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - prints it.")] = None,
) -> None:
    """Say why the panel is split on an item: votes, reviewers, and what both cite. No model is asked."""
    from panel_eval import api
    from panel_eval.cli.console import to_stdout
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.report.explanation import print_explanation, print_telling_items, render_explanation

    refuse_targets([path for path in (html, json) if path])
    if item is None:
        if html or json:
            raise typer.BadParameter("name the item that --html and --json are about", param_hint="ITEM")
        items = api.tell_items(run)
        to_stdout(lambda console: print_telling_items(items, console))
        return
    found = api.explain(run, item)
    if html:
        deliver(html, render_explanation(found))
    if json:
        deliver(json, json_text(found, json))
    if STDOUT not in (html, json):
        to_stdout(lambda console: print_explanation(found, console))
