"""The log of a study: the truth of what reviewers said, one event a line, only ever appended to.

What a crash can cost: nothing that the page called saved. A line is handed to the operating system in one
``write()`` and forced to the disk by ``fsync`` before the page is told; at worst the line being written is torn,
and the page still holds that answer and sends it again. A torn last line is cut away when the log is opened again,
and kept in ``NAME.torn``; a last line that is whole and lacks only its newline counts. Anything unreadable before
the last line was not caused by a crash, and is an error that names the line.

One process at a time writes: the log itself is locked (`flock`), and the lock ends with its process, however that
ends. Reading needs no lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from panel_eval.errors import IncompleteError, InputError, Problem
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.reading import parse_line, read_bytes


class LabellingLog:
    """Appends events to one file, under its lock.

    Args:
        path: the file; made if missing, its last line mended if torn.
        fsync: forces the file to the disk; replaced in tests.

    Attributes:
        path: the file.
        events: what stood in it when it was opened.

    Raises:
        InputError: the file cannot be used, holds something else, or another process writes to it.
    """

    def __init__(self, path: Path, *, fsync: Callable[[int], None] = os.fsync) -> None:
        self.path = path
        self._fsync = fsync
        self._torn = False
        self._place = path.absolute()  # notebooks change their folder
        self._descriptor = _open_locked(path)
        try:
            self.events = _mended(path, self._descriptor)
            self._size = os.fstat(self._descriptor).st_size
        except BaseException:
            self.close()
            raise

    def append(self, event: LabellingEvent) -> None:
        """Store one event; when this returns, a loss of power does not lose it.

        Raises:
            IncompleteError: the disk is full or fails, or the file is no longer where it was; no part of the line
                stays in the file.
        """
        self._refuse_moved()
        line = event.model_dump_json(exclude_none=True).encode() + b"\n"
        try:
            if self._torn:  # it could not be cut away before, and nothing may follow it
                self._cut()
            written = os.write(self._descriptor, line)
            if written < len(line):  # the rest tells why the first write came short
                written += os.write(self._descriptor, line[written:])
            if written < len(line):
                raise OSError(0, "the disk took only part of the line")
            self._fsync(self._descriptor)
        except OSError as error:
            self._torn = True
            with suppress(OSError):
                self._cut()
            why = f"labels can no longer be stored in {self.path}: {error.strerror}"
            raise IncompleteError(f"{why}. All labels so far are kept; free space and try again") from None
        self._size += len(line)

    def _cut(self) -> None:
        os.ftruncate(self._descriptor, self._size)
        self._torn = False

    def _refuse_moved(self) -> None:
        """A file that was deleted or moved away takes lines all the same, and nobody would find them."""
        try:
            is_there = os.path.samestat(self._place.stat(), os.fstat(self._descriptor))
        except OSError:
            is_there = False
        if not is_there:
            why = f"labels can no longer be stored: {self.path} was moved, deleted or replaced"
            raise IncompleteError(f"{why}. Put it back, or stop the page and start it again")

    def close(self) -> None:
        """Close the file and give up its lock. Closing twice does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_log(path: Path) -> list[LabellingEvent]:
    """The events of a log, a torn last line left out; also while another process writes to it.

    Raises:
        InputError: the file is missing, unreadable or no log; lists every bad line.
    """
    return _events(path, read_bytes(path))[0]


def _events(path: Path, data: bytes) -> tuple[list[LabellingEvent], bytes]:
    """The events, and the torn last line (empty if there is none)."""
    *whole, tail = data.split(b"\n")
    events: list[LabellingEvent] = []
    problems: list[Problem] = []
    for number, raw in enumerate(whole, start=1):
        if not raw.strip():
            continue
        found = parse_line(raw, number, LabellingEvent, path)
        if isinstance(found, LabellingEvent):
            events.append(found)
        else:
            problems.extend(found)
    last = parse_line(tail, len(whole) + 1, LabellingEvent, path) if tail else None
    if isinstance(last, LabellingEvent):
        events.append(last)
        tail = b""
    problems += _headless(path, events, data) if not problems else []
    if problems:
        raise InputError(problems)
    return events, tail


def _headless(path: Path, events: Sequence[LabellingEvent], data: bytes) -> list[Problem]:
    """A file that begins with anything but an opening is not ours; a torn opening may well be."""
    torn_opening = not events and data.startswith(b'{"schema_version":1,"event":"opened"'[: len(data)])
    if torn_opening or (events and events[0].event == "opened"):
        return []
    fix = "name another --state file; a new one is made where none is"
    return [Problem("is not the log of a labelling page", path=path, fix=fix)]


def _open_locked(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(Problem(f"cannot be opened for writing: {why}", path=path)) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        fix = "use that one, or stop it first"
        raise InputError(Problem("another labelling server works with this file", path=path, fix=fix)) from None
    except OSError as error:
        os.close(descriptor)
        raise InputError(Problem(f"cannot be locked: {error.strerror}", path=path)) from None
    _keep_name(path)
    return descriptor


def _keep_name(path: Path) -> None:
    """Force the folder's entry to the disk: a new file whose name is lost would be lost with all its lines."""
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mended(path: Path, descriptor: int) -> list[LabellingEvent]:
    """The events; the file then ends with a whole line."""
    data = read_bytes(path)
    events, torn = _events(path, data)
    if torn:
        # Aside first, cut second: killed in between, the fragment is there twice rather than not at all.
        with path.with_name(path.name + ".torn").open("ab") as aside:
            aside.write(torn + b"\n")
        os.ftruncate(descriptor, len(data) - len(torn))
    elif data and not data.endswith(b"\n"):
        os.write(descriptor, b"\n")
    return events
