"""Vote files, read whole: every bad line is named, and of a vote asked twice the last line counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from panel_eval.errors import InputError, Problem
from panel_eval.schema import Vote, read_jsonl


def load_votes(path: str | Path) -> list[Vote]:
    """Read a vote file; of votes with the same vote key the last one counts.

    Raises:
        InputError: with every bad line.
    """
    path = Path(path)
    lines = read_jsonl(path, Vote)
    if lines.problems:
        raise InputError(lines.problems)
    if not lines.records:
        raise InputError(
            Problem("holds no votes", path=path, fix="one JSON record a line; see: panel-eval schema vote")
        )
    return latest(vote for _, vote in lines.records)


def latest(votes: Iterable[Vote]) -> list[Vote]:
    """For each vote key the last vote, in the order in which keys first came; votes without a key are all kept."""
    kept: dict[object, Vote] = {}
    for number, vote in enumerate(votes):
        kept[vote.vote_key or number] = vote
    return list(kept.values())
