"""One line of a label file on its way to being mended: what stands there, and what was changed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, cast

from panel_eval.humans.integrity import MOST_VOTES, SUM_TOLERANCE, VOTE_TOLERANCE
from panel_eval.schema import Scale

ABSENT: Final = object()
"""The value of a member that a line does not have."""
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Terms:
    """What lines are mended by.

    Attributes:
        labels: that may occur, in order; None where no rubric says it.
        scale: nominal or ordinal; None where nobody says it.
        order: of the labels on an ordinal scale where no rubric gives it: that of the first item.
        strict: whether the full contract is demanded.
    """

    labels: tuple[str, ...] | None = None
    scale: Scale | None = None
    order: tuple[str, ...] = ()
    strict: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All labels, as far as anything names them."""
        return self.order if self.labels is None else self.labels


@dataclass(frozen=True)
class Change:
    """One member of one record that is mended.

    Attributes:
        kind: of mending; see `mending.KINDS`.
        place: keys and positions down to the member.
        before: its value, `ABSENT` where it is added; its name where it is renamed.
        after: its new value, or its new name.
        why: in words.
        renamed: whether the name changes, not the value.
    """

    kind: str
    place: Place
    before: object
    after: object
    why: str
    renamed: bool = False


@dataclass
class Draft:
    """A record that rules look at and change; later rules see what earlier ones mended.

    Attributes:
        text: the line it stands on, without its line end, as it was.
        record: its members as they are by now.
        terms: what it is mended by.
        changes: made so far.
    """

    text: str
    record: dict[str, Any]
    terms: Terms
    changes: list[Change] = field(default_factory=list)

    def make(self, change: Change) -> None:
        """Make a change."""
        *way, last = change.place
        holder: Any = self.record
        for key in way:
            holder = holder[key]
        if change.renamed:
            members = [(change.after if key == last else key, value) for key, value in holder.items()]
            holder.clear()
            holder.update(members)
        else:
            holder[last] = change.after
        self.changes.append(change)

    def counts(self) -> dict[str, int] | None:
        """The votes as counted, if they are proper counts."""
        counts = self.record.get("counts")
        if not _is_object(counts, lambda value: type(value) is int and 0 <= value <= MOST_VOTES):
            return None
        found = cast("dict[str, int]", counts)
        return found if sum(found.values()) else None

    def masses(self) -> dict[str, float] | None:
        """The distribution, if it holds proper masses."""
        masses = self.record.get("distribution")
        if not _is_object(masses, lambda value: type(value) in {int, float} and 0 <= value <= 1):
            return None
        return cast("dict[str, float]", masses)

    def reviewers(self) -> int | None:
        """The number of reviewers as stated, if it is a proper one."""
        stated = self.record.get("reviewer_count")
        return stated if type(stated) is int and 1 <= stated <= MOST_VOTES else None

    def states(self, key: str) -> bool:
        """Whether a member is given and not null."""
        return self.record.get(key) is not None

    def knows_its_labels(self) -> bool:
        """Whether every label that has votes or mass may occur; nothing is derived from others."""
        if self.terms.labels is None:
            return True
        known = frozenset(self.terms.labels)
        given = (self.record.get(key) for key in ("counts", "distribution"))
        return all(known.issuperset(members) for members in given if isinstance(members, dict))

    def whole_votes(self) -> dict[str, int] | None:
        """The votes as counted, else mass × reviewer_count where whole; None where something contradicts."""
        counts, stated = self.counts(), self.reviewers()
        if self.states("reviewer_count") and stated is None:
            return None
        if counts is not None:
            return counts if stated in {None, sum(counts.values())} else None
        masses = None if self.states("counts") else self.masses()
        return None if masses is None or stated is None else rounded_votes(masses, stated, 0.0)

    def settled_masses(self) -> dict[str, float] | None:
        """Masses that sum to 1 and do not contradict the counts; those of the counts where there are no masses."""
        masses, counts = self.masses(), self.counts()
        if any(self.states(key) and found is None for key, found in (("distribution", masses), ("counts", counts))):
            return None
        if masses is None:
            votes = self.whole_votes()
            return None if votes is None else {label: n / sum(votes.values()) for label, n in votes.items()}
        if abs(math.fsum(masses.values()) - 1) > SUM_TOLERANCE:
            return None
        return masses if counts is None or agrees(masses, counts, 0.0) else None

    def mass_decimals(self) -> int:
        """Decimals that the masses are written with: the most of any."""
        given = json.loads(self.text, parse_float=Decimal, parse_int=Decimal).get("distribution")
        numbers = [Decimal(value.strip()) if isinstance(value, str) else value for value in given.values()]
        return max((-cast(int, number.as_tuple().exponent) for number in numbers), default=0)


Rule = Callable[[Draft], Iterator[Change]]
"""Looks at a draft and yields changes one by one; each is made before the next is asked for."""


def rounded_votes(masses: dict[str, float], reviewers: int, half_unit: float) -> dict[str, int] | None:
    """The only whole votes whose shares the masses can be, rounded to within `half_unit`; None if there are none.

    Within `VOTE_TOLERANCE` of a whole number of votes counts as that number, as it does where files are read.
    """
    if half_unit * reviewers >= 0.5:
        return None
    votes = {label: round(mass * reviewers) for label, mass in masses.items()}
    return votes if sum(votes.values()) == reviewers and agrees(masses, votes, half_unit) else None


def agrees(masses: dict[str, float], votes: dict[str, int], half_unit: float) -> bool:
    """Whether masses can be the votes' shares, rounded to within `half_unit`."""
    n = sum(votes.values())
    far = max(half_unit * n, VOTE_TOLERANCE) + 1e-9
    return all(abs(masses.get(label, 0.0) * n - votes.get(label, 0)) <= far for label in {**masses, **votes})


def _is_object(value: object, is_proper: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(is_proper, value.values()))
