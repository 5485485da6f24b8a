"""The votes on one item, as adjudication looks at them: who leads, who dissents, how it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from panel_eval.errors import shorten
from panel_eval.humans.labels import HumanLabels
from panel_eval.humans.reviewers import votes_by_name
from panel_eval.schema import SoftLabel
from panel_eval.schema.adjudication_policy import LabelRule

SPLIT = ("major", "unresolved")
_TIE = 1e-9
_NAME_CHARS = 40
_MOST_NAMED = 5


@dataclass(frozen=True)
class ItemVotes:
    """The votes on one item.

    Attributes:
        record: the item.
        counts: label to votes, labels without votes left out, in the rubric's order.
        known: whether these are votes; else they are shares times reviewers.
        named: reviewer to label; empty unless every vote has its reviewer's name.
        derived_class: the disagreement class of the votes.
    """

    record: SoftLabel
    counts: Mapping[str, float]
    known: bool
    named: Mapping[str, str]
    derived_class: str

    @property
    def total(self) -> float:
        """Number of votes."""
        return sum(self.counts.values())

    @property
    def modes(self) -> list[str]:
        """The most frequent labels; several where they tie."""
        most = max(self.counts.values())
        return [label for label, votes in self.counts.items() if votes >= most - _TIE]

    @property
    def is_split(self) -> bool:
        """Whether the votes alone look like honest disagreement; two of two reviewers who differ count as well."""
        too_few = self.derived_class == "insufficient" and len(self.counts) > 1
        return self.derived_class in SPLIT or too_few

    def without(self, reviewers: Collection[str]) -> set[str]:
        """Labels of all others; needs named votes."""
        return {label for name, label in self.named.items() if name not in reviewers}

    def by_rule(self, rule: LabelRule) -> tuple[str | None, str]:
        """The label that a rule chooses, and the rule in words; None and what is missing where it chooses none."""
        if rule.rule == "reviewer":
            own = {rationale.reviewer: rationale.label for rationale in self.record.rationales}
            who = shorten(rule.reviewer or "", _NAME_CHARS)
            if rule.reviewer not in own:
                return None, f"{who} has no vote on it"
            return own[rule.reviewer], f"the label of {who}"
        first = self.modes[0]
        if rule.rule == "majority":
            if 2 * self.counts[first] > self.total + _TIE:
                return first, "majority"
            return None, f"no label has a majority: {self.told()}"
        if len(self.modes) > 1:
            return None, f"the most frequent labels tie: {self.told()}"
        return first, "most frequent label"

    def told(self, label: str | None = None) -> str:
        """The votes in words, such as `2 of 4 chose moderate, 1 mild, 1 severe`.

        Args:
            label: named first, also if nobody chose it; default: the most frequent one.
        """
        first = self.modes[0] if label is None else label
        others = sorted((name for name in self.counts if name != first), key=lambda name: -self.counts[name])
        told = [f"{self._amount(first)} of {self.total:g} chose {_name(first)}"]
        told += [f"{self._amount(name)} {_name(name)}" for name in others[:_MOST_NAMED]]
        told += [f"{len(others) - _MOST_NAMED} labels more"] if len(others) > _MOST_NAMED else []
        return ", ".join(told)

    def _amount(self, label: str) -> str:
        votes = self.counts.get(label, 0.0)
        return f"{votes:g}" if self.known else f"{votes:.3g}"


def item_votes(humans: HumanLabels, row: int) -> ItemVotes:
    """The votes on one of some labelled items."""
    own, record = humans.counts[row].tolist(), humans.records[row]
    return ItemVotes(
        record=record,
        counts={label: votes for label, votes in zip(humans.labels, own, strict=True) if votes > 0},
        known=bool(humans.counts_known[row]),
        named=votes_by_name(humans, row, record),
        derived_class=humans.derived_class[row],
    )


def _name(label: str) -> str:
    """The label within a sentence: in quotes where it could be taken for a number of votes."""
    shown = shorten(label, _NAME_CHARS)
    return f'"{shown}"' if label[:1].isdigit() else shown
