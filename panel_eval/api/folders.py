"""Folders that a command writes its results to: never over somebody else's files, each file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import BinaryIO

from panel_eval.api.pool_files import POOL
from panel_eval.api.results import ITEMS, LABELS, MANIFEST, METRICS, QA, REPORT, UNLABELLED, VOTES, VOTES_TABLE
from panel_eval.api.results_urls import refuse_url
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema import read_bytes

Writer = Callable[[BinaryIO], object]
"""Writes the bytes of one file, piece by piece."""
_OF_A_RUN = frozenset({ITEMS, LABELS, MANIFEST, METRICS, POOL, QA, REPORT, UNLABELLED, VOTES, VOTES_TABLE})


def write_folder(out: Path, files: Mapping[str, Writer], *, stale: Collection[str] = ()) -> None:
    """Write files to a folder that may be theirs, all or none: nothing is put in place before all are written.

    Args:
        out: the folder; made if need be.
        files: name (or path from the folder) to writer; put in place in their order, the one that makes the
            folder what it is last.
        stale: names of files of an earlier result that would not fit this one.

    Raises:
        InputError: a file cannot be written; what stood there still does.
    """
    refuse_url(out, "name a folder")
    temporary = {name: _temporary(out / name) for name in files}
    try:
        out.mkdir(parents=True, exist_ok=True)
        try:
            for name, write in files.items():
                temporary[name].parent.mkdir(parents=True, exist_ok=True)
                _write(temporary[name], write)
            for name, path in temporary.items():
                path.replace(out / name)
        finally:
            for path in temporary.values():
                path.unlink(missing_ok=True)
        for name in stale:
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=out)) from None


def refuse_foreign(out: Path, made_by: str, mark: tuple[str, bytes]) -> None:
    """Check that a folder is new, empty, or was written by the same command before.

    Args:
        out: the folder.
        made_by: the command.
        mark: a file that the command leaves, and bytes that it holds.

    Raises:
        InputError: it holds something else.
    """
    if out.exists() and not out.is_dir():
        raise InputError(Problem("is a file; --out names a folder", path=out))
    if not out.exists() or not any(out.iterdir()):
        return
    marked = out / mark[0]
    if not (marked.exists() and mark[1] in read_bytes(marked)):
        fix = "name a new folder for the results"
        raise InputError(Problem(f"is not empty and was not written by {made_by}", path=out, fix=fix))


def refuse_run_file(target: Path) -> None:
    """Check that a file that a user names to write to is none of a run directory's own: votes cost money.

    Raises:
        InputError: it is.
    """
    if target.name in _OF_A_RUN and (target.parent / MANIFEST).exists():
        message = f"is a file of the run in {shorten(str(target.parent), 300)}, which must not be changed"
        raise InputError(Problem(message, path=target, fix="name another file"))


def refuse_stdout(target: Path) -> None:
    """Check that a file to write is not `-`: that is standard output elsewhere, and here would be a file called so.

    Raises:
        InputError: it is `-`.
    """
    if str(target) == "-":
        raise InputError(Problem("is not written to standard output", path=target, fix="name a file"))


def replace_file(target: Path, write: Writer) -> None:
    """Write a file that a user named, whole or not at all.

    Raises:
        InputError: it is one of a run directory's own.
        OSError: it cannot be written; what stood there still does.
    """
    refuse_run_file(target)
    if target.exists() and not (target.is_file() or target.is_dir()):  # such as /dev/null: it must stay what it is
        _write(target, write)
        return
    temporary = _temporary(target)
    try:
        _write(temporary, write)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(target: Path) -> Path:
    """What a file is called until it is whole."""
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _write(path: Path, write: Writer) -> None:
    with path.open("wb") as file:
        write(file)
