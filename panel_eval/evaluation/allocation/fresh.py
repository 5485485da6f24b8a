"""Who could review an item: known reviewers who have not labelled it, and how loaded they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.humans.mentions import rows_naming
from panel_eval.schema import ReviewerConfidence, SoftLabel
from panel_eval.stats.arrays import IntArray

LISTED = 10
"""Reviewers listed for an item."""


@dataclass(frozen=True)
class KnownReviewers:
    """The reviewers that a file names.

    Attributes:
        names: (n_reviewers,) sorted.
        load: (n_reviewers,) items that carry the name.
        done: row of an item to the codes of those who have labelled it; only rows with a name.
    """

    names: tuple[str, ...]
    load: IntArray
    done: Mapping[int, frozenset[int]]

    def done_on(self, row: int) -> frozenset[int]:
        """Who has labelled an item."""
        return self.done.get(row, frozenset())


@dataclass(frozen=True)
class FreshReviewers:
    """Who could review a planned item.

    Attributes:
        could: codes of known reviewers who have not labelled it, the least loaded first, at most `LISTED`.
        n_could: how many there are.
        suggested: codes of those to ask, at most as many as reviews are planned.
    """

    could: tuple[int, ...]
    n_could: int
    suggested: tuple[int, ...]


def known_reviewers(humans: HumanLabels) -> KnownReviewers | None:
    """Everyone whom the file names in a rationale or beside a confidence; None where it names nobody.

    Args:
        humans: the labelled items.
    """
    rows = np.union1d(rows_naming(humans.records, "rationales"), rows_naming(humans.records, "confidence"))
    named = {row: frozenset(_names(humans.records[row])) for row in rows.tolist()}
    names = tuple(sorted(frozenset().union(*named.values()))) if named else ()
    if not names:
        return None
    code = {name: place for place, name in enumerate(names)}
    done = {row: frozenset(code[name] for name in own) for row, own in named.items() if own}
    load = np.bincount([one for own in done.values() for one in own], minlength=len(names))
    return KnownReviewers(names, load.astype(np.int64), done)


def _names(record: SoftLabel) -> Iterator[str]:
    for rationale in record.rationales:
        yield rationale.reviewer
    for stated in record.confidence or ():
        if isinstance(stated, ReviewerConfidence):
            yield stated.reviewer


def suggest_reviewers(known: KnownReviewers, rows: Sequence[int], reviews: Sequence[int]) -> list[FreshReviewers]:
    """Whom to ask for each planned item, in the order of the plan: each time the least loaded who is fresh to it.

    Loads count what was suggested before; of equally loaded people the first by name is asked.

    Args:
        known: the reviewers.
        rows: (n_planned,) items, in the order in which they choose.
        reviews: (n_planned,) further reviews of each.
    """
    by_load = np.argsort(known.load, kind="stable").tolist()
    waiting = [(int(load), one) for one, load in enumerate(known.load)]
    heapify(waiting)
    found = []
    for row, wanted in zip(rows, reviews, strict=True):
        done = known.done_on(row)
        could: list[int] = []
        for one in by_load:
            if len(could) == LISTED:
                break
            if one not in done:
                could.append(one)
        suggested = _least_loaded(waiting, done, wanted)
        found.append(FreshReviewers(tuple(could), len(known.names) - len(done), suggested))
    return found


def _least_loaded(waiting: list[tuple[int, int]], done: frozenset[int], wanted: int) -> tuple[int, ...]:
    """Take the least loaded who are not in `done` off the heap and put everyone back with the new load."""
    chosen: list[tuple[int, int]] = []
    passed: list[tuple[int, int]] = []
    while waiting and len(chosen) < wanted:
        first = heappop(waiting)
        (passed if first[1] in done else chosen).append(first)
    for kept in passed:
        heappush(waiting, kept)
    for load, one in chosen:
        heappush(waiting, (load + 1, one))
    return tuple(one for _, one in chosen)
