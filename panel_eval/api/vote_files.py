"""Vote files, read whole: every bad line is named, and of a vote asked twice the last line counts."""

from __future__ import annotations

from pathlib import Path

from panel_eval.pooling import VoteTable, latest_votes, read_vote_table


def load_votes(path: str | Path) -> VoteTable:
    """Read a vote file; of votes with the same vote key the last one counts.

    The votes are a sequence of `Vote`, each made from its line when it is asked for, so that millions fit.

    Raises:
        InputError: with every bad line.
    """
    return latest_votes(read_vote_table(Path(path)))
