"""Which column of a table is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.tables import Table
from panel_eval.schema.import_mapping import ImportMapping

CONTENT_PREFIX = "content."
TEXT = "text"


@dataclass(frozen=True)
class RoleColumns:
    """Columns by role.

    Attributes:
        places: role to column; roles that no column plays are missing.
        content: name of a content field to its column.
        unused: names of columns that are nothing.
    """

    places: Mapping[str, int]
    content: Mapping[str, int]
    unused: tuple[str, ...]

    def value(self, values: Sequence[Any], role: str) -> Any:
        """What a row has in a role, None where no column plays it or the row is too short."""
        place = self.places.get(role)
        return values[place] if place is not None and place < len(values) else None


def role_columns(
    table: Table, mapping: ImportMapping, roles: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> RoleColumns:
    """Find the columns of a table.

    Args:
        table: the table.
        mapping: what the user named.
        roles: role to the names that are looked for where the user named none.
        needed: roles that some column must play.

    Raises:
        InputError: a column that is needed or was named does not exist.
    """
    places: dict[str, int] = {}
    for role, candidates in roles.items():
        named = mapping.fields.get(role)  # type: ignore[call-overload]
        find = table.needed if role in needed else table.place
        if (place := find(role, candidates, named)) is not None:
            places[role] = place
    content = _content(table, mapping, set(places.values()))
    used = {*places.values(), *content.values()}
    unused = tuple(name for place, name in enumerate(table.columns) if place not in used)
    return RoleColumns(places, content, unused)


def _content(table: Table, mapping: ImportMapping, taken: set[int]) -> dict[str, int]:
    """The columns that the user named; else `content.NAME` as NAME, and `text`."""
    if mapping.content:
        if missing := [name for name in mapping.content if name not in table.columns]:
            near = nearest(missing[0], table.columns)
            fix = f"did you mean {shorten(near)!r}?" if near else f"columns: {', '.join(table.columns[:20])}"
            raise InputError(Problem("has no such column", table.path, 1, "content", shorten(missing[0]), fix))
        return {name: table.columns.index(name) for name in mapping.content}
    return {
        name.removeprefix(CONTENT_PREFIX): place
        for place, name in enumerate(table.columns)
        if place not in taken and (name.startswith(CONTENT_PREFIX) or name.casefold() == TEXT)
    }
