"""JSONL files kept as bytes: where each line stands, and records that are made only when somebody asks for one.

A million records as objects take gigabytes; the bytes of their file and two numbers a line take a tenth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from panel_eval.schema.reading import read_bytes

ModelT = TypeVar("ModelT", bound=BaseModel)
Offsets = NDArray[np.signedinteger[Any]]
"""32 bits a number where they suffice: three for each line of a large file."""

BLOCK_LINES = 16_384
BLOCK_BYTES = 8 << 20

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WINDOW = 16 << 20
_NEWLINE, _RETURN, _SPACE = 10, 13, 32


@dataclass(frozen=True, eq=False)
class JsonLines:
    """The lines of a JSONL file that are not blank.

    Attributes:
        path: the file read.
        data: its bytes.
        starts, ends: (n_lines,) where each line begins and ends in `data`, its line end not included.
        numbers: (n_lines,) 1-based line numbers in the file.
    """

    path: Path
    data: bytes
    starts: Offsets
    ends: Offsets
    numbers: Offsets

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> bytes:
        return self.data[self.starts[row] : self.ends[row]]

    def take(self, rows: NDArray[Any]) -> JsonLines:
        """The lines in `rows`, in that order; the bytes are shared."""
        return replace(self, starts=self.starts[rows], ends=self.ends[rows], numbers=self.numbers[rows])

    def blocks(self) -> Iterator[tuple[int, list[bytes]]]:
        """All lines in pieces of bounded size: (row of the first, lines)."""
        first = 0
        while first < len(self):
            some = slice(first, first + BLOCK_LINES)
            ahead = np.cumsum(self.ends[some] - self.starts[some], dtype=np.int64)
            stop = first + max(1, int(np.searchsorted(ahead, BLOCK_BYTES, side="right")))
            bounds = zip(self.starts[first:stop].tolist(), self.ends[first:stop].tolist(), strict=True)
            yield first, [self.data[start:end] for start, end in bounds]
            first = stop


def read_lines(path: Path) -> JsonLines:
    """Read a file and find its lines; nothing in them is looked at.

    Raises:
        InputError: it is missing, a folder, or unreadable.
    """
    return lines_of(path, read_bytes(path))


def lines_of(path: Path, data: bytes) -> JsonLines:
    """The lines of what stands, or is to stand, in a file."""
    text_start = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    codes = np.frombuffer(data, dtype=np.uint8)
    width = np.int32 if len(data) < 2**31 else np.int64
    ends = np.append(_newlines(codes, text_start, width), width(len(data)))
    starts = np.append(width(text_start), ends[:-1] + width(1))
    numbers: Offsets = np.arange(1, len(starts) + 1, dtype=width)
    _drop_returns(codes, starts, ends)
    written = _not_blank(data, codes, starts, ends)
    return JsonLines(path, data, starts[written], ends[written], numbers[written])


class LazyRecords(Sequence[ModelT], Generic[ModelT]):
    """Records of a file that was found valid: each is parsed when it is asked for, and not kept.

    Args:
        lines: the lines, one valid record each.
        model: what the records are.
    """

    def __init__(self, lines: JsonLines, model: type[ModelT]) -> None:
        self.lines = lines
        self._model = model

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, row: int) -> ModelT: ...

    @overload
    def __getitem__(self, row: slice) -> LazyRecords[ModelT]: ...

    def __getitem__(self, row: int | slice) -> ModelT | LazyRecords[ModelT]:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        return self._model.model_validate_json(self.lines[row], strict=True)

    def __iter__(self) -> Iterator[ModelT]:
        for _, raw in self.lines.blocks():
            for line in raw:
                yield self._model.model_validate_json(line, strict=True)

    def take(self, rows: NDArray[Any]) -> LazyRecords[ModelT]:
        """The records in `rows`, in that order."""
        return LazyRecords(self.lines.take(rows), self._model)


def _newlines(codes: NDArray[np.uint8], start: int, width: type[np.signedinteger[Any]]) -> Offsets:
    """Where newlines stand, found window by window so that no mask of the whole file is held."""
    found = [
        (np.flatnonzero(codes[left : left + _WINDOW] == _NEWLINE) + left).astype(width)
        for left in range(start, len(codes), _WINDOW)
    ]
    return np.concatenate(found) if found else np.empty(0, dtype=width)


def _drop_returns(codes: NDArray[np.uint8], starts: Offsets, ends: Offsets) -> None:
    """Move the ends before the carriage returns of Windows line ends."""
    candidates = np.flatnonzero(ends > starts)
    while len(candidates := candidates[codes[ends[candidates] - 1] == _RETURN]):
        ends[candidates] -= 1
        candidates = candidates[ends[candidates] > starts[candidates]]


def _not_blank(data: bytes, codes: NDArray[np.uint8], starts: Offsets, ends: Offsets) -> NDArray[np.bool_]:
    written = ends > starts
    indented = np.flatnonzero(written)
    indented = indented[codes[starts[indented]] <= _SPACE]
    written[indented] = [bool(data[starts[row] : ends[row]].strip()) for row in indented]
    return written
