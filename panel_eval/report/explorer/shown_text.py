"""Texts of unknown origin and any length, kept short enough to be embedded many times over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from panel_eval.report.printable import printable, with_rest

LONGEST: Final = 4000
"""Characters that are kept of any text."""
_READ: Final = 4 * LONGEST
"""Characters that are read of any text: five megabytes are not made printable to show four thousand letters."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """The printable beginning of a text.

    Attributes:
        beginning: at most `LONGEST` characters.
        length: of the whole text.
    """

    beginning: str
    length: int

    @classmethod
    def of(cls, text: str) -> ShownText:
        """What can be shown of a text."""
        shown = printable(text[:_READ]).strip()
        return cls(shown[:LONGEST], len(shown) + max(len(text) - _READ, 0))

    def cut(self, limit: int) -> str:
        """At most `limit` characters, then how many were left out; nothing of it if the limit is 0."""
        if limit == 0:
            return ""
        if self.length <= limit:
            return self.beginning
        return with_rest(self.beginning[:limit], self.length - min(limit, LONGEST))
