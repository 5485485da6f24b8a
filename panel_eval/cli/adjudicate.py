"""`panel-eval adjudicate`: one label for items where there is a ground for it; all votes stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_INCOMPLETE = 5


def adjudicate(
    labels: Annotated[Path, typer.Argument(help="A soft-label file (JSONL). It is never changed.")],
    rubric: Annotated[
        str, typer.Option(help="Rubric file, or name of a shipped one; its key adjudication is the policy.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write the adjudicated file; another than LABELS.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Reference answers by item_id for the policy's check (JSONL, CSV …).")
    ] = None,
    content: Annotated[
        Path | None, typer.Option(help="A second file with the items' content, joined on item_id, for the check.")
    ] = None,
    consumer: Annotated[
        str | None, typer.Option(help="Who of the policy's consumers needs one label an item.")
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option(
            help="Items whose labels are asked for: an id, a file of ids, or all; may be repeated. With --consumer "
            "it restricts the consumer to them."
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(help="What people decided: item_id, label, reason, by, erred (JSONL, CSV …)."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Collapse honest disagreements too, and let decisions overrule a check; each reason says so.",
        ),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace labels that are there where a ground gives another one.")
    ] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run the policy's check in Python. Read its code first.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write no labels.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON; - prints it.")] = None,
) -> None:
    """Give items one label where the rubric's policy has a ground for it; honest disagreement stays a distribution.

    Exit code 5 if the policy's check failed on some items: the rest is written.
    """
    from panel_eval import api
    from panel_eval.cli.console import say, to_stdout
    from panel_eval.cli.deliveries import STDOUT, json_text, refuse_targets
    from panel_eval.errors import InputError, shorten
    from panel_eval.report.adjudication import print_adjudication

    if (out is None) != dry_run:
        raise InputError("name the file to write with -o, or say --dry-run; not both")
    refuse_targets([path for path in (out, json) if path])
    found = api.adjudicate(
        labels,
        out,
        rubric=rubric,
        answers=answers,
        content=content,
        consumer=consumer,
        items=items or (),
        decisions=decisions,
        force=force,
        replace=replace,
        allow_code=allow_code,
        json=None if json == STDOUT else json,
    )
    if json == STDOUT:
        typer.echo(json_text(found.report, json), nl=False)
    else:
        to_stdout(lambda console: print_adjudication(found.report, console))
    for path in (None if json == STDOUT else json, found.path):
        if path is not None:
            say(f"panel-eval: wrote {shorten(str(path), 300)}")
    if (check := found.report.check) is not None and check.failed:
        say(f"panel-eval: incomplete: the check failed on {check.failed:,} of {check.items:,} items")
        raise typer.Exit(_INCOMPLETE)
