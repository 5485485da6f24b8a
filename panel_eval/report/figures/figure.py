"""What a figure of the report is."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.report.cells import Table


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    Attributes:
        name: anchor and id prefix, ours.
        title: the finding in words.
        caption: how to read it.
        svg: the drawing; text from data is escaped in it.
        table: the drawn numbers.
    """

    name: str
    title: str
    caption: str
    svg: str
    table: Table
