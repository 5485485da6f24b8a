"""Folders of results: all files or none."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import BinaryIO

import pytest

from panel_eval.api.folders import write_folder
from panel_eval.errors import InputError


def full_disk(file: BinaryIO) -> None:
    """Writes a little, as a disk does before it is full."""
    file.write(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_is_not_left_half_new_where_the_disk_is_full(tmp_path: Path) -> None:
    """Else a fitted pool would lie beside the report of another fit."""
    write_folder(tmp_path, {"pool": lambda file: file.write(b"old"), "report": lambda file: file.write(b"old")})
    with pytest.raises(InputError, match="No space left"):
        write_folder(tmp_path, {"pool": lambda file: file.write(b"new"), "report": full_disk}, stale=["pool"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"pool": b"old", "report": b"old"}
    write_folder(tmp_path, {"report": lambda file: file.write(b"new")}, stale=["pool"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"report": b"new"}
