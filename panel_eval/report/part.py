"""One question of the page with its answer, as "How far to trust it" and "How to make it better" hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from panel_eval.report.cells import Table
from panel_eval.report.figures.figure import Figure
from panel_eval.report.numbers import NO_NUMBER

WIDEST_HALF: Final = 5
"""Most columns of a table that stands in one of two columns of text."""


@dataclass(frozen=True)
class Part:
    """A question with its answer in words and the numbers behind it.

    Attributes:
        name: anchor, ours.
        title: the question.
        sentences: what the numbers mean; texts from data are escaped by the page.
        tables: shown at once.
        folded: shown when asked for.
        figures: shown at once.
        advice: what to do, in a sentence.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    folded: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    advice: str = ""

    @property
    def wide(self) -> bool:
        """Whether a table shown at once needs the whole width of the page."""
        return any(len(table.columns) > WIDEST_HALF for table in self.tables)

    @property
    def tells(self) -> bool:
        """Whether there is any number in the tables shown at once, or in the others where there are none."""
        cells = [cell for table in self.tables or self.folded for row in table.rows for cell in row.cells]
        return any(cell.text not in ("", NO_NUMBER) for cell in cells)


def said(*sentences: str | None) -> tuple[str, ...]:
    """The sentences that there are."""
    return tuple(sentence for sentence in sentences if sentence)


def filled(*tables: Table | None) -> tuple[Table, ...]:
    """The tables that hold rows."""
    return tuple(table for table in tables if table is not None and table.rows)


def drawn(*figures: Figure | None) -> tuple[Figure, ...]:
    """The figures that there are numbers for."""
    return tuple(figure for figure in figures if figure is not None)
