"""Documents that a command writes to files or prints, whole or not at all, and refused before the work is done."""

from __future__ import annotations

from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from panel_eval.schema import FileModel

STDOUT = Path("-")


def refuse_targets(targets: list[Path]) -> None:
    """Refuse what would only come out after the work is done.

    Raises:
        InputError: one place for two documents, or a file of a run.
    """
    from panel_eval.api.folders import refuse_run_file
    from panel_eval.errors import InputError

    for target in targets:
        if targets.count(target) > 1:
            where = "standard output" if target == STDOUT else "one file"
            raise InputError(f"{where} holds one of the documents asked for: name another place for the others")
        refuse_run_file(target)


def json_text(document: FileModel, path: Path) -> str:
    """As in all files; printed, in ASCII: a terminal would obey some characters that JSON lets through."""
    from panel_eval.api.documents import document_bytes

    text = document_bytes(document).decode()
    return f"{dumps(loads(text), indent=1)}\n" if path == STDOUT else text


def deliver(path: Path, text: str) -> None:
    """Write to a file, whole or not at all, or to standard output.

    Raises:
        InputError: the file cannot be written.
    """
    from panel_eval.api.folders import replace_file
    from panel_eval.cli.console import say
    from panel_eval.errors import InputError, Problem, shorten

    if path == STDOUT:
        typer.echo(text, nl=False)
        return
    try:
        replace_file(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    say(f"panel-eval: wrote {shorten(str(path), 300)}")
