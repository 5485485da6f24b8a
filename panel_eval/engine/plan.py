"""The plan: every vote that a run is to collect, once, in an order that only the votes and the seed decide.

The order is that of a keyed hash of each vote's key. Neither the order of lines in the label file nor the order of
judges in the panel file has a part in it, so every prefix of the plan is a random sample of its votes, and a run
cut short is unbiased. Adding items leaves the order of the others as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import HumanLabels, missing_content
from panel_eval.judges.instrument import digest
from panel_eval.judges.judge import Judge
from panel_eval.judges.question import Question
from panel_eval.schema import Rubric


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


@dataclass(frozen=True)
class Plan:
    """All votes of a run, in the order in which they are asked for.

    Attributes:
        tasks: the votes; their keys are distinct.
        plan_hash: sha256 over judges and keys in order; equal plans are one run, which can be resumed.
    """

    tasks: tuple[VoteTask, ...]
    plan_hash: str

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def hash8(self) -> str:
        """The first eight digits of the plan's hash, as in the run directory's name."""
        return self.plan_hash[:8]

    @cached_property
    def vote_keys(self) -> frozenset[str]:
        """The keys of all votes."""
        return frozenset(task.vote_key for task in self.tasks)


def make_plan(judges: Sequence[Judge], humans: HumanLabels, rubric: Rubric, seed: int) -> Plan:
    """Plan one vote for every item, judge and sample.

    Args:
        judges: whom to ask.
        humans: the items, with the content that judges see.
        rubric: the rubric; its hash is part of every vote's key.
        seed: decides the order, together with the vote keys.

    Raises:
        InputError: items have no content, or two judges would give the same vote (same model, prompt and
            settings); lists all of them.
    """
    contents = _contents(humans, rubric)
    rubric_digest = rubric_hash(rubric)
    by_key: dict[str, VoteTask] = {}
    clashes: dict[tuple[str, str], int] = {}
    for task in _tasks(judges, contents, rubric_digest):
        known = by_key.setdefault(task.vote_key, task)
        if known is not task:
            pair = known.judge_id, task.judge_id
            clashes[pair] = clashes.get(pair, 0) + 1
    if clashes:
        raise InputError([_clash(*pair, count) for pair, count in clashes.items()])
    key = seed.to_bytes(8, "little", signed=True)
    tasks = tuple(sorted(by_key.values(), key=lambda task: _position(task.vote_key, key)))
    return Plan(tasks, _plan_hash(tasks))


def rubric_hash(rubric: Rubric) -> str:
    """sha256 of the rubric's content: formatting and comments of its file do not matter."""
    return digest(rubric.model_dump(mode="json"))


def _contents(humans: HumanLabels, rubric: Rubric) -> dict[str, Mapping[str, str]]:
    """Item id to content, once it is sure that every item has what the rubric shows to judges."""
    wanted = f"the fields {', '.join(rubric.fields)}" if rubric.fields else "any content"
    problems = [
        Problem(
            f"item {shorten(item_id)!r} lacks {wanted} to show to judges",
            key="content",
            fix="add `content` to the label file, or name a content file in the panel",
        )
        for item_id in missing_content(humans, rubric)
    ]
    if problems:
        raise InputError(problems)
    return {record.item_id: record.content or {} for record in humans.records}


def _tasks(
    judges: Sequence[Judge], contents: Mapping[str, Mapping[str, str]], rubric_digest: str
) -> Iterator[VoteTask]:
    for judge in judges:
        for item_id, content in contents.items():
            for sample, label_order in judge.orders(item_id):
                question = Question(item_id, content, tuple(label_order), sample)
                yield VoteTask(judge.vote_key(question, rubric_digest), question, judge.id)


def _position(vote_key: str, seed: bytes) -> bytes:
    return hashlib.blake2b(vote_key.encode(), digest_size=16, key=seed).digest()


def _plan_hash(tasks: Sequence[VoteTask]) -> str:
    hasher = hashlib.sha256()
    for task in tasks:
        hasher.update(f"{task.judge_id} {task.vote_key}\n".encode())
    return hasher.hexdigest()


def _clash(first: str, second: str, count: int) -> Problem:
    return Problem(
        f"judges {first!r} and {second!r} would be asked {count} identical questions with identical settings",
        key="judges",
        fix="remove one and raise `samples` of the other, or give them different models, prompts or settings",
    )
