"""The vote journal: `votes.jsonl`, the truth of a run, one vote a line, only ever appended to.

What a crash can cost. Every vote is handed to the operating system in one ``write()`` as soon as it is known, so
killing the process loses no stored vote; at worst the line being written is torn. `fsync` is called every five
seconds while votes come in, in a thread of its own, and when the journal is closed (the run is sealed or cut
short): a loss of power may cost the votes of the last five seconds and of an `fsync` under way, which a resumed run
asks again. A disk that fails to keep what it took ends the run at the next vote.

A torn last line is cut away when the journal is opened again, and kept in ``votes.jsonl.torn``. A last line that is
whole and lacks only its newline is kept. Anything unreadable before the last line was not caused by a crash of
ours, and is an error that names the line.

A vote asked for again (after an outage) is appended as a new line; the last line of a key counts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from panel_eval.engine.background_sync import INTERVAL_S, BackgroundSync
from panel_eval.errors import IncompleteError, InputError, Problem
from panel_eval.schema import Vote, read_jsonl

_LINES_AT_ONCE = 2_000

Writer = Callable[[int, bytes], int]


class Journal:
    """Appends votes to one file. One process at a time: the run directory's lock sees to that.

    Args:
        path: the journal; made if missing, repaired if its last line is torn.
        write: how bytes reach the file; replaced in tests of full disks.
        fsync: forces the file to the disk; replaced in tests of failing ones.
        sync_s: seconds after which written votes are forced to the disk.

    Raises:
        InputError: the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        write: Writer = os.write,
        fsync: Callable[[int], None] = os.fsync,
        sync_s: float = INTERVAL_S,
    ) -> None:
        self.path = path
        self._write = write
        self._fsync = fsync
        try:
            mend_tail(path)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise InputError(Problem(f"cannot be opened for writing: {error.strerror}", path=path)) from None
        self._size = os.fstat(self._descriptor).st_size
        self._sync = BackgroundSync(self._descriptor, fsync=fsync, interval_s=sync_s)

    def append(self, vote: Vote) -> None:
        """Store one vote: one line, one write, at once.

        Raises:
            IncompleteError: the disk is full or fails, or the file is gone; no part of the line stays in the file.
        """
        self._append(vote.model_dump_json().encode() + b"\n")

    def append_many(self, votes: Iterable[Vote]) -> None:
        """Store votes in few writes, at once.

        Raises:
            IncompleteError: as for `append`; only whole writes, of some thousand lines each, stay in the file.
        """
        self.append_lines(vote.model_dump_json().encode() for vote in votes)

    def append_lines(self, lines: Iterable[bytes]) -> None:
        """Store votes that are written out already, without their line ends, in few writes.

        Raises:
            IncompleteError: as for `append_many`.
        """
        rest = iter(lines)
        while some := list(islice(rest, _LINES_AT_ONCE)):
            self._append(b"\n".join(some) + b"\n")

    def _append(self, lines: bytes) -> None:
        if self._sync.error is not None:
            raise self._failure(self._sync.error, "The votes of the last seconds may be lost")
        try:
            written = self._write(self._descriptor, lines)
            if written < len(lines):
                # What is left tells why the first write came short (disk full, file size limit).
                written += self._write(self._descriptor, lines[written:])
            if written < len(lines):
                raise OSError(0, "the disk took only part of the line")
        except OSError as error:
            self._take_back()
            raise self._failure(error, "All votes so far are kept") from None
        self._size += len(lines)
        self._sync.note_write()

    def _failure(self, error: OSError, what_is_kept: str) -> IncompleteError:
        why = f"votes can no longer be stored in {self.path}: {error.strerror}"
        return IncompleteError(f"{why}. {what_is_kept}; free space and run again")

    def _take_back(self) -> None:
        """Cut the part that was written; if even that fails, the next opening will do it."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            return

    def sync(self) -> None:
        """Force everything to the disk now.

        Raises:
            IncompleteError: the disk failed.
        """
        try:
            self._fsync(self._descriptor)
        except OSError as error:
            raise self._failure(error, "The votes of the last seconds may be lost") from None

    def close(self) -> None:
        """Force everything to the disk and close. Closing twice does nothing.

        Raises:
            IncompleteError: the disk failed; the file is closed all the same.
        """
        if self._descriptor < 0:
            return
        self._sync.stop()
        descriptor, self._descriptor = self._descriptor, -1
        error = self._sync.error
        try:
            self._fsync(descriptor)
        except OSError as failure:
            error = error or failure
        finally:
            os.close(descriptor)
        if error is not None:
            raise self._failure(error, "The votes of the last seconds may be lost")


def mend_tail(path: Path) -> None:
    """End the file with a whole line: complete a missing newline, or move a torn line to ``<name>.torn``.

    Raises:
        OSError: the file cannot be read or written. A missing file is fine.
    """
    tail = _tail(path)
    if not tail:
        return
    if _vote_key(_parsed(tail)) is not None:
        with path.open("ab") as file:
            file.write(b"\n")
        return
    # Aside first, cut second: killed in between, the fragment is there twice rather than not at all.
    with path.with_name(path.name + ".torn").open("ab") as aside:
        aside.write(tail + b"\n")
    os.truncate(path, path.stat().st_size - len(tail))


def read_votes(path: Path) -> list[Vote]:
    """The journal's votes: for every key the last line stored, in the order in which keys first came.

    A torn last line is left out. Votes without a key (made elsewhere) are all kept.

    Raises:
        InputError: the file is missing, or lines before the last are unreadable; lists all of them.
    """
    lines = read_jsonl(path, Vote)
    if _tail(path):
        torn = 1 + sum(chunk.count(b"\n") for chunk in _chunks(path))
        lines.problems = [problem for problem in lines.problems if problem.line != torn]
    if lines.problems:
        raise InputError(lines.problems)
    latest: dict[str, Vote] = {}
    for number, vote in lines.records:
        latest[vote.vote_key or f"line {number}"] = vote
    return list(latest.values())


def _parsed(line: bytes) -> Any:
    try:
        return from_json(line)  # three times as fast as json.loads; a million lines are read at every resume
    except ValueError:
        return None


def _vote_key(record: Any) -> str | None:
    key = record.get("vote_key") if isinstance(record, dict) else None
    return key if isinstance(key, str) else None


def _tail(path: Path) -> bytes:
    """The bytes after the last newline; empty if the file is missing or ends with a whole line."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        tail = b""
        while end > 0 and b"\n" not in tail:
            start = max(0, end - 65536)
            file.seek(start)
            tail = file.read(end - start) + tail
            end = start
    return tail.rpartition(b"\n")[2]


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
