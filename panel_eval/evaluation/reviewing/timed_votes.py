"""When each named vote was given and how long it took, as the rationales say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from panel_eval.evaluation.label_quality.delivery import NamedVotes
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class TimedVotes:
    """(n_votes,) each, in the order of the named votes.

    Attributes:
        time: seconds since 1970, NaN where none can be read.
        seconds: lead time, NaN where none is stated.
        evidence: the rationale's text, None where there is none.
        unreadable: times that are stated but are none.
    """

    time: FloatArray
    seconds: FloatArray
    evidence: tuple[str | None, ...]
    unreadable: int

    @property
    def timed(self) -> BoolArray:
        """(n_votes,) whether the time is known."""
        return np.isfinite(self.time)

    def stamp(self, place: int) -> str | None:
        """The time of one vote as text."""
        return None if np.isnan(self.time[place]) else stamp(float(self.time[place]))


def read_times(humans: HumanLabels, named: NamedVotes) -> TimedVotes:
    """Read the times of the named votes; a time without a zone is taken for UTC."""
    votes = named.votes
    time, seconds = np.full(votes.item.size, np.nan), np.full(votes.item.size, np.nan)
    evidence: list[str | None] = [None] * votes.item.size
    unreadable, before, told = 0, -1, {}
    for place, (item, reviewer) in enumerate(zip(votes.item.tolist(), votes.reviewer.tolist(), strict=True)):
        if item != before:  # the votes of an item stand together
            told, before = {one.reviewer: one for one in humans.records[item].rationales}, item
        rationale = told[votes.reviewers[reviewer]]
        evidence[place] = (rationale.evidence or "").strip() or None
        if rationale.seconds is not None:
            seconds[place] = rationale.seconds
        if rationale.at is not None:
            time[place] = _epoch(rationale.at)
            unreadable += int(np.isnan(time[place]))
    return TimedVotes(time, seconds, tuple(evidence), unreadable)


def in_order(times: TimedVotes, named: NamedVotes) -> list[IntArray]:
    """Places of each reviewer's timed votes, oldest first; of one time in the order of the items' ids."""
    votes = named.votes
    timed = np.flatnonzero(times.timed)
    order = timed[np.lexsort((votes.item[timed], times.time[timed], votes.reviewer[timed]))]
    ends = np.cumsum(np.bincount(votes.reviewer[timed], minlength=len(votes.reviewers)))
    return list(np.split(order, ends[:-1]))


def stamp(epoch: float) -> str:
    """Seconds since 1970 as UTC, ISO 8601."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _epoch(text: str) -> float:
    try:
        read = datetime.fromisoformat(text.strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("nan")
