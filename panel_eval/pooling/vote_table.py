"""Votes as columns: what scoring needs of each vote in arrays, the votes themselves made only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from panel_eval.errors import InputError, Problem
from panel_eval.pooling.vote_columns import ColumnBuilder, VoteColumns
from panel_eval.schema import OUTCOMES, Vote
from panel_eval.schema.columnar import parse_lines, read_blocks
from panel_eval.schema.json_lines import BLOCK_LINES, LazyRecords, read_lines
from panel_eval.schema.locating import place
from panel_eval.schema.plain_vote import PLAIN_VOTE
from panel_eval.schema.reading import collector_paused

Rows = NDArray[Any]


@dataclass(frozen=True, eq=False)
class VoteTable(Sequence[Vote]):
    """Any number of votes, as a sequence and as columns.

    Attributes:
        votes: the votes; of a file, each is parsed when it is asked for.
        columns: (n_votes,) arrays of what scoring needs, in the order of `votes`.
    """

    votes: Sequence[Vote]
    columns: VoteColumns

    @classmethod
    def of(cls, votes: Iterable[Vote]) -> VoteTable:
        """The votes as a table; a table is given back as it is."""
        if isinstance(votes, VoteTable):
            return votes
        kept = tuple(votes)
        builder = ColumnBuilder()
        for first in range(0, len(kept), BLOCK_LINES):
            builder.add([vars(vote) for vote in kept[first : first + BLOCK_LINES]])
        return cls(kept, builder.columns())

    def __len__(self) -> int:
        return len(self.votes)

    @overload
    def __getitem__(self, row: int) -> Vote: ...

    @overload
    def __getitem__(self, row: slice) -> VoteTable: ...

    def __getitem__(self, row: int | slice) -> Vote | VoteTable:
        return self.take(np.arange(len(self))[row]) if isinstance(row, slice) else self.votes[row]

    def __iter__(self) -> Iterator[Vote]:
        return iter(self.votes)

    def take(self, rows: Rows) -> VoteTable:
        """The votes in `rows`, in that order."""
        votes = self.votes
        chosen = votes.take(rows) if isinstance(votes, LazyRecords) else tuple(votes[row] for row in rows.tolist())
        return replace(self, votes=chosen, columns=self.columns.take(rows))

    def outcome_counts(self) -> dict[str, int]:
        """Outcome → votes, the most frequent first; outcomes that do not occur are left out."""
        counts = np.bincount(self.columns.outcome, minlength=len(OUTCOMES)).tolist()
        found = [(name, count) for name, count in zip(OUTCOMES, counts, strict=True) if count]
        return dict(sorted(found, key=lambda pair: -pair[1]))

    def json_lines(self) -> Iterator[bytes]:
        """Each vote as one line of JSON: as it stands in its file, or with fields at their defaults left out."""
        if isinstance(self.votes, LazyRecords):
            for _, raw in self.votes.lines.blocks():
                yield from raw
        else:
            for vote in self.votes:
                yield vote.model_dump_json(exclude_defaults=True).encode()

    def field_blocks(self) -> Iterator[list[Mapping[str, Any]]]:
        """All votes in pieces, each vote as its fields; fields at their defaults may be left out."""
        if isinstance(self.votes, LazyRecords):
            for _, raw in self.votes.lines.blocks():
                yield parse_lines(raw)
        else:
            for first in range(0, len(self.votes), BLOCK_LINES):
                yield [vars(vote) for vote in self.votes[first : first + BLOCK_LINES]]


def read_vote_table(path: Path) -> VoteTable:
    """Read a vote file into columns.

    Raises:
        InputError: the file cannot be read, holds no votes, or holds bad lines; lists all of them.
    """
    lines = read_lines(path)
    builder = ColumnBuilder()
    problems: list[Problem] = []
    with collector_paused():
        for block in read_blocks(lines, Vote, PLAIN_VOTE):
            problems.extend(block.problems)
            try:
                builder.add(block.records)
            except InputError as error:
                problems.extend(place(problem, path, None) for problem in error.problems)
    if problems:
        raise InputError(problems)
    if not len(lines):
        raise InputError(
            Problem("holds no votes", path=path, fix="one JSON record a line; see: panel-eval schema vote")
        )
    return VoteTable(LazyRecords(lines, Vote), builder.columns())


def latest_votes(table: VoteTable) -> VoteTable:
    """For each vote key the last vote, in the order in which keys first came; votes without a key are all kept."""
    repeated = table.columns.rows_with_shared_keys()
    if not len(repeated):
        return table
    first: dict[str, int] = {}
    row_for = np.arange(len(table))
    dropped = np.zeros(len(table), dtype=bool)
    for row in repeated.tolist():
        key = table[row].vote_key or ""
        at = first.setdefault(key, row)
        row_for[at] = row
        dropped[row] = at != row
    return table.take(row_for[~dropped])
