"""Writing requests into files that a provider takes as batches: one model a file, so many lines, so many bytes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from panel_eval.engine.batch.batch_log import sync_folder
from panel_eval.engine.batch.out import keys_path, requests_path
from panel_eval.engine.ledger import Reservation
from panel_eval.errors import IncompleteError


@dataclass(frozen=True)
class BatchLimits:
    """The largest file that is submitted. OpenAI takes 50,000 requests and 200 MB.

    Attributes:
        lines: most requests.
        size: most bytes.
    """

    lines: int = 50_000
    size: int = 190_000_000


@dataclass
class RequestFile:
    """The requests of one batch to be.

    Attributes:
        tag: the batch's tag.
        judge: the judge whose votes it asks for.
        path: the file.
        mode: how the shape of the answers is asked for.
        keys: vote keys, 32 bytes each.
        size: bytes of the file.
        usd, tokens: the most it can cost; None = the price is not known.
    """

    tag: str
    judge: str
    path: Path
    mode: str
    keys: bytearray = field(default_factory=bytearray)
    votes: int = 0
    size: int = 0
    usd: float | None = 0.0
    tokens: int = 0

    @property
    def keys_sha256(self) -> str:
        """Digest of the keys."""
        return hashlib.sha256(self.keys).hexdigest()


class RequestWriter:
    """Writes one judge's requests, a new file whenever one is full.

    Args:
        folder: where the files are kept.
        judge_id: the judge.
        limits: when a file is full.

    Attributes:
        files: the files written so far.
    """

    def __init__(self, folder: Path, judge_id: str, limits: BatchLimits) -> None:
        self.files: list[RequestFile] = []
        self._folder = folder
        self._judge_id = judge_id
        self._limits = limits
        self._open: BinaryIO | None = None

    def add(self, vote_key: str, line: bytes, mode: str, worst: Reservation) -> None:
        """Write one request.

        Raises:
            IncompleteError: the disk is full or failing.
        """
        file = self._file(len(line), mode)
        try:
            assert self._open is not None
            self._open.write(line)
        except OSError as error:
            raise _failure(file.path, error) from None
        file.keys += bytes.fromhex(vote_key)
        file.votes += 1
        file.size += len(line)
        file.tokens += worst.tokens
        file.usd = None if file.usd is None or worst.usd is None else file.usd + worst.usd

    def finish(self) -> None:
        """Force all files to the disk, each with the keys of its votes beside it.

        Raises:
            IncompleteError: the disk is full or failing.
        """
        self._close()
        for file in self.files:
            path = keys_path(self._folder, file.tag)
            try:
                with path.open("wb") as keys:
                    keys.write(file.keys)
                    keys.flush()
                    os.fsync(keys.fileno())
            except OSError as error:
                raise _failure(path, error) from None
        if self.files:
            sync_folder(self._folder)

    def _file(self, more: int, mode: str) -> RequestFile:
        """The file that the next request goes to."""
        if self.files and self._open is not None:
            last = self.files[-1]
            fits = last.votes < self._limits.lines and last.size + more <= self._limits.size
            if fits and last.mode == mode:
                return last
        self._close()
        tag = os.urandom(12).hex()
        file = RequestFile(tag, self._judge_id, requests_path(self._folder, tag), mode)
        try:
            self._open = file.path.open("xb")
        except OSError as error:
            raise _failure(file.path, error) from None
        self.files.append(file)
        return file

    def _close(self) -> None:
        if self._open is None:
            return
        file, self._open = self._open, None
        try:
            with file:
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _failure(self.files[-1].path, error) from None


def _failure(path: Path, error: OSError) -> IncompleteError:
    return IncompleteError(
        f"{path} cannot be written: {error.strerror}. Nothing of it was sent; free space, run again"
    )
