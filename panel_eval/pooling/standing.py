"""Which votes stand: unknown labels are refused, and a vote asked twice counts once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.pooling.vote_columns import VoteColumns, occurs_again
from panel_eval.pooling.vote_table import VoteTable
from panel_eval.schema import Vote
from panel_eval.stats.arrays import IntArray

_SHOWN = 5


def refuse_unknown_labels(columns: VoteColumns, labels: Sequence[str]) -> None:
    """Check that every label in the votes is one of `labels`.

    Raises:
        InputError: one problem for each judge and unknown label, naming the items.
    """
    known = frozenset(labels)
    unknown = np.array([name not in known for name in columns.labels], dtype=bool)
    if not unknown.any():
        return
    chosen = np.flatnonzero(columns.label >= 0)
    chosen = chosen[unknown[columns.label[chosen]]]
    shared = unknown[columns.shares.label]
    votes = np.concatenate([chosen, columns.shares.vote[shared]])
    names = np.concatenate([columns.label[chosen], columns.shares.label[shared]])
    strangers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vote, name in zip(votes.tolist(), names.tolist(), strict=True):
        judge = columns.judges[columns.judge[vote]]
        strangers[judge, columns.labels[name]].append(columns.item_ids[columns.item[vote]])
    if strangers:
        raise InputError([_stranger(*key, items, labels) for key, items in sorted(strangers.items())])


def votes_replaced(table: VoteTable) -> tuple[IntArray, IntArray]:
    """Votes that do not stand because another stands for the same item, judge and sample.

    Of votes with the same vote_key, which are one question asked again, an answer stands over a failure, then
    the later time, then the later line. Such lines that are equal in all fields are one vote.

    Returns:
        Rows of `table` that were replaced, and rows that only repeat another.

    Raises:
        InputError: two votes share item, judge and sample but not a vote_key, or one question has two answers.
    """
    columns = table.columns
    place = _places(columns)
    standing: dict[int, int] = {}
    replaced: list[int] = []
    copies: list[int] = []
    problems: list[Problem] = []
    for row in np.flatnonzero(occurs_again(place)).tolist():
        earlier = standing.setdefault(int(place[row]), row)
        if earlier == row:
            continue
        if columns.key_hash[earlier] != columns.key_hash[row] or not columns.key_hash[row]:
            problems.append(_two_votes(columns, row))
        elif problem := _clash(table[earlier], table[row]):
            problems.append(problem)
        elif table[earlier] == table[row]:
            copies.append(row)
        else:
            later_stands = _rank(table[row]) >= _rank(table[earlier])
            standing[int(place[row])], loser = (row, earlier) if later_stands else (earlier, row)
            replaced.append(loser)
    if problems:
        raise InputError(sorted(problems, key=str))
    return np.array(replaced, dtype=np.int64), np.array(copies, dtype=np.int64)


def _places(columns: VoteColumns) -> IntArray:
    """One number for each (item, judge, sample)."""
    places = columns.judge.astype(np.int64)
    places *= len(columns.item_ids)
    places += columns.item
    if columns.sample.any():
        numbers, sample = np.unique(columns.sample, return_inverse=True)
        places *= len(numbers)
        places += sample
    return places


def _rank(vote: Vote) -> tuple[bool, str]:
    return vote.outcome == "ok", vote.at or ""


def _clash(earlier: Vote, later: Vote) -> Problem | None:
    """Why two votes under one key cannot be one vote asked again, if they cannot."""
    both_answered = earlier.outcome == later.outcome == "ok"
    if both_answered and (earlier.label, earlier.distribution) != (later.label, later.distribution):
        where = _place(earlier.item_id, earlier.judge, earlier.sample)
        return Problem(
            f"two different answers under one vote_key for {where}", fix="keep the line that was really given"
        )
    return None


def _two_votes(columns: VoteColumns, row: int) -> Problem:
    item, judge = columns.item_ids[columns.item[row]], columns.judges[columns.judge[row]]
    where = _place(item, judge, int(columns.sample[row]))
    return Problem(f"two votes for {where}", fix="number repeated votes with `sample`: 0, 1, 2 …")


def _place(item_id: str, judge: str, sample: int) -> str:
    return f"item {shorten(item_id)!r}, judge {shorten(judge)!r}, sample {sample}"


def _stranger(judge: str, label: str, items: list[str], labels: Sequence[str]) -> Problem:
    shown = ", ".join(shorten(item, 40) for item in sorted(items)[:_SHOWN])
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    near = nearest(label, labels)
    meant = f"did you mean {near!r}? Otherwise " if near else ""
    return Problem(
        f"judge {shorten(judge)!r} voted for a label that is not one of {', '.join(map(shorten, labels))}"
        f" on {len(items)} item{'s' if len(items) != 1 else ''}: {shown}{more}",
        key="label",
        value=shorten(label),
        fix=f'{meant}correct it, or mark the vote\'s outcome "unparseable" and drop its label',
    )
