"""Taking votes over from earlier runs: a vote with the same key answers the same question, and is paid for already.

What is taken over: answers, and also refusals, abstentions, truncated, unreadable and overlong ones. They are what
the judge said to that question; asking anew for those only, until something else comes, would bias the sample.
Errors and votes that the budget had no room for are no answers, and are asked for.

Two runs may have asked the same question independently and got different answers: the run named first wins, and
such conflicts are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from panel_eval.engine.journal_lines import IS_RESULT, JournalBlock, answers, journal_blocks
from panel_eval.engine.plan import Plan
from panel_eval.engine.run_directory import JOURNAL_NAME, MANIFEST_NAME
from panel_eval.engine.stored_votes import NOT_STORED, StoredVotes
from panel_eval.errors import InputError, Problem
from panel_eval.schema import Vote
from panel_eval.schema.reading import parse_line

_NO_RUN = -1


@dataclass(frozen=True)
class Source:
    """Where votes are taken from.

    Attributes:
        run_id: what the run is called: its folder's name; of a vote file that is in no run directory, its own.
        journal: the file.
    """

    run_id: str
    journal: Path


@dataclass(frozen=True, eq=False)
class Reusable:
    """Votes of earlier runs for planned votes that are still open.

    Attributes:
        plan: the plan.
        sources: the runs, in the order in which they were named.
        run: (n_votes,) position in `sources` of the run that a vote is taken from, or -1.
        line: (n_votes,) the number of its line there.
        conflicts: planned votes that a later named run answers differently.
    """

    plan: Plan
    sources: Sequence[Source]
    run: NDArray[np.int16]
    line: NDArray[np.int64]
    conflicts: int

    def __len__(self) -> int:
        return int(np.count_nonzero(self.run != _NO_RUN))

    def by_run(self) -> dict[str, int]:
        """Run id to the number of votes that are taken from it."""
        counts = Counter(self.run[self.run != _NO_RUN].tolist())
        return {source.run_id: counts[number] for number, source in enumerate(self.sources)}

    def votes(self) -> Iterator[Vote]:
        """The votes to store, made one after the other; each says in `reused_from` which run paid for it.

        Raises:
            InputError: a line is no valid vote.
        """
        for number, source in enumerate(self.sources):
            for block in journal_blocks(source.journal):
                positions = self.plan.index.positions(block.keys)
                taken = (positions >= 0) & (self.run[positions] == number) & (self.line[positions] == block.numbers)
                for at in np.flatnonzero(taken).tolist():
                    yield self._copy(block, at, int(positions[at]), source)

    def _copy(self, block: JournalBlock, at: int, position: int, source: Source) -> Vote:
        try:
            vote = Vote.model_validate_json(block.lines[at], strict=True)
        except ValidationError:
            found = parse_line(block.lines[at], int(block.numbers[at]), Vote, source.journal)
            raise InputError([] if isinstance(found, Vote) else found) from None
        # A judge may go by another name there; what it was asked, and with which settings, is in the key.
        judge = self.plan.judge_ids[self.plan.judge[position]]
        return vote.model_copy(update={"judge": judge, "reused_from": vote.reused_from or source.run_id})


def reusable_votes(runs: Sequence[Path], stored: StoredVotes, *, retry_failed: bool = False) -> Reusable:
    """Find votes of earlier runs for what a plan still has to ask for.

    Args:
        runs: run directories in any state, or vote files; the first named wins.
        stored: what is stored already; only open votes are looked for.
        retry_failed: stored errors are open too.

    Raises:
        InputError: a run is missing, or holds a line that is no stored vote; lists all of them.
    """
    plan = stored.plan
    sources = [_source(path) for path in runs]
    is_open = np.zeros(len(plan), dtype=np.bool_)
    is_open[stored.open_positions(retry_failed)] = True
    run = np.full(len(plan), _NO_RUN, dtype=np.int16)
    line = np.zeros(len(plan), dtype=np.int64)
    taken_answer = np.zeros(len(plan), dtype=np.int64)
    in_conflict = np.zeros(len(plan), dtype=np.bool_)
    for number, source in enumerate(sources):
        found, lines, answer = _results_in(source.journal, plan)
        found &= is_open
        in_conflict |= found & (run != _NO_RUN) & (answer != taken_answer)
        new = found & (run == _NO_RUN)
        run[new], line[new], taken_answer[new] = number, lines[new], answer[new]
    return Reusable(plan, sources, run, line, int(np.count_nonzero(in_conflict)))


def _source(run: Path) -> Source:
    if (run / JOURNAL_NAME).is_file():
        return Source(run.resolve().name, run / JOURNAL_NAME)
    if not run.is_file():
        fix = f"name run directories (with {JOURNAL_NAME}) or vote files"
        raise InputError(Problem("holds no votes to reuse", path=run, fix=fix))
    folder = run.resolve().parent
    return Source(folder.name if (folder / MANIFEST_NAME).exists() else run.name, run)


def _results_in(path: Path, plan: Plan) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """For each planned vote: whether the last line of its key is a result, the line's number, the answer's code."""
    outcome = np.full(len(plan), NOT_STORED, dtype=np.int8)
    lines = np.zeros(len(plan), dtype=np.int64)
    answer = np.zeros(len(plan), dtype=np.int64)
    problems: list[Problem] = []
    for block in journal_blocks(path):
        problems.extend(block.problems)
        positions = plan.index.positions(block.keys)
        planned = positions >= 0
        where = positions[planned]
        outcome[where], lines[where] = block.outcome[planned], block.numbers[planned]
        answer[where] = answers(block)[planned]
    if problems:
        raise InputError(problems)
    return (outcome != NOT_STORED) & IS_RESULT[outcome], lines, answer
