"""Entries of any format become votes of people, tallies, items and votes of judges, all in our names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from panel_eval.importing.drops import Drops
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, LabelSet, Note, Tally
from panel_eval.importing.items import ItemRegister
from panel_eval.importing.judge_votes import JudgeVotes
from panel_eval.importing.names_met import Names, unmet
from panel_eval.importing.naming import LabelNames
from panel_eval.importing.values import identifier, number, time_text
from panel_eval.importing.votes_of_people import UNNAMED, Answers
from panel_eval.schema import Rubric
from panel_eval.schema.import_mapping import ImportMapping

WHY = {
    "no_answer": "has no answer",
    "mapped_to_nothing": "is a label that the mapping counts as no answer",
    "replaced": "is replaced by a later answer of the same person",
    "no_item": "names no item",
    "confidence": "is no confidence within the range (the vote is kept without it)",
    "seconds": "is no number of seconds (the vote is kept without it)",
    "time": "is no time in ISO 8601 (the vote is kept without it)",
    "contradiction": "contradicts what stands before of the same item; the first is kept",
    "gold": "is a gold label that the task does not have; the item is kept without it",
    "adjudicated": "is an adjudicated label that the task does not have; the item is kept without it",
    "tally_twice": "has counts a second time; the first are kept",
    "tally_besides": "has counts besides single answers; the answers are kept",
    "no_votes": "holds no votes",
    "judge_label": "is a label of a judge that the task does not have; the vote is kept as unparseable",
}


@dataclass(frozen=True)
class TalliedVotes:
    """Votes of which only the tally is known: code of a label to people, or to share of `reviewers`."""

    votes: Mapping[int, float]
    reviewers: int
    are_counts: bool


class Gathering:
    """Everything found in a source, as far as it can be kept.

    Args:
        mapping: what the user says of names.
        rubric: the task's, if there is one.
    """

    def __init__(self, mapping: ImportMapping, rubric: Rubric | None) -> None:
        self.labels = LabelNames(mapping, rubric)
        self.drops = Drops()
        self.items = ItemRegister()
        self.answers = Answers()
        self.tallies: dict[int, TalliedVotes] = {}
        self.reviewers: dict[str, int] = {}
        self.judges = JudgeVotes()
        self.notes: list[str] = []
        self.read = 0
        self._mapping = mapping
        self._item_names, self._people = Names("items"), Names("reviewers", mapping.reviewers, numbers=True)
        self._judges = frozenset(mapping.judges)
        self._judges_met: set[str] = set()
        self._low, high = mapping.confidence_range
        self._width = high - self._low

    def take_all(self, entries: Iterable[Entry]) -> None:
        """Keep what can be kept of the entries."""
        takers: dict[type, Any] = {
            Annotation: self._annotation,
            Item: self._item,
            Tally: self._tally,
            JudgeVote: self._judge_vote,
            LabelSet: lambda entry: self.labels.declare(entry.names, entry.scale),
            Dropped: self._dropped,
            Note: lambda entry: self.notes.append(entry.text),
        }
        for entry in entries:
            takers[type(entry)](entry)
        self.notes += self._item_names.notes()
        self.notes += self._people.notes(alike=True)

    def note_unmet(self) -> None:
        """Say which names of the mapping the source does not have."""
        self.notes += unmet(self._mapping, self._judges_met, self._people, self.labels.renamed_here)

    def _dropped(self, entry: Dropped) -> None:
        self.read += entry.answers
        self.drops.add(entry)

    def _drop(self, reason: str, line: int | None, item: str | None = None, value: object = None) -> None:
        self.drops.add(Dropped(reason, WHY[reason], line, item, value))

    def _annotation(self, entry: Annotation) -> None:
        item_id = self._item_names.name(entry.item_id)
        if item_id is None:
            self.read += 1
            self._drop("no_item", entry.line, value=entry.item_id)
            return
        if self._judges and (judge := self._judge(entry.reviewer)) is not None:
            self._answer_of_judge(item_id, judge, entry)
            return
        self.read += 1
        code = self.labels.code(entry.label)
        if isinstance(code, str):
            self._no_label(code, entry.line, item_id, entry.label)
            return
        answer = self.answers.add(
            self.items.code(item_id),
            self._reviewer(entry.reviewer),
            code,
            entry.line,
            None if entry.confidence is None else self._confidence(entry, item_id),
            None if entry.seconds is None else self._seconds(entry, item_id),
        )
        if entry.evidence is not None and entry.evidence.strip():
            self.answers.evidence[answer] = entry.evidence
        if entry.criterion is not None and entry.criterion.strip():
            self.answers.criterion[answer] = entry.criterion.strip()
        if entry.at is not None:
            self._given_at(answer, entry, item_id)

    def _judge(self, name: object) -> str | None:
        """The judge that an annotator is, None for a person."""
        found = identifier(name)
        if found is None or found not in self._judges:
            return None
        self._judges_met.add(found)
        return found

    def _answer_of_judge(self, item_id: str, judge: str, entry: Annotation) -> None:
        beside = {
            "rationale": entry.evidence,
            "confidence": None if entry.confidence is None else self._confidence(entry, item_id),
            "at": None if entry.at is None else self._time(entry, item_id),
        }
        self.judges.add_label(item_id, judge, entry.label, self, entry.line, beside)

    def _no_label(self, reason: str, line: int | None, item_id: str, label: object, people: float = 1) -> None:
        why = self.labels.unknown_text() if reason == "unknown_label" else WHY[reason]
        self.drops.add(Dropped(reason, why, line, item_id, label), max(round(people), 1))

    def _reviewer(self, name: str | None) -> int:
        found = None if name is None else self._people.name(name)
        if found is None:
            return UNNAMED
        return self.reviewers.setdefault(found, len(self.reviewers))

    def _confidence(self, entry: Annotation, item_id: str) -> float | None:
        given = number(entry.confidence)
        share = None if given is None else (given - self._low) / self._width
        if share is None or not -1e-9 <= share <= 1 + 1e-9:
            self._drop("confidence", entry.line, item_id, entry.confidence)
            return None
        return min(max(share, 0.0), 1.0)

    def _seconds(self, entry: Annotation, item_id: str) -> float | None:
        given = number(entry.seconds)
        if given is None or given < 0:
            self._drop("seconds", entry.line, item_id, entry.seconds)
            return None
        return given

    def _given_at(self, answer: int, entry: Annotation, item_id: str) -> None:
        if (at := self._time(entry, item_id)) is not None:
            self.answers.given_at(answer, at, datetime.fromisoformat(at).timestamp())

    def _time(self, entry: Annotation, item_id: str) -> str | None:
        at = time_text(entry.at)
        if at is None:
            self._drop("time", entry.line, item_id, entry.at)
        return at

    def _item(self, entry: Item) -> None:
        item_id = self._item_names.name(entry.item_id)
        if item_id is None:
            self._drop("no_item", entry.line, value=entry.item_id)
            return
        facts = self.items.facts_of(self.items.code(item_id))
        contradicted = facts.take(entry)
        for name, reason in (("gold_label", "gold"), ("adjudicated_label", "adjudicated")):
            if (label := getattr(entry, name)) is None:
                continue
            code = self.labels.code(label)
            if isinstance(code, int):
                contradicted += facts.settle(name, self.labels.name(code))
            elif code == "unknown_label":
                self._drop(reason, entry.line, item_id, label)
        for field in contradicted:
            self._drop("contradiction", entry.line, item_id, field)

    def _tally(self, entry: Tally) -> None:
        item_id = self._item_names.name(entry.item_id)
        given = entry.counts if entry.counts is not None else entry.shares or {}
        people = sum(entry.counts.values()) if entry.counts is not None else entry.reviewers or 0
        if item_id is None:
            self._drop("no_item", entry.line, value=entry.item_id)
            return
        votes: dict[int, float] = {}
        for label, share in given.items():
            code = self.labels.code(label)
            if isinstance(code, int):
                votes[code] = votes.get(code, 0) + share
            elif share:
                self._no_label(code, entry.line, item_id, label, people * share / sum(given.values()))
        code = self.items.code(item_id)
        if code in self.tallies:
            self._drop("tally_twice", entry.line, item_id)
        elif not sum(votes.values()) > 0 or people < 1:
            self._drop("no_votes", entry.line, item_id)
        else:
            kept = round(people * sum(votes.values()) / sum(given.values()))
            if kept < 1:
                self._drop("no_votes", entry.line, item_id)
                return
            self.tallies[code] = TalliedVotes(votes, kept, entry.counts is not None)

    def _judge_vote(self, entry: JudgeVote) -> None:
        self.judges.add(entry.vote, self, entry.line, entry.cut)

    def judge_label(self, vote_label: object, line: int | None, item_id: str, cut: bool = False) -> str | None:
        """A judge's label in our names; None, and counted, where the task does not have it.

        The start of an answer that was cut is none, and nothing is lost with it; where the labels are not known,
        several words are such a start.
        """
        name = self.labels.renamed(vote_label)
        if cut and (name is None or (not self.labels.closed and " " in name)):
            return None
        if name is None:
            self._drop("judge_label", line, item_id, vote_label)
        return name
