"""One section of the page: a heading, what to read in it, and its tables, figures and questions."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.report.cells import Table
from panel_eval.report.figures.figure import Figure
from panel_eval.report.part import Part


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        name: anchor, ours.
        short: its name in the list of sections.
        title: heading.
        sentences: what to read in it; texts from data are escaped by the page.
        tables: shown first.
        figures: shown below them, side by side where there is room.
        parts: questions with their answers.
        folded: tables shown when asked for.
        advice: what to do before reading on; empty if nothing.
    """

    name: str
    short: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    parts: tuple[Part, ...] = ()
    folded: tuple[Table, ...] = ()
    advice: str = ""

    @property
    def tells(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.tables or self.figures or self.parts or self.folded)

    @property
    def every_figure(self) -> tuple[Figure, ...]:
        """Its figures, those of its parts included, in the page's order."""
        return (*self.figures, *(figure for part in self.parts for figure in part.figures))
