"""What a journal already holds of a plan: which votes, how they ended, and what all of them cost.

Reads keys, outcomes and costs only, in blocks of bounded size: a million votes take seconds and little memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.journal_lines import OUTCOME_CODE, JournalBlock, Spent, journal_blocks, reopens
from panel_eval.engine.plan import Plan
from panel_eval.errors import InputError, Problem
from panel_eval.schema import OUTCOMES, Vote
from panel_eval.schema.reading import collector_paused

NOT_STORED = -1


@dataclass(eq=False)
class StoredVotes:
    """What is stored under each key of a plan; kept up to date while votes come in.

    Attributes:
        plan: the plan.
        outcome: (n_votes,) position in `OUTCOMES` of what the last line of each planned key says, `NOT_STORED`
            where there is none.
        reopens: (n_votes,) stored votes that are asked for again: lost with a judge that was stopped, or over the
            budget.
        spent: what all lines cost, also those of votes that are no longer planned.
        strangers: lines whose key is not planned (of items that were changed or taken away).
    """

    plan: Plan
    outcome: NDArray[np.int8]
    reopens: NDArray[np.bool_]
    spent: Spent = field(default_factory=Spent)
    strangers: int = 0

    @classmethod
    def none_of(cls, plan: Plan) -> StoredVotes:
        """Nothing is stored yet."""
        return cls(plan, np.full(len(plan), NOT_STORED, dtype=np.int8), np.zeros(len(plan), dtype=np.bool_))

    def __len__(self) -> int:
        """How many planned votes are stored, whatever their outcome."""
        return int(np.count_nonzero(self.outcome != NOT_STORED))

    @property
    def unfinished(self) -> bool:
        """Whether planned votes are not stored, or reopen."""
        return bool((self.outcome == NOT_STORED).any() or self.reopens.any())

    @property
    def done(self) -> int:
        """How many planned votes are stored and do not reopen."""
        return int(np.count_nonzero((self.outcome != NOT_STORED) & ~self.reopens))

    def outcomes(self) -> dict[str, int]:
        """Outcome to stored votes; those that do not occur are left out."""
        counts = np.bincount(self.outcome[self.outcome != NOT_STORED], minlength=len(OUTCOMES)).tolist()
        return {name: count for name, count in zip(OUTCOMES, counts, strict=True) if count}

    def open_positions(self, retry_failed: bool = False) -> NDArray[np.int64]:
        """Places in the plan of the votes that are still to be asked for, in plan order.

        Args:
            retry_failed: also those with outcome ``error``.
        """
        is_open = (self.outcome == NOT_STORED) | self.reopens
        if retry_failed:
            is_open |= self.outcome == OUTCOME_CODE["error"]
        return np.flatnonzero(is_open)

    def says(self, vote: Vote) -> bool:
        """Whether what is stored under the vote's key has the same outcome, and reopens if the vote does."""
        position = None if vote.vote_key is None else self.plan.position(vote.vote_key)
        if position is None:
            return False
        same_outcome = int(self.outcome[position]) == OUTCOME_CODE[vote.outcome]
        return same_outcome and bool(self.reopens[position]) == reopens(vote.outcome, vote.metadata)

    def note(self, vote: Vote) -> str | None:
        """Note a vote that was just stored; what it cost is not added.

        Returns:
            The outcome that stood under its key before, or None.
        """
        position = None if vote.vote_key is None else self.plan.position(vote.vote_key)
        if position is None:
            return None
        before = int(self.outcome[position])
        self.outcome[position] = OUTCOME_CODE[vote.outcome]
        self.reopens[position] = reopens(vote.outcome, vote.metadata)
        return None if before == NOT_STORED else OUTCOMES[before]

    def note_lines(self, block: JournalBlock) -> None:
        """Note lines that follow those noted before; what they cost is not added."""
        positions = self.plan.index.positions(block.keys)
        planned = positions >= 0
        self.strangers += int(np.count_nonzero(~planned))
        # Of equal positions numpy keeps the last value, as the last line of a key counts.
        self.outcome[positions[planned]] = block.outcome[planned]
        self.reopens[positions[planned]] = block.reopens[planned]


def read_stored(path: Path, plan: Plan) -> StoredVotes:
    """What a journal holds of a plan, the last line of a key counting.

    A torn last line is left out; a missing file holds nothing.

    Raises:
        InputError: a line before the last is unreadable or no stored vote; lists all such lines.
    """
    stored = StoredVotes.none_of(plan)
    sums: list[Spent] = []
    problems: list[Problem] = []
    with collector_paused():
        for block in journal_blocks(path):
            problems.extend(block.problems)
            sums.append(block.spent)
            stored.note_lines(block)
    if problems:
        raise InputError(problems)
    stored.spent = Spent.sum_of(sums)
    return stored
