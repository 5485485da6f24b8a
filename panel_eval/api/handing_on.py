"""Labels written in another tool's format."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from panel_eval.api.folders import refuse_run_file, refuse_stdout
from panel_eval.api.results_urls import refuse_url
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import load_rubric, load_soft_labels
from panel_eval.importing import Handover, find_format, formats
from panel_eval.schema import Rubric


def export_labels(
    labels: str | Path, format_name: str, out: str | Path, *, rubric: str | Path | Rubric | None = None
) -> list[str]:
    """Write a label file in another tool's format; `import_annotations` reads it back.

    Args:
        labels: the label file.
        format_name: one that can be written, such as `long`.
        out: the file or folder to write; its suffix decides between CSV, TSV and Parquet.
        rubric: what the labels are checked against; some formats tell the tool more with it.

    Returns:
        What the format cannot hold and is not in what was written, in words.

    Raises:
        InputError: the labels are not valid, the format cannot be written, or `out` cannot.
    """
    write, source, target = _writer(format_name), Path(labels), Path(out)
    refuse_url(target, "name a file")
    refuse_run_file(target)
    refuse_stdout(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(Problem("is the file that is read", path=target, fix="name another file"))
    found = rubric if rubric is None or isinstance(rubric, Rubric) else load_rubric(rubric)
    humans = load_soft_labels(source, found)
    handover = Handover(lambda: iter(humans.records), humans.labels, found)
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.tmp{target.suffix}")
    try:
        lost = write(handover, temporary)
        _put(temporary, target)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target)) from None
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        temporary.unlink(missing_ok=True)
    return lost


def _writer(name: str) -> Callable[[Handover, Path], list[str]]:
    fmt = find_format(name)
    if fmt.write is None:
        able = ", ".join(other.name for other in formats().values() if other.write is not None)
        raise InputError(Problem("can only be read", value=shorten(name), fix=f"formats to write: {able}"))
    return fmt.write


def _put(temporary: Path, target: Path) -> None:
    """Put what was written in its place: a file over a file, a folder where there is none.

    Raises:
        InputError: a folder is in the way.
    """
    if temporary.is_dir() and target.exists():
        if not target.is_dir() or any(target.iterdir()):
            raise InputError(Problem("exists already", path=target, fix="name a new folder"))
        target.rmdir()
    temporary.rename(target)
