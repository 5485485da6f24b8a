"""`panel-eval validate`: check files of every contract and list everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import print_problems, say
from panel_eval.cli.contracts import Contract
from panel_eval.errors import InputError

if TYPE_CHECKING:
    from panel_eval.api.checking import FileKind


def validate(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Files of labels, unlabelled items or votes (.jsonl), rubrics or panels (.yaml), or files that "
            "panel-eval wrote (.json)."
        ),
    ],
    rubric: Annotated[
        str | None, typer.Option(help="Rubric file, or name of a shipped one, to check labels against.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Labels: demand the full contract, also what could be derived.")
    ] = False,
    kind: Annotated[
        Contract | None, typer.Option(help="What the files are; default: told from their content.")
    ] = None,
) -> None:
    """Check files and list every problem with its line, key and remedy. Exit code 2 if there are any."""
    from panel_eval.api import check_file

    failed = False
    told: FileKind | None = None if kind is None else kind.value
    for path in files:
        try:
            typer.echo(f"{path}: {check_file(path, rubric=rubric, strict=strict, kind=told)}")
        except InputError as error:
            failed = True
            print_problems(error)
    if failed:
        say("panel-eval: not valid")
        raise typer.Exit(2)
