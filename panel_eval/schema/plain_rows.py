"""Telling in one sweep which parsed JSON records are plain: certain to pass their model without being asked.

A check looks at one key of many records at once. It may call a good record odd, which only sends it to its model,
but must never let a bad one pass: the tests hold both readers to the same files. Records stay as the parser made
them; numbers may be int where the model would make a float.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.schema.repeated_keys import count_strings, quotes

Row = dict[str, Any]
Verdict = tuple[Iterable[int], int]
Check = Callable[[list[Any]], Verdict]
"""Values of one key → (positions of values that are not plain, strings that the other values hold)."""

_EXACT_INTEGERS = 2**53


@dataclass(frozen=True)
class PlainFields:
    """What a plain record looks like.

    Attributes:
        checks: key → its check; a record with any other key is odd.
        required: keys that every record has.
        misfits: positions of records whose fields do not fit together; called with otherwise plain records.
    """

    checks: Mapping[str, Check]
    required: frozenset[str] = frozenset()
    misfits: Callable[[Sequence[Row]], Iterable[int]] = lambda rows: ()

    def odd_rows(self, lines: Sequence[bytes], rows: Sequence[Any]) -> set[int]:
        """Positions of the records that are not plain; the parsed `rows` stand for `lines` one by one.

        Found in passes, so that every check sees only what the earlier ones let through.
        """
        odd = {i for i, row in enumerate(rows) if type(row) is not dict}
        while True:
            kept = [i for i in range(len(rows)) if i not in odd] if odd else range(len(rows))
            plain = [rows[i] for i in kept] if odd else rows
            found, strings = self.odd_members(plain)
            if not found:
                found = set(self.misfits(plain)) or _repeated([lines[i] for i in kept], plain, strings)
            if not found:
                return odd
            odd.update(kept[i] for i in found)

    def odd_members(self, rows: Sequence[Row]) -> tuple[set[int], int]:
        """Positions of the dicts whose keys or values are not plain, and the strings in all dicts if none is."""
        present = Counter(chain.from_iterable(rows))
        odd: set[int] = set()
        if not present.keys() <= self.checks.keys():
            odd.update(i for i, row in enumerate(rows) if not row.keys() <= self.checks.keys())
        for key in self.required:
            if present[key] < len(rows):
                odd.update(i for i, row in enumerate(rows) if key not in row)
        strings = sum(present.values())
        for key in present.keys() & self.checks.keys():
            where = [i for i, row in enumerate(rows) if key in row] if present[key] < len(rows) else None
            values = [row[key] for row in rows] if where is None else [rows[i][key] for i in where]
            found, inside = self.checks[key](values)
            odd.update(found if where is None else (where[i] for i in found))
            strings += inside
        return odd, strings


def text(*, nullable: bool = False, empty: bool = True) -> Check:
    """A string; perhaps null, perhaps not empty."""

    def check(values: list[Any]) -> Verdict:
        if odd := _of_other_types(values, {str, type(None)} if nullable else {str}):
            return odd, 0
        if not empty and "" in values:
            return [i for i, value in enumerate(values) if not value], 0
        return (), len(values) - (values.count(None) if nullable else 0)

    return check


def choice(options: Collection[str], *, nullable: bool = False) -> Check:
    """One of a few strings."""
    known = frozenset(options) | ({None} if nullable else set())
    is_text = text(nullable=nullable)

    def check(values: list[Any]) -> Verdict:
        odd, strings = is_text(values)
        if not odd and not known.issuperset(values):
            odd = [i for i, value in enumerate(values) if value not in known]
        return odd, strings

    return check


def whole(low: int = 0, high: int = _EXACT_INTEGERS, *, nullable: bool = False) -> Check:
    """An integer from `low` to `high`, written without a decimal point."""
    return _number({int}, low, high, nullable)


def real(high: float = float(_EXACT_INTEGERS), *, nullable: bool = False) -> Check:
    """A finite number from 0 to `high`."""
    return _number({int, float}, 0, high, nullable)


def mapping(member: Check, *, nullable: bool = True) -> Check:
    """An object with any keys and members of one kind; perhaps null."""

    def check(values: list[Any]) -> Verdict:
        if odd := _of_other_types(values, {dict, type(None)} if nullable else {dict}):
            return odd, 0
        given = [value or {} for value in values]
        lengths = list(map(len, given))
        odd_members, strings = member(list(chain.from_iterable(map(dict.values, given))))
        return _owners(odd_members, lengths), strings + sum(lengths)

    return check


def sequence(member: Check) -> Check:
    """A list with members of one kind, or null."""

    def check(values: list[Any]) -> Verdict:
        if odd := _of_other_types(values, {list, type(None)}):
            return odd, 0
        given = [value or [] for value in values]
        odd_members, strings = member(list(chain.from_iterable(given)))
        return _owners(odd_members, list(map(len, given))), strings

    return check


def record(fields: PlainFields) -> Check:
    """An object with known keys, or null."""

    def check(values: list[Any]) -> Verdict:
        if odd := _of_other_types(values, {dict, type(None)}):
            return odd, 0
        where = [i for i, value in enumerate(values) if value is not None]
        odd_members, strings = fields.odd_members([values[i] for i in where])
        return [where[i] for i in odd_members], strings

    return check


def anything_in_an_object() -> Check:
    """An object that is not looked into."""

    def check(values: list[Any]) -> Verdict:
        odd = _of_other_types(values, {dict})
        return odd, 0 if odd else sum(count_strings(value) for value in values if value)

    return check


def only(*plain: object) -> Check:
    """One of a few values without strings, such as null or an empty list; all else is odd."""

    def check(values: list[Any]) -> Verdict:
        return [i for i, value in enumerate(values) if value not in plain], 0

    return check


def _number(types: set[type], low: float, high: float, nullable: bool) -> Check:
    allowed = types | {type(None)} if nullable else types

    def check(values: list[Any]) -> Verdict:
        if odd := _of_other_types(values, allowed):
            return odd, 0
        given = [low if value is None else value for value in values] if nullable else values
        if given and not low <= min(given) <= max(given) <= high:  # the parser refuses NaN
            return [i for i, value in enumerate(given) if not low <= value <= high], 0
        return (), 0

    return check


def _of_other_types(values: list[Any], allowed: set[type]) -> list[int]:
    """Positions of values whose type is none of `allowed`; bool is no int here."""
    if set(map(type, values)) <= allowed:
        return []
    return [i for i, value in enumerate(values) if type(value) not in allowed]


def _owners(members: Iterable[int], lengths: list[int]) -> list[int]:
    """Positions of the lists or objects that the members, numbered through all of them, belong to."""
    positions = list(members)
    if not positions:
        return []
    owners: NDArray[np.int64] = np.searchsorted(np.cumsum(lengths), positions, side="right")
    return [int(owner) for owner in owners]


def _repeated(lines: Sequence[bytes], rows: Sequence[Row], strings: int) -> set[int]:
    """Positions of records some of whose keys are given twice."""
    if quotes(b"\n".join(lines)) == 2 * strings:
        return set()
    counts = zip(lines, rows, strict=True)
    return {i for i, (line, row) in enumerate(counts) if quotes(line) != 2 * count_strings(row)}
