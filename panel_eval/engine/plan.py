"""The plan: every vote that a run is to collect, once, in an order that only the votes and the seed decide.

The order. Items are shuffled by a mix of their digests and the seed, all votes of an item stand together, and
inside an item votes stand by a mix of their keys and the seed. So a run that is cut short holds a random sample of
whole items, each with all its judges and samples: what it says about the panel is unbiased, and no item counts
half. Neither the order of lines in the label file nor the order of judges in the panel file has a part in it, and
adding items leaves the order of the others as it was.

The plan is lean: a million votes are a few arrays, some 50 bytes a vote. A `VoteTask` is made when it is asked for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.asked_items import AskedItem
from panel_eval.engine.key_index import KeyIndex, Keys, key_bytes
from panel_eval.errors import shorten
from panel_eval.judges.question import Question

Indices = NDArray[np.integer[Any]]
LabelOrder = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoteTask:
    """One vote to collect: which judge is asked what.

    Attributes:
        vote_key: sha256 identity of the vote, in hexadecimal.
        question: the item, the label order and the sample index.
        judge_id: the judge to ask.
    """

    vote_key: str
    question: Question
    judge_id: str


@dataclass(frozen=True, eq=False)
class Plan:
    """All votes of a run, in the order in which they are asked for.

    Attributes:
        keys: (n_votes, 32) the vote keys as bytes; they are distinct.
        judge: (n_votes,) positions in `judge_ids`.
        item: (n_votes,) rows in `records`.
        sample: (n_votes,) sample index.
        label_row: (n_votes,) which of the judge's `label_orders` is shown.
        judge_ids: ids of the judges, sorted.
        label_orders: for each judge the orders that its votes may show.
        item_ids: ids of the items: the labelled ones in the order of their file, then the others in that of theirs.
        records: the items with their content, in the same order.
        n_labelled: how many of the items people labelled; they stand first.
    """

    keys: Keys
    judge: Indices
    item: Indices
    sample: Indices
    label_row: Indices
    judge_ids: tuple[str, ...]
    label_orders: tuple[tuple[LabelOrder, ...], ...]
    item_ids: Sequence[str]
    records: Sequence[AskedItem]
    n_labelled: int

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, vote_key: object) -> bool:
        return isinstance(vote_key, str) and self.position(vote_key) is not None

    def task(self, position: int) -> VoteTask:
        """The vote at a place of the plan, made anew at each call."""
        record = self.records[int(self.item[position])]
        judge = self.judge[position]
        order = self.label_orders[judge][self.label_row[position]]
        question = Question(record.item_id, record.content or {}, order, int(self.sample[position]))
        return VoteTask(self.keys[position].tobytes().hex(), question, self.judge_ids[judge])

    def shard(self, shard: Shard) -> Plan:
        """The votes of one part of the items, in the same order.

        All votes of an item are in one shard. Which one follows from its id alone, so every machine finds the same
        parts, and items that are added later move no others.
        """
        mine = np.array([shard.holds(item_id) for item_id in self.item_ids], dtype=np.bool_)[self.item]
        columns = {name: getattr(self, name)[mine] for name in ("keys", "judge", "item", "sample", "label_row")}
        return replace(self, **columns)

    def position(self, vote_key: str) -> int | None:
        """Where the vote with this key (hexadecimal) stands; None if it is not planned."""
        key = key_bytes(vote_key)
        return None if key is None else self.index.position(key)

    @cached_property
    def n_items(self) -> int:
        """How many labelled items have votes in the plan."""
        return len(np.unique(self.item[self.item < self.n_labelled]))

    @cached_property
    def n_unlabelled(self) -> int:
        """How many items that nobody labelled have votes in the plan."""
        return len(np.unique(self.item[self.item >= self.n_labelled]))

    @property
    def votes_on_labelled(self) -> int:
        """How many votes are on items that people labelled."""
        return int(np.count_nonzero(self.item < self.n_labelled))

    @property
    def tasks(self) -> Tasks:
        """The votes as a sequence."""
        return Tasks(self, range(len(self)))

    @property
    def vote_keys(self) -> VoteKeys:
        """The keys of all votes, in hexadecimal, as a set that takes no memory of its own."""
        return VoteKeys(self)

    @cached_property
    def index(self) -> KeyIndex:
        """Finds many keys at once."""
        return KeyIndex(self.keys)

    @cached_property
    def plan_hash(self) -> str:
        """sha256 over judges and keys in order, in hexadecimal; equal plans are one run, which can be resumed."""
        hasher = hashlib.sha256("\n".join(self.judge_ids).encode() + b"\n")
        hasher.update(self.judge.astype("<u2").tobytes())
        hasher.update(np.ascontiguousarray(self.keys).data)
        return hasher.hexdigest()

    @property
    def hash8(self) -> str:
        """The first eight digits of the plan's hash."""
        return self.plan_hash[:8]


@dataclass(frozen=True, order=True)
class Shard:
    """One of several parts of a plan.

    Attributes:
        number: which part, from 1.
        count: how many parts there are.

    Raises:
        ValueError: there is no such part.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"there is no shard {self.number} of {self.count}")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The part that a text such as 1/4 names.

        Raises:
            ValueError: it names none.
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if found is None:
            raise ValueError(f"there is no shard {shorten(text)}")
        return cls(int(found[1]), int(found[2]))

    def holds(self, item_id: str) -> bool:
        """Whether an item belongs to this part."""
        digest = hashlib.sha256(b"shard\n" + item_id.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class Tasks(Sequence[VoteTask]):
    """Votes of a plan, each made when it is asked for.

    Args:
        plan: the plan.
        positions: which of its votes, in which order.
    """

    def __init__(self, plan: Plan, positions: Sequence[int]) -> None:
        self._plan = plan
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, index: int) -> VoteTask: ...

    @overload
    def __getitem__(self, index: slice) -> Tasks: ...

    def __getitem__(self, index: int | slice) -> VoteTask | Tasks:
        if isinstance(index, slice):
            return Tasks(self._plan, self._positions[index])
        return self._plan.task(self._positions[index])

    def __iter__(self) -> Iterator[VoteTask]:
        return map(self._plan.task, self._positions)


class VoteKeys(Set[str]):
    """The keys of a plan, in hexadecimal and in plan order.

    Args:
        plan: the plan.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __len__(self) -> int:
        return len(self._plan)

    def __contains__(self, vote_key: object) -> bool:
        return vote_key in self._plan

    def __iter__(self) -> Iterator[str]:
        return (key.tobytes().hex() for key in self._plan.keys)

    @classmethod
    def _from_iterable(cls, keys: Iterator[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(keys)
