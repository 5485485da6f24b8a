"""Several runs of the same panel as one: the union of their journals, line by line.

Every line of every run is kept, once: failed attempts were paid for too, and a merged run says what all of it cost.
Lines stand in an order that follows from the lines alone: votes in plan order, the lines of one vote with what
counts last. An answer stands over a failure; of two different answers the earlier one stands (asking again until a
better one comes must not pay), and such conflicts are reported. So the order in which runs are named does not
matter, and merging a run in that is in already changes nothing.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.journal_lines import IS_RESULT, JournalBlock, Spent, answers, journal_blocks
from panel_eval.engine.plan import Plan
from panel_eval.errors import InputError, Problem

_LOST, _FAILED, _RESULT = 0, 1, 2


@dataclass(frozen=True)
class Conflict:
    """Two runs answer the same question differently.

    Attributes:
        vote_key: the question.
        item_id, judge: what it asks of whom.
        run: the run whose answer stands.
        other_run: the run with the other answer.
    """

    vote_key: str
    item_id: str
    judge: str
    run: str
    other_run: str

    def __str__(self) -> str:
        where = f"item {self.item_id!r}, judge {self.judge!r} (vote {self.vote_key[:12]}…)"
        return f"{where}: answered differently by {self.run} and {self.other_run}; the former was asked first"


@dataclass(frozen=True, eq=False)
class MergedJournal:
    """The lines of several journals, each once, in the order in which they are to stand.

    Attributes:
        journals: where they stand now.
        conflicts: planned votes with different answers.
        spent: what the lines of each journal cost.
    """

    journals: Sequence[Path]
    conflicts: Sequence[Conflict]
    spent: Sequence[Spent]
    _lines: _Lines

    def __len__(self) -> int:
        return len(self._lines.run)

    def lines(self) -> Iterator[bytes]:
        """The lines, without line ends, read from their journals one after the other."""
        with ExitStack() as stack:
            opened = [stack.enter_context(path.open("rb")) for path in self.journals]
            maps = [
                stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                if path.stat().st_size
                else b""
                for path, file in zip(self.journals, opened, strict=True)
            ]
            where = zip(
                self._lines.run.tolist(), self._lines.offset.tolist(), self._lines.length.tolist(), strict=True
            )
            for run, offset, length in where:
                yield maps[run][offset : offset + length]


@dataclass(frozen=True, eq=False)
class _Lines:
    """(n_lines,) arrays: which vote a line is about, whether it stands over others, and where it is found."""

    vote: NDArray[np.int64]  # place in the plan; its length for votes that are not planned
    rank: NDArray[np.int8]
    stored_at: NDArray[np.int64]  # milliseconds
    paid: NDArray[np.bool_]  # by this run, not by one that it was taken over from
    digest: NDArray[np.uint64]  # (n_lines, 2)
    answer: NDArray[np.int64]
    run: NDArray[np.int16]
    offset: NDArray[np.int64]
    length: NDArray[np.int64]

    def take(self, rows: NDArray[Any]) -> _Lines:
        return _Lines(*(getattr(self, each.name)[rows] for each in fields(self)))


def merge_journals(journals: Sequence[Path], run_ids: Sequence[str], plan: Plan) -> MergedJournal:
    """Put the journals of several runs together.

    Args:
        journals: their vote files; a torn last line is left out.
        run_ids: what the runs are called.
        plan: the plan that they have carried out parts of.

    Raises:
        InputError: a file is missing, or a line is no stored vote; lists all of them.
    """
    parts: list[_Lines] = []
    problems: list[Problem] = []
    spent: list[Spent] = []
    for run, path in enumerate(journals):
        if not path.exists():
            problems.append(
                Problem("this file of votes is missing", path=path, fix="restore it, or leave the run out")
            )
        costs = []
        for block in journal_blocks(path):
            problems.extend(block.problems)
            parts.append(_lines_of(block, run, plan))
            costs.append(block.spent)
        spent.append(Spent.sum_of(costs))
    if problems:
        raise InputError(problems)
    lines = _once(_Lines(*(np.concatenate(column) for column in zip(*map(_columns, parts), strict=True))))
    return MergedJournal(journals, _conflicts(lines, run_ids, plan), spent, lines)


def _columns(lines: _Lines) -> list[NDArray[Any]]:
    return [getattr(lines, each.name) for each in fields(lines)]


def _lines_of(block: JournalBlock, run: int, plan: Plan) -> _Lines:
    n = len(block.lines)
    positions = plan.index.positions(block.keys)
    digests = b"".join([blake2b(line, digest_size=16).digest() for line in block.lines])
    return _Lines(
        vote=np.where(positions < 0, len(plan), positions),
        rank=np.where(block.reopens, _LOST, np.where(IS_RESULT[block.outcome], _RESULT, _FAILED)).astype(np.int8),
        stored_at=np.array([_milliseconds(row.get("at")) for row in block.rows], dtype=np.int64),
        paid=np.array([row.get("reused_from") is None for row in block.rows], dtype=np.bool_),
        digest=np.frombuffer(digests, dtype="<u8").reshape(n, 2),
        answer=answers(block),
        run=np.full(n, run, dtype=np.int16),
        offset=block.offsets,
        length=np.array([len(line) for line in block.lines], dtype=np.int64),
    )


def _milliseconds(at: Any) -> int:
    """A time as a number; 0 for what is none, so that the lines' digests decide."""
    try:
        moment = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return 0
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _once(lines: _Lines) -> _Lines:
    """The lines in their order, of equal lines only one. Votes that are not planned stand at the end."""
    chronological = np.where(lines.rank == _RESULT, -lines.stored_at, lines.stored_at)
    order = np.lexsort((*lines.digest.T, lines.paid, chronological, lines.rank, lines.vote))
    lines = lines.take(order)
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = (lines.vote[1:] == lines.vote[:-1]) & (lines.digest[1:] == lines.digest[:-1]).all(axis=1)
    return lines.take(~again)


def _conflicts(lines: _Lines, run_ids: Sequence[str], plan: Plan) -> list[Conflict]:
    planned = lines.take((lines.rank == _RESULT) & (lines.vote < len(plan)))
    last = np.searchsorted(planned.vote, planned.vote, side="right") - 1
    differs = np.flatnonzero(planned.answer != planned.answer[last])
    return [
        Conflict(
            vote_key=plan.keys[vote].tobytes().hex(),
            item_id=plan.item_ids[plan.item[vote]],
            judge=plan.judge_ids[plan.judge[vote]],
            run=run_ids[planned.run[last[row]]],
            other_run=run_ids[planned.run[row]],
        )
        for row, vote in zip(differs.tolist(), planned.vote[differs].tolist(), strict=True)
    ]
