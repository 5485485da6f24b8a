"""`panel-eval validate`: check files of every contract, list everything that is wrong, and mend what is safe."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import print_problems, say
from panel_eval.cli.contracts import Contract
from panel_eval.errors import InputError

if TYPE_CHECKING:
    from panel_eval.api.checking import FileKind


class LabelScale(StrEnum):
    """Whether labels have an order."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


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
    scale: Annotated[
        LabelScale | None, typer.Option(help="Labels without a rubric: whether they have an order.")
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Labels: show what can safely be fixed, ask, and write it. Votes never change."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: write without asking.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="With --fix: write there and leave the file as it is.")
    ] = None,
) -> None:
    """Check files and list every problem with its line, key and remedy. Exit code 2 if there are any."""
    from panel_eval.api.checking import read_checked

    if (yes or out is not None) and not fix:
        raise InputError("--yes and -o go with --fix")
    if out is not None and len(files) > 1:
        raise InputError("-o names one file: fix one label file at a time")
    told: FileKind | None = None if kind is None else kind.value
    failed = False
    for path in files:
        try:
            if fix:
                from panel_eval.cli.repairing import RepairOptions, repair

                failed |= not repair(path, RepairOptions(rubric, scale and scale.value, strict, told, out, yes))
            else:
                checked = read_checked(path, rubric=rubric, strict=strict, kind=told, scale=scale and scale.value)
                typer.echo(f"{path}: {checked.summary}")
        except InputError as error:
            failed = True
            print_problems(error)
    if failed:
        say("panel-eval: not fixed" if fix else "panel-eval: not valid")
        raise typer.Exit(2)
