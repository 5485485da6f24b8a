"""Everything that reads files of labels, votes, items, rubrics or other tools: what hostile files are tried on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from panel_eval.api import check_file, import_annotations, load_votes
from panel_eval.errors import InputError
from panel_eval.humans import load_rubric, load_soft_labels, load_unlabelled, salvage_soft_labels
from panel_eval.importing import formats

Reader = Callable[[Path, Path], None]
"""Reads a file, and may write into a folder."""


def importer(name: str) -> Reader:
    """An import of a format, for everything that it makes."""
    makes = formats()[name].makes

    def read(path: Path, folder: Path) -> None:
        labels = folder / "labels.jsonl" if "labels" in makes else None
        votes, items = folder / "votes.jsonl", folder / "items.jsonl"
        for file in (labels, votes, items):
            if file is not None:
                file.unlink(missing_ok=True)
        import_annotations(name, path, labels, votes=votes, items=items)
        # what was written keeps its contract
        for written, load in ((labels, load_soft_labels), (votes, load_votes), (items, load_unlabelled)):
            if written is not None and written.stat().st_size:
                must_load(load, written)

    return read


def must_load(load: Callable[[Path], object], written: Path) -> None:
    """Load what an import wrote.

    Raises:
        AssertionError: it breaks its contract.
    """
    try:
        load(written)
    except InputError as error:
        raise AssertionError(f"an import wrote {written.name}, which is not valid: {error}") from error


def readers() -> dict[str, Reader]:
    """Name to reader: every import format, and our own files."""
    own: dict[str, Reader] = {
        "soft-labels": lambda path, folder: void(load_soft_labels(path)),
        "salvage": lambda path, folder: void(salvage_soft_labels(path)),
        "votes-file": lambda path, folder: void(load_votes(path)),
        "items": lambda path, folder: void(load_unlabelled(path)),
        "rubric": lambda path, folder: void(load_rubric(path)),
        "mapping": lambda path, folder: void(check_file(path, kind="import-mapping")),
        "guessed": lambda path, folder: void(check_file(path)),
    }
    return {**{name: importer(name) for name in formats()}, **own}


def void(result: object) -> None:
    """Nothing: what was read is of no interest."""


def refuses_politely(reader: Reader, path: Path, folder: Path) -> None:
    """Read a file: it is taken, or refused with an `InputError`; anything else is a fault."""
    with contextlib.suppress(InputError):
        reader(path, folder)
