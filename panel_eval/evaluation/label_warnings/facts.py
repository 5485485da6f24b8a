"""What the warnings are made from: texts and single votes of the items, read once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.errors import shorten
from panel_eval.humans import HumanLabels, lacks_content
from panel_eval.schema import Rubric, SoftLabel
from panel_eval.schema.label_warnings import LabelWarning, WarningCode, WarningExample
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

MAX_ITEMS = 200_000
"""Most items whose records are read; of more, as many random ones."""
MAX_CHARS = 5_000
"""Of each text field, the beginning that is compared."""
MOST_EXAMPLES = 10


@dataclass(frozen=True, eq=False)
class SingleVotes:
    """Votes by reviewer, one entry a rationale with a known label.

    Attributes:
        names: (n_reviewers,) as they are written.
        item: (n_votes,) row among the items.
        reviewer, label: (n_votes,) codes.
        at: (n_votes,) seconds since 1970, NaN where not given.
        seconds: (n_votes,) lead time, NaN where not given.
    """

    names: tuple[str, ...]
    item: IntArray
    reviewer: IntArray
    label: IntArray
    at: FloatArray
    seconds: FloatArray

    def by_reviewer(self) -> list[IntArray]:
        """(n_reviewers,) positions of each reviewer's votes, in file order."""
        order = np.argsort(self.reviewer, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.reviewer, minlength=len(self.names)))[:-1])

    def other_shares(self, counts: FloatArray) -> tuple[FloatArray, IntArray]:
        """(n_votes, n_labels) shares of the other votes of the same item, and (n_votes,) how many those are."""
        others = counts[self.item].copy()
        others[np.arange(self.item.size), self.label] -= 1
        others = np.maximum(others, 0)
        n = others.sum(axis=1)
        return others / np.maximum(n, 1)[:, None], np.rint(n).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Facts:
    """The labels, and what was read of their records.

    Attributes:
        humans: the labels.
        rows: (n_read,) rows that were read, rising.
        texts: (n_read,) folded text fields of each item that was read, by name; empty without content.
        lacking: (n_read,) whether a judge could not be shown the item.
        votes: single votes; None where nobody is named.
        seed: picks the items that are read where there are too many.
    """

    humans: HumanLabels
    rows: IntArray
    texts: tuple[Mapping[str, str], ...]
    lacking: BoolArray
    votes: SingleVotes | None
    seed: int

    def line(self, row: int) -> int | None:
        """The line that an item stands on, None where it comes from no file."""
        lines = getattr(self.humans.records, "lines", None)
        return None if lines is None else int(lines.numbers[row])

    def example(self, text: str, rows: IntArray | list[int] = (), reviewer: str | None = None) -> WarningExample:  # type: ignore[assignment]
        """A case with the items it is about."""
        places = [int(row) for row in rows]
        return WarningExample(
            line=self.line(places[0]) if places else None,
            item_ids=[self.humans.item_ids[row] for row in places[:MOST_EXAMPLES]],
            reviewer=reviewer,
            text=text,
        )


@dataclass
class Found:
    """Warnings so far, and what could not be looked for."""

    warnings: list[LabelWarning] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    def warn(
        self, code: WarningCode, text: str, advice: str, examples: list[WarningExample], count: int = 0
    ) -> None:
        """Add a warning, unless there is no case of it."""
        if examples:
            self.warnings.append(
                LabelWarning(
                    code=code,
                    text=text,
                    advice=advice,
                    count=count or len(examples),
                    examples=examples[:MOST_EXAMPLES],
                )
            )


def read_facts(humans: HumanLabels, rubric: Rubric | None, seed: int) -> Facts:
    """Read the records of the items, `MAX_ITEMS` at most."""
    rows = np.arange(len(humans))
    if rows.size > MAX_ITEMS:
        rows = np.sort(np.random.default_rng([seed, 6]).choice(rows, MAX_ITEMS, replace=False))
    shown = None if rubric is None or not rubric.fields else tuple(rubric.fields)
    column = {label: code for code, label in enumerate(humans.labels)}
    texts: list[Mapping[str, str]] = []
    lacking = np.zeros(rows.size, dtype=bool)
    votes: list[tuple[int, str, int, float, float]] = []
    records = humans.records if rows.size == len(humans) else humans.select(rows).records
    for place, record in enumerate(records):
        content = record.content or {}
        texts.append({name: folded(content[name]) for name in shown or content if content.get(name, "").strip()})
        lacking[place] = _is_lacking(content, rubric)
        votes.extend(_votes(int(rows[place]), record, column))
    return Facts(humans, rows, tuple(texts), lacking, _columns(votes), seed)


def folded(text: str) -> str:
    """A text without case, doubled blanks and Unicode form; at most its first `MAX_CHARS` characters."""
    return " ".join(unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold().split())


def named(text: str) -> str:
    """A name that is safe and short enough for a sentence."""
    return shorten(text, 40)


def _is_lacking(content: Mapping[str, str], rubric: Rubric | None) -> bool:
    if rubric is not None:
        return lacks_content(content, rubric)
    return not any(text.strip() for text in content.values())


def _votes(row: int, record: SoftLabel, column: Mapping[str, int]) -> Iterator[tuple[int, str, int, float, float]]:
    for rationale in record.rationales:
        code = column.get(rationale.label)
        if code is not None:
            seconds = float("nan") if rationale.seconds is None else rationale.seconds
            yield row, rationale.reviewer, code, _time(rationale.at), seconds


def _time(at: str | None) -> float:
    if at is None:
        return float("nan")
    try:
        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("nan")


def _columns(votes: list[tuple[int, str, int, float, float]]) -> SingleVotes | None:
    if not votes:
        return None
    item, names, label, at, seconds = zip(*votes, strict=True)
    code = {name: place for place, name in enumerate(sorted(set(names)))}
    reviewer: NDArray[Any] = np.fromiter(map(code.__getitem__, names), dtype=np.int64, count=len(names))
    return SingleVotes(
        names=tuple(code),
        item=np.array(item, dtype=np.int64),
        reviewer=reviewer,
        label=np.array(label, dtype=np.int64),
        at=np.array(at, dtype=np.float64),
        seconds=np.array(seconds, dtype=np.float64),
    )
