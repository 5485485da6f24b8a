"""Reading large JSONL files block by block: plain records in one sweep, odd ones by their model.

Both ways use the same JSON parser. A record is plain if a sweep over its block is certain that the model would
accept it as it stands; every other line goes to the model, which accepts it or says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json

from panel_eval.errors import Problem
from panel_eval.schema.json_lines import JsonLines
from panel_eval.schema.plain_rows import PlainFields
from panel_eval.schema.reading import parse_line

ModelT = TypeVar("ModelT", bound=BaseModel)

_parse = partial(from_json, allow_inf_nan=False, cache_strings="keys")


@dataclass(frozen=True)
class Block(Generic[ModelT]):
    """Valid records of neighbouring lines, and what is wrong with the others.

    Attributes:
        rows: positions of the valid lines among all lines that are not blank.
        records: what stands on them: plain dicts as parsed; for odd lines, the fields of the model.
        odd: position in `records` → the model's record, for the lines that were not plain.
        problems: everything wrong with the lines that are not in `rows`.
    """

    rows: Sequence[int]
    records: Sequence[dict[str, Any]]
    odd: dict[int, ModelT]
    problems: Sequence[Problem]


def read_blocks(lines: JsonLines, model: type[ModelT], plain: PlainFields) -> Iterator[Block[ModelT]]:
    """The records of a file in pieces; at no time are more than one piece's objects alive.

    Worth reading with `collector_paused`: it makes many objects and no cycles.

    Args:
        lines: the file.
        model: what each line must be.
        plain: which records certainly are that.
    """
    for first, raw in lines.blocks():
        yield _read_block(lines, first, raw, model, plain)


def parse_lines(raw: Sequence[bytes]) -> list[Any]:
    """JSON values, one a line; None where a line is no JSON."""
    try:
        return list(map(_parse, raw))
    except ValueError:
        return [_parsed_or_none(line) for line in raw]


def _parsed_or_none(line: bytes) -> Any:
    try:
        return _parse(line)
    except ValueError:
        return None


def _read_block(
    lines: JsonLines, first: int, raw: Sequence[bytes], model: type[ModelT], plain: PlainFields
) -> Block[ModelT]:
    parsed = parse_lines(raw)
    odd_rows = plain.odd_rows(raw, parsed)
    if not odd_rows:
        return Block(range(first, first + len(raw)), parsed, {}, ())
    rows: list[int] = []
    records: list[dict[str, Any]] = []
    odd: dict[int, ModelT] = {}
    problems: list[Problem] = []
    for i, line in enumerate(raw):
        record = parsed[i]
        if i in odd_rows:
            number = int(lines.numbers[first + i])
            found = parse_line(line, number, model, lines.path)
            if not isinstance(found, BaseModel):
                problems.extend(found)
                continue
            odd[len(rows)] = found
            record = vars(found)
        rows.append(first + i)
        records.append(record)
    return Block(rows, records, odd, problems)
