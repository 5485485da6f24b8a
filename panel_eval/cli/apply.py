"""`panel-eval apply`: decide items by a policy, or hand them over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def apply(
    policy: Annotated[Path, typer.Option(help="A policy (policy.json of panel-eval fit).")],
    run: Annotated[
        Path | None, typer.Argument(help="A run directory: its labelled and unlabelled items are decided.")
    ] = None,
    votes: Annotated[
        Path | None, typer.Option(help="Instead of a run: votes of the policy's judges, one a line (JSONL).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for one line an item (JSONL); default: stdout.")
    ] = None,
) -> None:
    """Decide each item, or hand it to people, as a policy says: no model is asked."""
    from panel_eval import api
    from panel_eval.cli.console import say
    from panel_eval.errors import shorten

    applied = api.apply_policy(run, policy, votes=votes, out=out)
    if out is None:
        for line in applied.lines():
            typer.echo(line, nl=False)
    n, decided = len(applied.item_ids), int(applied.decisions.decided.sum())
    say(f"panel-eval: {decided} of {n} items decided, {n - decided} handed over")
    for words, count in applied.reasons_in_words().items():
        say(f"  {count}: {words}")
    say(f"Rule: {shorten(applied.policy.rule, 400)}.")
    for note in applied.notes:
        say(f"Note: {note}.")
    if applied.path is not None:
        say(f"Written to {shorten(str(applied.path), 300)}.")
