"""Zip archives that are read in memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from panel_eval.errors import InputError
from panel_eval.importing.archives import read_member
from panel_eval.importing.zip_members import open_members


def archive(folder: Path, **members: bytes) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("_", "."), data)
    return path


def test_a_bomb_is_stopped_at_the_bound(tmp_path: Path):
    path = archive(tmp_path, a_csv=b"\0" * 3_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        read_member(path, ".csv", 1 << 20)


def test_one_file_is_read_and_several_are_listed(tmp_path: Path):
    assert read_member(archive(tmp_path, a_CSV=b"x", b_txt=b"y"), ".csv") == b"x"
    with pytest.raises(InputError, match=r"has 2 files that end in \.csv; .*it holds: a\.csv, b\.csv"):
        read_member(archive(tmp_path, a_csv=b"x", b_csv=b"y"), ".csv")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packed_file_that_is_damaged_is_refused(tmp_path: Path, method: int):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("a.csv", b"a,b\n" * 5_000)
    data = bytearray(path.read_bytes())
    data[45:60] = bytes(byte ^ 0x5A for byte in data[45:60])
    path.write_bytes(data)
    with pytest.raises(InputError, match="is no readable zip archive"):
        read_member(path, ".csv")
    with open_members(path) as members, pytest.raises(InputError):
        members.read("a.csv")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is no readable zip archive"):
        read_member(path, ".csv")
