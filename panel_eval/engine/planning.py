"""Making a plan: vote keys from digests that are made once, and the order of the votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from panel_eval import schema
from panel_eval.engine.asked_items import AskedItem, BothItems
from panel_eval.engine.key_index import Keys, keys_array
from panel_eval.engine.plan import Indices, Plan
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import HumanLabels, UnlabelledItems, lacks_content
from panel_eval.judges.instrument import digest, item_digest, key_head, key_tail
from panel_eval.schema import Rubric
from panel_eval.schema.reading import collector_paused
from panel_eval.schema.rubric import NOT_ASKED

Words = NDArray[np.uint64]


class Asked(Protocol):
    """What a plan needs to know of a judge."""

    @property
    def id(self) -> str:
        """Its name in votes."""
        ...

    @property
    def config(self) -> schema.Judge:
        """Its settings in the panel."""
        ...

    @property
    def instrument_hash(self) -> str:
        """sha256 of its instrument."""
        ...

    @property
    def label_square(self) -> tuple[tuple[str, ...], ...]:
        """The label orders that the samples of an item show in turn."""
        ...

    def first_row(self, item_id: str) -> int:
        """The row of the `label_square` that an item's first sample shows."""
        ...


def make_plan(
    judges: Sequence[Asked],
    humans: HumanLabels,
    rubric: Rubric,
    seed: int,
    unlabelled: UnlabelledItems | None = None,
) -> Plan:
    """Plan one vote for every item, judge and sample.

    Args:
        judges: whom to ask.
        humans: the labelled items, with the content that judges see.
        rubric: the rubric; its hash is part of every vote's key.
        seed: decides the order, together with items and vote keys.
        unlabelled: items without human labels that are asked about as well, in the one order of all.

    Raises:
        InputError: items have no content, or two judges would give the same vote (same model, prompt and
            settings); lists all of them.
    """
    judges = sorted(judges, key=lambda judge: judge.id)
    records: Sequence[AskedItem] = humans.records
    item_ids = humans.item_ids
    if unlabelled:
        records, item_ids = BothItems(records, unlabelled.records), item_ids + unlabelled.item_ids
    with collector_paused():
        items = _item_digests(records, rubric)
        chunks = [_votes_of(judge, item_ids, items, rubric_hash(rubric)) for judge in judges]
    votes = _Votes(*(np.concatenate(columns) for columns in zip(*map(_columns, chunks), strict=True)))
    whose = np.repeat(np.arange(len(judges), dtype=np.uint16), [len(chunk.item) for chunk in chunks])
    order = _order(votes, keys_array(b"".join(items)), seed)
    plan = Plan(
        keys=votes.keys[order],
        judge=whose[order],
        item=votes.item[order],
        sample=votes.sample[order],
        label_row=votes.label_row[order],
        judge_ids=tuple(judge.id for judge in judges),
        label_orders=tuple(judge.label_square for judge in judges),
        item_ids=item_ids,
        records=records,
        n_labelled=len(humans),
    )
    _refuse_twins(plan)
    return plan


def rubric_hash(rubric: Rubric) -> str:
    """sha256 of what the rubric asks; formatting, comments and what nobody is asked do not matter."""
    return digest(rubric.model_dump(mode="json", exclude=set(NOT_ASKED)))


@dataclass(frozen=True)
class _Votes:
    """Votes in the order in which they were thought of; fields as in `Plan`."""

    keys: Keys
    item: Indices
    sample: Indices
    label_row: Indices


def _columns(votes: _Votes) -> tuple[NDArray[Any], ...]:
    return votes.keys, votes.item, votes.sample, votes.label_row


def _item_digests(records: Iterable[AskedItem], rubric: Rubric) -> list[bytes]:
    """The digest of every item, once it is sure that each has what the rubric shows to judges."""
    bare: list[str] = []
    digests: list[bytes] = []
    for record in records:
        content = record.content or {}
        if lacks_content(content, rubric):
            bare.append(record.item_id)
        digests.append(item_digest(record.item_id, content))
    if bare:
        raise InputError([_no_content(item_id, rubric) for item_id in bare])
    return digests


def _votes_of(judge: Asked, item_ids: Sequence[str], items: Sequence[bytes], rubric_digest: str) -> _Votes:
    head = key_head(judge.instrument_hash, rubric_digest)
    square, samples = judge.label_square, range(judge.config.samples)
    # row → for each sample: which order it shows, and the end of its key
    rows = [[(first + sample) % len(square) for sample in samples] for first in range(len(square))]
    tails = [[key_tail(square[row], sample) for sample, row in enumerate(shown)] for shown in rows]
    first_rows = [judge.first_row(item_id) for item_id in item_ids]
    keys = bytearray()
    for item, first in zip(items, first_rows, strict=True):
        start = head + item
        for tail in tails[first]:
            keys += sha256(start + tail).digest()
    return _Votes(
        keys_array(keys),
        np.repeat(np.arange(len(items), dtype=np.int32), len(samples)),
        np.tile(np.array(samples, dtype=np.uint16), len(items)),
        np.array(rows, dtype=np.uint16)[first_rows].ravel(),
    )


def _order(votes: _Votes, items: Keys, seed: int) -> NDArray[np.int64]:
    """The order of the plan: items by their mixed digests, the votes of an item by their mixed keys."""
    item_rank = np.empty(len(items), dtype=np.int64)
    item_rank[np.lexsort(_mixed(items, seed).T)] = np.arange(len(items))
    return np.lexsort((_mixed(votes.keys, seed)[:, 0], item_rank[votes.item]))


def _mixed(digests: Keys, seed: int) -> Words:
    """(n, 2) numbers that look random, made from the first words of digests and the seed."""
    words: Words = np.ascontiguousarray(digests).view("<u8").reshape(len(digests), -1)[:, :2]
    return _splitmix(words ^ _splitmix(np.array([seed % 2**64], dtype=np.uint64)))


def _splitmix(words: Words) -> Words:
    """The output function of SplitMix64: a bijection of 64-bit words in which every bit depends on every other.

    References:
        Steele, Lea, Flood (2014), "Fast Splittable Pseudorandom Number Generators".
    """
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _refuse_twins(plan: Plan) -> None:
    """Every vote must have a key of its own.

    Raises:
        InputError: two judges would be asked the same; lists all such pairs.
    """
    pairs = Counter(
        tuple(sorted(int(plan.judge[position]) for position in pair)) for pair in plan.index.repetitions()
    )
    if pairs:
        names = plan.judge_ids
        raise InputError([_twins(names[one], names[two], count) for (one, two), count in sorted(pairs.items())])


def _no_content(item_id: str, rubric: Rubric) -> Problem:
    wanted = f"the fields {', '.join(rubric.fields)}" if rubric.fields else "any content"
    return Problem(
        f"item {shorten(item_id)!r} lacks {wanted} to show to judges",
        key="content",
        fix="add `content` to the item's line, or name a content file in the panel",
    )


def _twins(first: str, second: str, count: int) -> Problem:
    return Problem(
        f"judges {first!r} and {second!r} would be asked {count} identical questions with identical settings",
        key="judges",
        fix="remove one and raise `samples` of the other, or give them different models, prompts or settings",
    )
