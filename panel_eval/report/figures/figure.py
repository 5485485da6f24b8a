"""What a figure of the report is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from panel_eval.report.cells import Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.svg import page_svg


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    Attributes:
        name: anchor, id prefix and name of its picture, ours.
        title: the finding in words.
        caption: how to read it.
        drawing: how it is drawn.
        table: the drawn numbers.
    """

    name: str
    title: str
    caption: str
    drawing: Drawing
    table: Table

    @cached_property
    def svg(self) -> str:
        """The drawing as an element of a page; text from data is escaped in it."""
        return page_svg(self.drawing.as_page_svg(self.name), self.name)
