"""Members of a ZIP archive, read one by one and bounded; also those packed by zstandard, as Inspect does."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from panel_eval.errors import InputError, Problem, shorten

_ZSTANDARD = 93
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
MOST_BYTES = 256 << 20
"""A member that unpacks to more is refused: archives can be made to fill any memory."""


@dataclass(frozen=True)
class Members:
    """An open archive.

    Attributes:
        path: the file.
        names: of its members.
    """

    path: Path
    names: tuple[str, ...]
    archive: zipfile.ZipFile
    file: BinaryIO

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        Raises:
            InputError: it is broken, packed in a way that is not known, or too large.
        """
        info = self.archive.getinfo(name)
        if info.file_size > MOST_BYTES:
            size = f"{info.file_size / (1 << 20):,.0f} MiB"
            raise InputError(Problem(f"unpacks to more than {MOST_BYTES >> 20} MiB", self.path, None, name, size))
        try:
            data = self._zstandard(info) if info.compress_type == _ZSTANDARD else self._plain(info)
        except _BROKEN as error:
            message = f"cannot be unpacked: {shorten(str(error), 120)}"
            raise InputError(Problem(message, self.path, key=shorten(name))) from None
        if len(data) > MOST_BYTES:
            raise InputError(Problem(f"unpacks to more than {MOST_BYTES >> 20} MiB", self.path, key=shorten(name)))
        return data

    def _plain(self, info: zipfile.ZipInfo) -> bytes:
        with self.archive.open(info) as member:
            return member.read(MOST_BYTES + 1)

    def _zstandard(self, info: zipfile.ZipInfo) -> bytes:
        """Unpacked by pyarrow: the standard library of Python 3.11 cannot, and a package more is not needed."""
        import pyarrow as pa

        self.file.seek(info.header_offset)
        header = _LOCAL_HEADER.unpack(self.file.read(_LOCAL_HEADER.size))
        self.file.seek(info.header_offset + _LOCAL_HEADER.size + header[-2] + header[-1])
        packed = self.file.read(info.compress_size)
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            data: bytes = stream.read(MOST_BYTES + 1)
        if zlib.crc32(data) != info.CRC:
            raise zipfile.BadZipFile("the checksum does not fit")
        return data


@contextmanager
def open_members(path: Path) -> Iterator[Members]:
    """Open an archive.

    Raises:
        InputError: it is missing or no ZIP archive.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path)) from None
    with file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, struct.error, NotImplementedError) as error:
            raise InputError(Problem(f"is no ZIP archive: {shorten(str(error), 100)}", path=path)) from None
        with archive:
            yield Members(path, tuple(archive.namelist()), archive, file)
