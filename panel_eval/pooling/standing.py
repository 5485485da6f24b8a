"""Which votes stand: unknown labels are refused, and a vote asked twice counts once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.schema import Vote

_SHOWN = 5


def refuse_unknown_labels(votes: Iterable[Vote], labels: Sequence[str]) -> None:
    """Check that every label in `votes` is one of `labels`.

    Raises:
        InputError: one problem for each judge and unknown label, naming the items.
    """
    known = frozenset(labels)
    strangers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vote in votes:
        if vote.label is not None:
            if vote.label not in known:
                strangers[vote.judge, vote.label].append(vote.item_id)
        elif vote.distribution is not None and not known.issuperset(vote.distribution):
            for label in vote.distribution.keys() - known:
                strangers[vote.judge, label].append(vote.item_id)
    if strangers:
        raise InputError([_stranger(*key, items, labels) for key, items in sorted(strangers.items())])


def standing_votes(votes: Iterable[Vote]) -> tuple[list[Vote], list[Vote]]:
    """Split `votes` into those that stand, one for each (item, judge, sample), and those they replace.

    Of votes with the same vote_key, which are one question asked again, an answer stands over a failure, then
    the later time, then the later line. Such lines that are equal in all fields are one vote.

    Raises:
        InputError: two votes share item, judge and sample but not a vote_key, or one question has two answers.
    """
    standing: dict[tuple[str, str, int], Vote] = {}
    replaced: list[Vote] = []
    problems: list[Problem] = []
    for vote in votes:
        key = (vote.item_id, vote.judge, vote.sample)
        earlier = standing.setdefault(key, vote)
        if earlier is vote:
            continue
        if problem := _clash(earlier, vote):
            problems.append(problem)
            continue
        if earlier == vote:
            continue
        standing[key], loser = (vote, earlier) if _rank(vote) >= _rank(earlier) else (earlier, vote)
        replaced.append(loser)
    if problems:
        raise InputError(sorted(problems, key=str))
    return list(standing.values()), replaced


def _rank(vote: Vote) -> tuple[bool, str]:
    return vote.outcome == "ok", vote.at or ""


def _clash(earlier: Vote, later: Vote) -> Problem | None:
    where = f"item {shorten(earlier.item_id)!r}, judge {shorten(earlier.judge)!r}, sample {earlier.sample}"
    if earlier.vote_key is None or earlier.vote_key != later.vote_key:
        return Problem(f"two votes for {where}", fix="number repeated votes with `sample`: 0, 1, 2 …")
    both_answered = earlier.outcome == later.outcome == "ok"
    if both_answered and (earlier.label, earlier.distribution) != (later.label, later.distribution):
        return Problem(
            f"two different answers under one vote_key for {where}", fix="keep the line that was really given"
        )
    return None


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
