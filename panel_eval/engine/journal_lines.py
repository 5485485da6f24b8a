"""The lines of a journal, read in blocks: keys, outcomes and costs in arrays, the lines themselves as bytes.

What is not needed to go on with a run is not looked at: a million lines take seconds. Scoring reads all of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import SchemaValidator
from pydantic_core import core_schema as core

from panel_eval.engine.key_index import Keys, hex_keys
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema import OUTCOMES
from panel_eval.schema.reading import collector_paused

JUDGE_STOPPED = "judge_stopped"
"""Key in a vote's metadata: the vote was lost with its judge, and is to be asked for again."""

OUTCOME_CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}

IS_RESULT = np.array([outcome not in ("error", "over_budget") for outcome in OUTCOMES])
"""(n_outcomes,) whether a vote with that outcome tells what a judge said, if only that it refused."""

Row = Mapping[str, Any]

_BLOCK_BYTES = 8 << 20
_MEND = "delete that line (its vote will be asked for again), or restore the file"

_AMOUNT = core.nullable_schema(core.float_schema(strict=True, ge=0.0, allow_inf_nan=False))
_COUNT = core.int_schema(strict=True, ge=0)
_USAGE = {"input_tokens": _COUNT, "output_tokens": _COUNT, "uncertain_tokens": _COUNT}
_FIELDS: dict[str, core.CoreSchema] = {
    "outcome": core.literal_schema(list(OUTCOMES)),
    "usage": core.nullable_schema(
        core.typed_dict_schema(
            {name: core.typed_dict_field(count, required=False) for name, count in _USAGE.items()}
        )
    ),
    "cost_usd": _AMOUNT,
    "cost_uncertain_usd": _AMOUNT,
    "reused_from": core.nullable_schema(core.str_schema(strict=True)),
    "metadata": core.dict_schema(core.str_schema(strict=True), core.any_schema()),
    "label": core.any_schema(),
    "distribution": core.any_schema(),
    "at": core.any_schema(),
}
_LINE = SchemaValidator(
    core.typed_dict_schema(
        {"vote_key": core.typed_dict_field(core.str_schema(strict=True))}
        | {name: core.typed_dict_field(field, required=False) for name, field in _FIELDS.items()},
        extra_behavior="ignore",
    ),
)
"""Reads a line in half the time of a parser that makes all of it. A wrong amount must not pass: it would unlock the
budget."""


@dataclass
class Spent:
    """What lines of a journal cost. Lines copied from other runs cost nothing.

    Attributes:
        usd: the sum of the costs that are known, in US dollars.
        uncertain_usd: at most so much more, for requests whose bill is unknown.
        tokens: input and output tokens that providers reported.
        uncertain_tokens: at most so many more.
        unpriced: lines whose tokens are known and whose cost is not.
    """

    usd: float = 0.0
    uncertain_usd: float = 0.0
    tokens: int = 0
    uncertain_tokens: int = 0
    unpriced: int = 0

    @classmethod
    def sum_of(cls, parts: Iterable[Spent]) -> Spent:
        """All of them together; the order does not matter, to the last digit."""
        parts = list(parts)
        return cls(
            usd=math.fsum(part.usd for part in parts),
            uncertain_usd=math.fsum(part.uncertain_usd for part in parts),
            tokens=sum(part.tokens for part in parts),
            uncertain_tokens=sum(part.uncertain_tokens for part in parts),
            unpriced=sum(part.unpriced for part in parts),
        )


@dataclass(frozen=True, eq=False)
class JournalBlock:
    """Neighbouring lines of a journal that hold stored votes.

    Attributes:
        lines: the lines, without line ends.
        numbers: (n_lines,) their numbers in the file, from 1.
        offsets: (n_lines,) where in the file they begin, in bytes.
        rows: the lines, parsed, without the fields that no one here needs.
        keys: (n_lines, 32) their keys.
        outcome: (n_lines,) positions in `OUTCOMES`.
        reopens: (n_lines,) whether a resumed run asks for the vote again.
        spent: what the lines cost.
        problems: what is wrong with other lines between them.
    """

    lines: Sequence[bytes]
    numbers: NDArray[np.int64]
    offsets: NDArray[np.int64]
    rows: Sequence[Row]
    keys: Keys
    outcome: NDArray[np.int8]
    reopens: NDArray[np.bool_]
    spent: Spent
    problems: Sequence[Problem]


