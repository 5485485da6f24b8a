"""The lines of a batch's results, each vote once. What a provider writes there is not trusted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import BinaryIO

from panel_eval.engine.key_index import key_bytes
from panel_eval.judges.batches import LineResult, read_result

LONGEST_LINE = 16 << 20
"""Bytes of the longest line that is read; an answer has a few thousand."""


class ResultLines:
    """The results in some files that belong to votes we asked for.

    Args:
        paths: the files.
        keys: the votes that were asked for, as bytes.
        oddities: counts lines that are passed over, by what is odd about them.
        secret: the account's key, to keep out of errors.

    Attributes:
        seen: the votes that a line was found for.
        damage: lines that are no result of any request, and files without a line.
    """

    def __init__(
        self, paths: Sequence[Path], keys: Set[bytes], oddities: Counter[str], secret: str | None = None
    ) -> None:
        self.seen: set[bytes] = set()
        self.damage = 0
        self._paths = paths
        self._keys = keys
        self._oddities = oddities
        self._secret = secret

    def __iter__(self) -> Iterator[tuple[bytes, LineResult]]:
        for path in self._paths:
            self.damage += path.stat().st_size == 0
            with path.open("rb") as file:
                yield from self._results(file)

    def _results(self, file: BinaryIO) -> Iterator[tuple[bytes, LineResult]]:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                self._oddities["too long"] += 1
                _skip_line(file, line)
                continue
            if not line.strip():
                continue
            result = read_result(line, [self._secret])
            key = None if result is None else key_bytes(result.custom_id)
            if result is None:
                self._oddities["unreadable"] += 1
                self.damage += 1
            elif key is None or key not in self._keys:
                self._oddities["not asked for"] += 1
            elif key in self.seen:
                self._oddities["repeated"] += 1
            else:
                self.seen.add(key)
                yield key, result


def votes_of_batch(journal: Path, batch_id: str) -> set[bytes]:
    """Keys of the votes in a journal that came in a batch: those that a killed process had stored."""
    mark = b'"batch":' + json.dumps(batch_id, ensure_ascii=False).encode()
    found: set[bytes] = set()
    try:
        with journal.open("rb") as file:
            for line in file:
                if mark not in line:
                    continue
                vote = json.loads(line)
                key = key_bytes(str(vote["vote_key"]))
                if vote.get("batch") == batch_id and key is not None:
                    found.add(key)
    except FileNotFoundError:
        pass
    return found


def _skip_line(file: BinaryIO, line: bytes) -> None:
    """Read on to the end of a line."""
    while line and not line.endswith(b"\n"):
        line = file.readline(LONGEST_LINE)
