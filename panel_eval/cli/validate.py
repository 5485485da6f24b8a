"""`panel-eval validate`: check files of every contract, list everything that is wrong, and mend what is safe."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict, Unpack

import typer

from panel_eval.cli.console import print_problems, say
from panel_eval.cli.contracts import Contract
from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
from panel_eval.cli.repairing import RepairOptions, repair
from panel_eval.errors import InputError, Problem, shorten

if TYPE_CHECKING:
    from panel_eval.api.checking import CheckedFile, FileKind
    from panel_eval.schema import Scale


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
    warnings: Annotated[
        bool,
        typer.Option("--warnings/--no-warnings", help="Labels: also tell what is suspicious though it is valid."),
    ] = True,
    warnings_as_errors: Annotated[
        bool, typer.Option("--warnings-as-errors", help="Labels: end with code 2 if there are warnings.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option("--json", help="Labels: also write the warnings there, as JSON; - prints them.")
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
    """Check files and list every problem with its line, key and remedy. Exit code 2 if there are any.

    Of labels that are valid, also tell what is suspicious; of others, --fix mends what is safe.
    """
    _refuse(files, fix=fix, yes=yes, out=out, json=json, warnings=warnings, as_errors=warnings_as_errors)
    told: FileKind | None = None if kind is None else kind.value
    the_scale: Scale | None = None if scale is None else scale.value
    failed = False
    for path in files:
        try:
            if fix:
                failed |= not repair(path, RepairOptions(rubric, the_scale, strict, told, out, yes))
                continue
            checked = _check(path, json, rubric=rubric, strict=strict, kind=told, scale=the_scale)
            if warnings or json is not None:
                failed |= _warn(path, checked, json) and warnings_as_errors
        except InputError as error:
            failed = True
            print_problems(error)
    if failed:
        say("panel-eval: not fixed" if fix else "panel-eval: not valid")
        raise typer.Exit(2)


class _Terms(TypedDict):
    """What a file is checked by."""

    rubric: str | None
    strict: bool
    kind: FileKind | None
    scale: Scale | None


def _check(path: Path, json: Path | None, **terms: Unpack[_Terms]) -> CheckedFile:
    """Check a file, and say in a line what it holds where nothing else is printed."""
    from panel_eval.api.checking import read_checked

    checked = read_checked(path, **terms)
    if json != STDOUT:
        typer.echo(f"{path}: {checked.summary}")
    return checked


def _refuse(
    files: list[Path], *, fix: bool, yes: bool, out: Path | None, json: Path | None, warnings: bool, as_errors: bool
) -> None:
    """Refuse options that do not go together, before anything is done.

    Raises:
        InputError: which ones.
    """
    if (yes or out is not None) and not fix:
        raise InputError("--yes and -o go with --fix")
    if json is not None and fix:
        raise InputError("--json tells the warnings of a file as it is: fix it first, then ask for them")
    if (out is not None or json is not None) and len(files) > 1:
        raise InputError("-o and --json name one file: give one label file at a time")
    if as_errors and not warnings:
        raise InputError("--warnings-as-errors needs the warnings: leave --no-warnings out")
    if json is not None:
        refuse_targets([json])
        if json.resolve() == files[0].resolve():
            raise InputError(Problem("is the label file itself; --json names another", path=json))


def _warn(path: Path, checked: CheckedFile, json: Path | None) -> bool:
    """Tell what is suspicious in labels, on stderr and in the document asked for; whether there is anything."""
    if checked.labels is None:
        if json is not None:
            raise InputError(Problem("holds no labels: there are no warnings to write", path=path))
        return False
    from panel_eval.api.checking import check_labels
    from panel_eval.report.label_warnings import warning_lines

    found = check_labels(checked.labels, rubric=checked.rubric)
    for line in warning_lines(found, shorten(str(path), 300)):
        say(line)
    if json is not None:
        deliver(json, json_text(found, json))
    return bool(found.warnings)
