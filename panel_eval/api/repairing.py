"""Label files mended: what would change, and the file written once somebody has agreed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from panel_eval.api.checking import FileKind, guess_kind
from panel_eval.api.folders import refuse_stdout, replace_file
from panel_eval.errors import InputError, Problem
from panel_eval.humans import load_rubric
from panel_eval.humans.repair import Repairs, propose_repairs
from panel_eval.schema import Rubric, Scale, read_bytes


def repair_labels(
    path: str | Path,
    *,
    rubric: str | Path | Rubric | None = None,
    scale: Scale | None = None,
    strict: bool = False,
    kind: FileKind | None = None,
) -> Repairs:
    """Find what can safely be mended in a label file; nothing is written before `write_repairs`.

    Args:
        path: soft labels (JSONL).
        rubric: gives labels and scale: a rubric, its file, or the name of a shipped one.
        scale: nominal or ordinal, where no rubric says it.
        strict: also name the fields of the full contract that hold nothing.
        kind: what the file is; told from its content if absent.

    Raises:
        InputError: the file cannot be read, or holds something else than labels.
    """
    path = Path(path)
    the_rubric = rubric if rubric is None or isinstance(rubric, Rubric) else load_rubric(rubric)
    if (found := kind or guess_kind(path)) != "soft-label":
        raise InputError(Problem(f"seems to be of the kind {found}; only labels are mended", path=path))
    if the_rubric is not None and scale not in (None, the_rubric.scale):
        message = f"scale {scale} was asked for, but the rubric says {the_rubric.scale}"
        raise InputError(Problem(message, path=path, fix="leave the scale out"))
    return propose_repairs(path, the_rubric, scale=scale, strict=strict)


def write_repairs(repairs: Repairs, out: str | Path | None = None) -> Path:
    """Write a mended file, whole or not at all; returns where.

    Args:
        repairs: what `repair_labels` found.
        out: where to write; None = in place of the file itself, with its permissions.

    Raises:
        InputError: the file has changed since it was read, is one of a run's, or cannot be written.
    """
    if out is not None:
        refuse_stdout(Path(out))
    if read_bytes(repairs.path) != repairs.before:
        fix = "look at what would change now, and write that"
        raise InputError(Problem("has changed since it was read; nothing was written", path=repairs.path, fix=fix))
    target = (repairs.path if out is None else Path(out)).resolve()  # a link stays one
    if target == repairs.path.resolve() and repairs.before == repairs.after:
        return Path(out or repairs.path)
    try:
        replace_file(target, _writer(repairs.after, target))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target)) from None
    return Path(out or repairs.path)


def _writer(data: bytes, target: Path) -> Callable[[BinaryIO], object]:
    mode = target.stat().st_mode & 0o7777 if target.is_file() else None

    def write(file: BinaryIO) -> None:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(data)

    return write
