"""Votes of judges met in an import, as lines of a vote file."""

from __future__ import annotations

import math
from collections import Counter
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Protocol

from panel_eval.schema import Vote
from panel_eval.schema.vote import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_MEMORY = 64 << 20


class _Names(Protocol):
    def judge_label(self, vote_label: object, line: int | None, item_id: str, cut: bool = False) -> str | None: ...


class JudgeVotes:
    """Votes of judges, kept as the bytes of their lines: past a size, on disk."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._samples: Counter[tuple[str, str]] = Counter()
        self.of_judge: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def __len__(self) -> int:
        return self.of_judge.total()

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            self._file.close()

    def add_label(
        self,
        item_id: str,
        judge: str,
        label: object,
        names: _Names,
        line: int | None,
        beside: dict[str, Any],
    ) -> None:
        """Keep an answer of an annotator that is a judge; one without an answer is unparseable.

        `beside` has further fields of the vote, None where there is nothing to say.
        """
        answer = names.judge_label(label, line, item_id)
        told = {name: value for name, value in beside.items() if value is not None}
        self._write({"item_id": item_id, "judge": judge, **_outcome(answer), **told})

    def add(self, vote: Vote, names: _Names, line: int | None, cut: bool = False) -> None:
        """Keep a vote; as unparseable (truncated if it was cut) where the task does not have its answer."""
        record = vote.model_dump(mode="json", exclude_defaults=True)
        if vote.label is not None:
            record |= _outcome(names.judge_label(vote.label, line, vote.item_id, cut), cut)
        elif vote.distribution is not None:
            renamed = [
                (names.judge_label(label, line, vote.item_id), mass) for label, mass in vote.distribution.items()
            ]
            record |= _renamed(renamed)
        self._write(record)

    def lines(self) -> Iterator[bytes]:
        """The lines of the vote file."""
        if self._file is not None:
            self._file.seek(0)
            yield from self._file

    def _write(self, record: dict[str, Any]) -> None:
        from pydantic_core import to_json

        judge = record["judge"]
        key = record["item_id"], judge
        record["sample"] = max(record.get("sample", 0), self._samples[key])
        self._samples[key] = record["sample"] + 1
        record.setdefault("outcome", "ok")
        if self._file is None:
            self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - as long as this
        self._file.write(to_json(record) + b"\n")
        self.of_judge[judge] += 1
        self.outcomes[record["outcome"]] += 1


def _outcome(label: str | None, cut: bool = False) -> dict[str, Any]:
    failed: Outcome = "truncated" if cut else "unparseable"
    return {"outcome": failed if label is None else "ok", "label": label}


def _renamed(masses: list[tuple[str | None, float]]) -> dict[str, Any]:
    """A distribution in our names; unparseable where a label with mass is none of them."""
    if any(name is None and mass > 0 for name, mass in masses):
        return {"outcome": "unparseable", "distribution": None}
    shares: dict[str, float] = {}
    for name, mass in masses:
        if name is not None:
            shares[name] = math.fsum((shares.get(name, 0.0), mass))
    return {"outcome": "ok", "distribution": shares}
