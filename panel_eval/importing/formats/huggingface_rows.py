"""What a row of a data set says: single answers, counts, or shares of people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, Tally
from panel_eval.importing.formats.huggingface_columns import PEOPLE, HubColumns
from panel_eval.importing.hub_rows import HubRow
from panel_eval.importing.values import identifier, label_text, number, text
from panel_eval.schema import Vote

PANEL = "panel"
_ANSWER = {
    "reviewer": (*PEOPLE, *(f"{who}_id" for who in PEOPLE)),
    "label": ("label", "answer", "value", "rating", "annotation"),
    "confidence": ("confidence",),
    "evidence": ("evidence", "rationale", "comment"),
    "criterion": ("criterion",),
    "seconds": ("seconds", "lead_time"),
    "at": ("at", "created_at", "timestamp"),
}
_WHOLE = 0.02
"""Shares times people are counts within this, as in label files: published shares are rounded."""
_SUM = 0.02


class RowReader:
    """Makes entries of rows.

    Args:
        columns: what the columns are.
        lists: whether the labels stand in lists.
        human_target: of an export of ours: `posterior` where half a vote more for each label is in the shares.
    """

    def __init__(self, columns: HubColumns, lists: bool, human_target: str | None) -> None:
        self._columns = columns
        self._lists = lists
        self._posterior = human_target == "posterior"
        self._several = any(role in columns.roles for role in ("counts", "distribution"))

    def entries(self, item_id: str, row: HubRow, line: int, split: str | None) -> Iterator[Entry]:
        """The item of a row and the votes on it."""
        yield self._item(item_id, row, line, split)
        if self._value(row, "origin") == PANEL and self._value(row, "distribution") is not None:
            yield from self._forecast(item_id, row, line)
            return
        answers = _object_of_pairs(self._value(row, "label"))
        if isinstance(answers, dict):
            people = [(identifier(name), label) for name, label in answers.items() if label is not None]
            yield from (Annotation(item_id, name, label, line) for name, label in people)
        elif isinstance(answers, list) and (answers or not self._several):
            yield from self._single_answers(item_id, answers, row, line)
        elif (counts := self._value(row, "counts")) is not None:
            yield self._tally(item_id, counts, line)
        elif (shares := self._value(row, "distribution")) is not None:
            yield self._shares(item_id, shares, row, line)
        elif self._lists:
            if answers is not None:
                yield Dropped(
                    "no_list", "is no list of labels, as others of its column are", line, item_id, answers
                )
        elif not self._several:
            column = self._columns.roles["label"]
            reviewer = identifier(self._value(row, "reviewer"))
            yield Annotation(item_id, reviewer, self._columns.label(answers, column), line)

    def _value(self, row: HubRow, role: str) -> Any:
        column = self._columns.roles.get(role)
        return None if column is None else row[column]

    def _item(self, item_id: str, row: HubRow, line: int, split: str | None) -> Item:
        columns = self._columns
        content = {name: text(row[column]) for name, column in columns.content.items()}
        gold, adjudicated = columns.roles.get("gold"), columns.roles.get("adjudicated")
        return Item(
            item_id,
            {name: found for name, found in content.items() if found is not None},
            cluster=text(self._value(row, "cluster")),
            gold_label=None if gold is None else columns.label(row[gold], gold),
            split=text(self._value(row, "split")) if "split" in columns.roles else split,
            adjudicated_label=None if adjudicated is None else columns.label(row[adjudicated], adjudicated),
            adjudication_reason=text(self._value(row, "adjudication_reason")),
            metadata=_metadata(self._value(row, "metadata")),
            line=line,
        )

    def _single_answers(self, item_id: str, answers: list[Any], row: HubRow, line: int) -> Iterator[Entry]:
        """One answer for each entry of a list; of objects, or of labels with the people in a list beside."""
        column = self._columns.roles["label"]
        people = self._value(row, "reviewer")
        names = people if isinstance(people, list) and len(people) == len(answers) else [None] * len(answers)
        if isinstance(people, list) and len(people) != len(answers):
            message = "has another number of people than of labels: the labels are kept without names"
            yield Dropped("people", message, line, item_id, len(people))
        for answer, name in zip(answers, names, strict=True):
            if isinstance(answer, dict):
                yield self._answer(item_id, answer, column, line)
            else:
                label = self._columns.label(answer, column)
                yield Annotation(item_id, identifier(name), label, line)

    def _answer(self, item_id: str, answer: Mapping[str, Any], column: str, line: int) -> Annotation:
        key = {role: next((name for name in names if name in answer), None) for role, names in _ANSWER.items()}
        told = {role: None if name is None else answer[name] for role, name in key.items()}
        return Annotation(
            item_id,
            identifier(told["reviewer"]),
            self._columns.label(told["label"], f"{column}.{key['label']}"),
            line,
            confidence=told["confidence"],
            evidence=text(told["evidence"]),
            criterion=text(told["criterion"]),
            seconds=told["seconds"],
            at=told["at"],
        )

    def _tally(self, item_id: str, given: Any, line: int) -> Entry:
        named = self._by_label(given)
        if isinstance(named, str):
            return Dropped("counts", named, line, item_id, given)
        counts = {label: number(value) or 0.0 for label, value in named.items()}
        if not all(0 <= value < 10**9 and value.is_integer() for value in counts.values()):
            return Dropped("counts", "has a count that is no whole number from 0", line, item_id, given)
        return Tally(item_id, {label: int(value) for label, value in counts.items()}, line=line)

    def _shares(self, item_id: str, given: Any, row: HubRow, line: int) -> Entry:
        shares = self._distribution(given)
        if isinstance(shares, str):
            return Dropped("shares", shares, line, item_id, given)
        people = number(self._value(row, "reviewer_count"))
        if people is None or people < 1 or not people.is_integer():
            message = "has shares, but no whole number of people that they stand for"
            return Dropped("people_unknown", message, line, item_id, self._value(row, "reviewer_count"))
        total = int(people)
        counts = {label: round(self._votes(share, total, len(shares))) for label, share in shares.items()}
        exact = all(
            abs(self._votes(share, total, len(shares)) - counts[label]) <= _WHOLE for label, share in shares.items()
        )
        if exact and sum(counts.values()) == total:
            return Tally(item_id, counts, line=line)
        return Tally(item_id, shares=shares, reviewers=total, line=line)

    def _votes(self, share: float, people: int, n_labels: int) -> float:
        """How many votes a share stands for; a posterior mean has half a vote more for each label."""
        return share * (people + n_labels / 2) - 0.5 if self._posterior else share * people

    def _forecast(self, item_id: str, row: HubRow, line: int) -> Iterator[Entry]:
        """A row of an export that a panel of judges forecast: no label of people, but one vote of a judge."""
        shares = self._distribution(self._value(row, "distribution"))
        if isinstance(shares, str):
            yield Dropped("shares", shares, line, item_id)
            return
        total = sum(shares.values())
        q = {label: share / total for label, share in shares.items()}
        yield JudgeVote(Vote(item_id=item_id, judge=PANEL, distribution=q), line)

    def _distribution(self, given: Any) -> dict[str, float] | str:
        named = self._by_label(given)
        if isinstance(named, str):
            return named
        shares = {label: number(value) if value is not None else 0.0 for label, value in named.items()}
        found = {label: share for label, share in shares.items() if share is not None and share >= -1e-9}
        if len(found) < len(shares) or abs(sum(found.values()) - 1) > _SUM:
            return "has shares that are no numbers from 0 with the sum 1"
        return {label: max(share, 0.0) for label, share in found.items()}

    def _by_label(self, given: Any) -> dict[str, Any] | str:
        """Label to its number, of a list in label order, an object, or pairs as Arrow's maps come."""
        labels = self._columns.labels
        given = _object_of_pairs(given)
        if isinstance(given, dict):
            return {name: value for key, value in given.items() if (name := label_text(key)) is not None}
        if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == len(labels):
            return dict(zip(labels, given, strict=True))
        return f"is no list of {len(labels)} numbers, one a label"


def _object_of_pairs(given: Any) -> Any:
    """Arrow's maps come as lists of pairs: as an object; anything else as it is."""
    if isinstance(given, list) and given and all(isinstance(pair, tuple) and len(pair) == 2 for pair in given):
        return {str(key): value for key, value in given}
    return given


def _metadata(given: Any) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {"metadata": given}
    return given if isinstance(given, dict) else {}
