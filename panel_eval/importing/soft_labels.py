"""What was gathered as lines of a label file: the whole contract, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic_core import to_json

from panel_eval.humans import disagreement_class
from panel_eval.importing.entries import Dropped
from panel_eval.importing.gathering import WHY, Gathering
from panel_eval.importing.items import ItemFacts
from panel_eval.importing.votes_of_people import UNNAMED, AnswerColumns
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray, quotient, row_sums

_BLOCK = 4096
_NOTHING = ItemFacts()


@dataclass(frozen=True)
class LabelledItems:
    """The items with votes, ready to be written.

    Attributes:
        gathered: where they come from.
        answers: the votes that count.
        task: name of the task.
        labels: in order.
        column: code of a label to its column.
        codes: (n_items,) the items, in the order in which they were met.
        first: (n_codes + 1,) where the answers of each item begin.
    """

    gathered: Gathering
    answers: AnswerColumns
    task: str
    labels: Sequence[str]
    column: IntArray
    codes: IntArray
    first: IntArray

    def __len__(self) -> int:
        return len(self.codes)

    def lines(self) -> Iterator[bytes]:
        """One JSON line an item."""
        names = list(self.gathered.reviewers)
        for start in range(0, len(self.codes), _BLOCK):
            codes = self.codes[start : start + _BLOCK]
            votes = self._votes(codes)
            classes = disagreement_class(votes, self.gathered.labels.scale)[0]
            shares = quotient(votes, row_sums(votes)[:, None])
            bits = entropy_bits(shares)
            for row, code in enumerate(codes.tolist()):
                record = {
                    "item_id": self.gathered.items.ids[code],
                    "task": self.task,
                    "distribution": dict(zip(self.labels, shares[row].tolist(), strict=True)),
                    **self._people(code, votes[row]),
                    "entropy_bits": round(float(bits[row]), 6),
                    "disagreement_class": None if classes[row] == "insufficient" else classes[row],
                    **self._single_answers(code, names),
                    **self._facts(code),
                }
                yield to_json(record) + b"\n"

    def _votes(self, codes: IntArray) -> FloatArray:
        """(n_codes, n_labels) votes of a block of items; shares times reviewers where only these are known."""
        table = np.zeros((len(codes), len(self.labels)))
        for row, code in enumerate(codes.tolist()):
            start, stop = self.first[code], self.first[code + 1]
            if stop > start:
                table[row] = np.bincount(self.column[self.answers.label[start:stop]], minlength=len(self.labels))
                continue
            tally = self.gathered.tallies[code]
            total = sum(tally.votes.values())
            for label, votes in tally.votes.items():
                table[row, self.column[label]] = votes if tally.are_counts else votes / total * tally.reviewers
        return table

    def _people(self, code: int, votes: FloatArray) -> dict[str, Any]:
        if self.first[code + 1] == self.first[code] and not self.gathered.tallies[code].are_counts:
            return {"reviewer_count": self.gathered.tallies[code].reviewers}
        whole = [int(count) for count in votes.tolist()]
        return {"reviewer_count": sum(whole), "counts": dict(zip(self.labels, whole, strict=True))}

    def _single_answers(self, code: int, names: Sequence[str]) -> dict[str, Any]:
        answers, given = self.answers, self.gathered.answers
        rationales, confidences = [], []
        for place in range(self.first[code], self.first[code + 1]):
            if answers.reviewer[place] == UNNAMED:
                continue
            name, number = names[answers.reviewer[place]], int(answers.order[place])
            said: dict[str, Any] = {
                "reviewer": name,
                "label": self.labels[self.column[answers.label[place]]],
                "evidence": given.evidence.get(number),
            }
            if number in given.criterion:
                said["criterion"] = given.criterion[number]
            if answers.seconds[place] >= 0:
                said["seconds"] = float(answers.seconds[place])
            if number in given.at:
                said["at"] = given.at[number]
            rationales.append(said)
            if answers.confidence[place] >= 0:
                confidences.append({"reviewer": name, "value": float(answers.confidence[place])})
        return {"confidence": confidences or None, "rationales": rationales}

    def _facts(self, code: int) -> dict[str, Any]:
        facts = self.gathered.items.facts.get(code, _NOTHING)
        adjudicated, reason = facts.adjudicated_label, facts.adjudication_reason
        if adjudicated is not None and not reason:
            reason = "adjudicated in the source, which gives no reason"
        found: dict[str, Any] = {"adjudicated_label": adjudicated, "adjudication_reason": reason}
        for name in ("content", "cluster", "gold_label", "split", "metadata"):
            if value := getattr(facts, name):
                found[name] = value
        return found


def labelled_items(gathered: Gathering, task: str) -> tuple[LabelledItems, IntArray]:
    """The items with votes, and the numbers of the answers that later ones replace."""
    labels, codes_in_order = gathered.labels.ordered()
    column = np.full(max(codes_in_order, default=-1) + 1, -1)
    column[codes_in_order] = np.arange(len(labels))
    answers, replaced = gathered.answers.columns()
    n_items = len(gathered.items)
    first = np.concatenate([[0], np.cumsum(np.bincount(answers.item, minlength=n_items))]).astype(np.int64)
    has_votes = np.diff(first) > 0
    for code in gathered.tallies:
        if has_votes[code]:
            gathered.drops.add(Dropped("tally_besides", WHY["tally_besides"], item=gathered.items.ids[code]))
        has_votes[code] = True
    items = LabelledItems(gathered, answers, task, labels, column, np.flatnonzero(has_votes), first)
    return items, replaced


def unlabelled_lines(gathered: Gathering, task: str, labelled: IntArray) -> Iterator[bytes]:
    """Items of the source on which no vote of a person was kept, as lines of unlabelled items."""
    with_votes = np.zeros(len(gathered.items), dtype=np.bool_)
    with_votes[labelled] = True
    for code in np.flatnonzero(~with_votes).tolist():
        facts = gathered.items.facts.get(code, _NOTHING)
        record: dict[str, Any] = {"item_id": gathered.items.ids[code], "task": task}
        for name in ("content", "cluster", "split", "metadata"):
            if value := getattr(facts, name):
                record[name] = value
        if facts.gold_label is not None:
            record["metadata"] = {**facts.metadata, "gold_label": facts.gold_label}
        yield to_json(record) + b"\n"
