"""Texts from data in Markdown, as GitHub reads it: they show as they are and do nothing.

Names stand in code spans: nothing in those is a link, a mention, an image, HTML or emphasis. Sentences of ours that
hold names are escaped character by character; a mention, a reference or a link that Markdown makes of bare text is
broken by an invisible space, since no backslash stops it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import DAGGER, Table
from panel_eval.report.printable import cut_line, one_line

CELL_CHARS: Final = 60
_BREAK: Final = "\u200b"
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]!|~])")
_BARE: Final = re.compile(r"(@|#|://|www\.|\bGH-|mailto:|xmpp:)", re.IGNORECASE)
_LEADING: Final = re.compile(r"^([+\-=:]|\d+(?=[.)]))")
_TICKS: Final = re.compile("`+")


def code(text: object, limit: int = CELL_CHARS) -> str:
    """A text from data as a code span, cut to `limit` characters; a dash where it is empty."""
    shown = cut_line(text, limit)
    if not shown:
        return "–"
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    # Tables are parted at pipes before anything else is read (GFM 4.10), code spans included.
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")


def code_block(lines: Sequence[str], language: str) -> str:
    """Lines from data as they are: nothing in a fenced block is obeyed, and no line can close it."""
    body = "\n".join(lines)
    fence = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(body)), 0)
    return f"{fence}{language}\n{body}\n{fence}"


def prose(text: object) -> str:
    """A sentence that may hold texts from data, on one line, with nothing in it that Markdown would obey."""
    return _LEADING.sub(rf"{_BREAK}\1", _inline(text))


def _inline(text: object) -> str:
    """The same where no block can begin."""
    shown = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _SPECIAL.sub(r"\\\1", shown)
    shown = _BARE.sub(lambda found: f"{found[1]}{_BREAK}", shown)
    # GitHub reads formulas between dollar signs, which no backslash stops either.
    return shown.replace("$", f"${_BREAK}")


def markdown_table(table: Table, names: bool = False, cells: frozenset[int] = frozenset()) -> str:
    """A table of the report in Markdown, intervals behind the numbers, cautions below it.

    Args:
        table: what stands in it.
        names: whether row headers are from data.
        cells: the columns of cells, from 0, that are from data.
    """
    aligned = ["---", *("---" if at in cells else "---:" for at in range(len(table.columns) - 1))]
    lines = [_line([_inline(title) for title in table.columns]), _line(aligned)]
    for row in table.rows:
        header = code(row.header) if names else _inline(row.header)
        numbers = [
            code(cell.text) if at in cells else _number(cell.text, cell.interval)
            for at, cell in enumerate(row.cells)
        ]
        lines.append(_line([f"**{header}**" if row.emphasis else header, *numbers]))
    cautions = "".join(f"\n\n{DAGGER} {prose(note)}" for note in table.caution_notes)
    return "\n".join(lines) + cautions


def _number(text: str, interval: str) -> str:
    return _inline(text) + (f" ({_inline(interval)})" if interval else "")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
