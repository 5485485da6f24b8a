"""What the QA document is made of: chapters of plain blocks, as records that the typesetter reads as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from panel_eval.report.cells import Row, Table
from panel_eval.report.numbers import count
from panel_eval.report.printable import cut_line
from panel_eval.report.qa.characters import Shown

TITLE_CHARS: Final = 90
RUNNING_CHARS: Final = 60
FEWEST_ROWS: Final = 3
TextKind = Literal["plain", "lead", "small", "none"]


class Block(Protocol):
    """One thing that stands in a chapter."""

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON.

        Args:
            shown: makes a text fit for the page.
            detail: share of the rows of long tables that is kept, 1 = as many as the table wants.
        """


@dataclass(frozen=True)
class Text:
    """A paragraph: plain, `lead` (larger, the point), `small` (notes) or `none` (that there is nothing to tell)."""

    text: str
    kind: TextKind = "plain"

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        return {"block": "text", "kind": self.kind, "text": shown.text(self.text)}


@dataclass(frozen=True)
class Facts:
    """Names with their values, one a line."""

    rows: tuple[tuple[str, str], ...]

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        return {"block": "facts", "rows": [[shown.text(name), shown.fact(value)] for name, value in self.rows]}


@dataclass(frozen=True)
class Tile:
    """A key figure: its name, its value, its interval or why there is none, and what it stands beside."""

    title: str
    value: str
    detail: str
    beside: str = ""


@dataclass(frozen=True)
class Tiles:
    """Key figures side by side."""

    tiles: tuple[Tile, ...]

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        return {
            "block": "tiles",
            "tiles": [[shown.text(text) for text in (t.title, t.value, t.detail, t.beside)] for t in self.tiles],
        }


@dataclass(frozen=True)
class Grid:
    """A table, as many of its rows as fit, with a line on where the others are.

    Attributes:
        table: the rows, the most important first.
        widths: of its columns in parts of the page; 0 = as wide as its content. Default: the first column takes
            what the others leave.
        words: columns that hold words, not numbers: they are set flush left.
        most: rows shown at most, fewer where the document would get too long; 0 = always all.
        total: rows there are; more than the table holds where it is itself a beginning.
        where: the file that holds those of the table.
        complete: whether that file holds all there are.
    """

    table: Table
    widths: tuple[float, ...] = ()
    words: tuple[int, ...] = ()
    most: int = 0
    total: int | None = None
    where: str = ""
    complete: bool = False

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        rows = self.table.rows[: max(int(self.most * detail), FEWEST_ROWS) if self.most else None]
        part = Table(self.table.caption, self.table.columns, rows)
        notes = [f"– {note}" for note in part.missing_notes] + [f"† {note}" for note in part.caution_notes]
        return {
            "block": "grid",
            "caption": shown.text(part.caption),
            "columns": [shown.text(column) for column in part.columns],
            "widths": list(self.widths or (1.0, *(0.0,) * (len(part.columns) - 1))),
            "words": list(self.words),
            "rows": [_row(row, shown.cell if self.most else shown.entry) for row in rows],
            "more": shown.text(self._more(len(rows))),
            "notes": [shown.text(note) for note in notes],
        }

    def _more(self, shown: int) -> str:
        """How many rows are not shown, and where they are, as far as they are anywhere."""
        listed = len(self.table.rows)
        total = max(self.total or 0, listed)
        if total == shown:
            return ""
        if not self.where or (listed == shown and not self.complete):
            return f"{count(total - shown)} more."
        if listed == total or self.complete:
            return f"{count(total - shown)} more in {self.where}."
        return f"{count(total - shown)} more; {self.where} holds the first {count(listed)}."


def _row(row: Row, fit: Callable[[str], str]) -> dict[str, Any]:
    cells = [[fit(cell.text), fit(cell.interval)] for cell in row.cells]
    return {"header": fit(row.header), "cells": cells, "emphasis": row.emphasis}


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length (0 to 1) and what stands at its end."""

    name: str
    length: float
    text: str


@dataclass(frozen=True)
class Bars:
    """A small bar figure with a title that says what is drawn; the numbers stand at the bars."""

    title: str
    alt: str
    bars: tuple[Bar, ...]

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        bars = [[shown.name(bar.name), bar.length, shown.text(bar.text)] for bar in self.bars]
        return {"block": "bars", "title": shown.text(self.title), "alt": shown.text(self.alt), "bars": bars}


@dataclass(frozen=True)
class Quadrant:
    """One field of a figure of two by two: its name, how many items it holds, their share, what to do."""

    name: str
    items: str
    share: str
    meaning: str


@dataclass(frozen=True)
class Quadrants:
    """Two by two fields: rows from high to low, columns from low to high."""

    title: str
    alt: str
    across: tuple[str, str]
    down: tuple[str, str]
    fields: tuple[Quadrant, Quadrant, Quadrant, Quadrant]

    def record(self, shown: Shown, detail: float) -> dict[str, Any]:
        """The block as JSON."""
        fields = [[shown.text(text) for text in (f.name, f.items, f.share, f.meaning)] for f in self.fields]
        return {
            "block": "quadrants",
            "title": shown.text(self.title),
            "alt": shown.text(self.alt),
            "across": [shown.text(side) for side in self.across],
            "down": [shown.text(side) for side in self.down],
            "fields": fields,
        }


@dataclass(frozen=True)
class Chapter:
    """A heading of the document with its blocks."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """The whole document.

    Attributes:
        title: of the document.
        subtitle: what it is about, in a line.
        running: stands at the top of every page but the first.
        foot: stands at the bottom of every page, such as a part of the file's hash.
        date: when the data were made; None where they do not tell.
        chapters: in the order of reading.
    """

    title: str
    subtitle: str
    running: str
    foot: str
    date: datetime | None
    chapters: Sequence[Chapter]

    def record(self, shown: Shown, detail: float = 1.0) -> dict[str, Any]:
        """The document as JSON: texts, numbers and lists, nothing that is code."""
        date = self.date
        return {
            "title": shown.text(cut_line(self.title, TITLE_CHARS)),
            "plain_title": cut_line(self.title, TITLE_CHARS),
            "subtitle": shown.text(cut_line(self.subtitle, TITLE_CHARS)),
            "running": shown.text(cut_line(self.running, RUNNING_CHARS)),
            "foot": shown.text(self.foot),
            "date": None if date is None else list(date.timetuple()[:6]),
            "fonts": list(shown.families),
            "chapters": [
                {
                    "title": shown.text(chapter.title),
                    "blocks": _records(chapter.blocks, shown, detail),
                }
                for chapter in self.chapters
            ],
        }


def _records(blocks: Sequence[Block], shown: Shown, detail: float) -> list[dict[str, Any]]:
    """The blocks as JSON; a text that leads to a table or figure stays on its page."""
    records = [block.record(shown, detail) for block in blocks]
    kinds = [record["block"] for record in records]
    followed = [*kinds[1:], "text"]
    return [{**record, "stays": after != "text"} for record, after in zip(records, followed, strict=True)]
