"""The folder of an export: whole or not at all, and never over files that an export did not write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panel_eval.api.folders import refuse_foreign
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema.reading import read_json
from panel_eval.schema.training_export import TrainingExport

MANIFEST, CARD = "export.json", "README.md"


def refuse_folder(out: Path) -> None:
    """Check that an export may be written to a folder: it is new, empty, or holds an export and nothing else.

    Raises:
        InputError: it holds something else, which would be lost with the export that is replaced.
    """
    refuse_foreign(out, "export", (MANIFEST, b'"panel-eval export"'))
    if not (out / MANIFEST).exists():
        return
    written = {MANIFEST, CARD, *(file.path for file in read_json(out / MANIFEST, TrainingExport).files)}
    here = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    if strange := sorted(here - written):
        message = f"holds a file that export did not write: {shorten(strange[0])}"
        raise InputError(Problem(message, path=out, fix="move it away, or name a new folder"))


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write to; it takes the place of `out` when all is written, and is gone if not.

    Raises:
        InputError: it cannot be written.
    """
    refuse_folder(out)
    out = Path(os.path.abspath(out))  # noqa: PTH100 -- a name such as `.` has no sibling; links stay as they are
    made, old = (out.with_name(f".{out.name}.{os.getpid()}.{ending}") for ending in ("tmp", "old"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made.mkdir()
        yield made
        if out.exists():
            out.rename(old)
        try:
            made.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror or error}", path=out)) from None
    finally:
        for left in (made, old):
            shutil.rmtree(left, ignore_errors=True)
