"""Files inside zip archives, unpacked into memory and no further than a bound."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path

from panel_eval.errors import InputError, Problem, shorten

MOST_BYTES = 1 << 30
"""What one file may be unpacked to: more than any data set read here, less than what stops a machine."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError,
)  # fmt: skip


def read_member(path: Path, ending: str, most_bytes: int = MOST_BYTES) -> bytes:
    """The one file of an archive whose name ends so; nothing is written to disk.

    Args:
        path: the archive.
        ending: such as `.csv`; case does not count, and files that macOS adds do not either.
        most_bytes: what it may be unpacked to.

    Raises:
        InputError: the archive cannot be read, has no such file or several, or it is larger than the bound.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only(archive, ending, path)
            with archive.open(member) as file:
                data = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix="check the path")) from None
    except _BROKEN as error:
        raise InputError(Problem(f"is no readable zip archive: {shorten(str(error), 120)}", path=path)) from None
    if len(data) > most_bytes:
        message = f"{shorten(member.filename, 60)} unpacks to more than {most_bytes >> 20:,} MiB"
        raise InputError(Problem(message, path=path, fix="unpack it yourself and name the file"))
    return data


def _only(archive: zipfile.ZipFile, ending: str, path: Path) -> zipfile.ZipInfo:
    found = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith(ending) and not member.filename.startswith("__MACOSX/")
    ]
    if len(found) != 1:
        listed = ", ".join(shorten(member.filename, 40) for member in archive.infolist()[:10])
        message = f"has {len(found)} files that end in {ending}; one is read"
        raise InputError(Problem(message, path=path, fix=f"unpack it and name one file; it holds: {listed}"))
    return found[0]