def reopens(outcome: str, metadata: Mapping[str, Any]) -> bool:
    """Whether a stored vote is asked for again when its run is gone on with: its judge or its money was gone."""
    return outcome == "over_budget" or metadata.get(JUDGE_STOPPED) is True


def answers(block: JournalBlock) -> NDArray[np.int64]:
    """(n_lines,) codes of what the judges said: equal for equal answers, in this process."""
    return np.array([_answer(*pair) for pair in zip(block.rows, block.lines, strict=True)], dtype=np.int64)


def _answer(row: Mapping[str, Any], line: bytes) -> int:
    shares = row.get("distribution")
    try:
        return hash((row.get("outcome"), row.get("label"), None if shares is None else frozenset(shares.items())))
    except (TypeError, AttributeError):  # it is no valid vote; whoever needs all of it will say so
        return hash(line)


def journal_blocks(path: Path) -> Iterator[JournalBlock]:
    """The stored votes of a journal, some megabytes at a time. A torn last line and blank lines are left out.

    Keys, outcomes, costs and tokens are checked; the rest of a line is not looked at, apart from being JSON.

    Raises:
        InputError: the file cannot be read. A missing file holds nothing.
    """
    number, offset = 1, 0
    for lines, torn in _raw_blocks(path):
        ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) + offset
        starts = np.append(np.int64(offset), ends[:-1])
        with collector_paused():
            block = _block(path, lines, np.arange(number, number + len(lines)), starts, torn)
        yield block
        number, offset = number + len(lines), int(ends[-1]) if lines else offset


def _raw_blocks(path: Path) -> Iterator[tuple[list[bytes], bool]]:
    """(lines, whether they are what follows the last newline)."""
    try:
        with path.open("rb") as file:
            rest = b""
            while chunk := file.read(_BLOCK_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                yield lines, False
            yield [rest], True
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path)) from None


def _block(
    path: Path, lines: list[bytes], numbers: NDArray[np.int64], offsets: NDArray[np.int64], torn: bool
) -> JournalBlock:
    problems: list[Problem] = []
    try:
        rows = list(map(_LINE.validate_json, lines))
        keys = hex_keys([row["vote_key"] for row in rows])
    except ValueError:  # pydantic's errors are such
        found = [_row(line) for line in lines]
        odd = [at for at, row in enumerate(found) if row is None and lines[at].strip() and not torn]
        problems = [_unreadable(path, int(numbers[at]), lines[at]) for at in odd]
        good = [at for at, row in enumerate(found) if row is not None]
        rows = [row for row in found if row is not None]
        lines, numbers, offsets = [lines[at] for at in good], numbers[good], offsets[good]
        keys = hex_keys([row["vote_key"] for row in rows])
    return JournalBlock(lines, numbers, offsets, rows, keys, *_outcomes(rows), _spent(rows), problems)


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = _LINE.validate_json(line)
        hex_keys([row["vote_key"]])
    except ValueError:
        return None
    return row


def _outcomes(rows: Sequence[Row]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Outcomes, and which votes reopen."""
    outcome = np.array([OUTCOME_CODE[row.get("outcome", "ok")] for row in rows], dtype=np.int8)
    stopped = np.array([row.get("metadata", {}).get(JUDGE_STOPPED) is True for row in rows], dtype=np.bool_)
    return outcome, stopped | (outcome == OUTCOME_CODE["over_budget"])


def _spent(rows: Sequence[Row]) -> Spent:
    rows = [row for row in rows if row.get("reused_from") is None]
    costs = [row.get("cost_usd") for row in rows]
    usages = [usage for row in rows if (usage := row.get("usage")) is not None]
    return Spent(
        usd=math.fsum([cost for cost in costs if cost is not None]),
        uncertain_usd=math.fsum([row.get("cost_uncertain_usd") or 0.0 for row in rows]),
        tokens=sum([usage.get("input_tokens", 0) + usage.get("output_tokens", 0) for usage in usages]),
        uncertain_tokens=sum([usage.get("uncertain_tokens", 0) for usage in usages]),
        unpriced=sum(row.get("usage") is not None for row in rows if row.get("cost_usd") is None),
    )


def _unreadable(path: Path, number: int, line: bytes) -> Problem:
    text = shorten(line[:60].decode("utf-8", "replace"))
    return Problem("is not a stored vote", path=path, line=number, value=text, fix=_MEND)
