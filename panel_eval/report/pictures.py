"""Figures as files of their own: PNG and SVG, the same bytes for the same results, whoever makes them where.

A picture has the colours of the page's light mode, needs no page for its fonts and tells its title and caption: in
an SVG as `<title>` and `<desc>`, in a PNG as its Title and Description.
"""

from __future__ import annotations

from panel_eval.report.figures.figure import Figure
from panel_eval.report.palette import picture_palette
from panel_eval.report.printable import cut
from panel_eval.report.svg import lone_svg

_TITLE_CHARS, _CAPTION_CHARS = 400, 4_000


def png_of(figure: Figure, *, transparent: bool = False) -> bytes:
    """The figure as PNG, 144 dots an inch, on white paper or on none."""
    return figure.drawing.as_png(
        figure.name, {"Title": _title(figure), "Description": _caption(figure)}, transparent
    )


def svg_of(figure: Figure, *, transparent: bool = False) -> bytes:
    """The figure as an SVG file, on white paper or on none."""
    paper = None if transparent else picture_palette().paper
    return lone_svg(figure.drawing.as_svg(figure.name), _title(figure), _caption(figure), paper)


def _title(figure: Figure) -> str:
    return cut(figure.title, _TITLE_CHARS)


def _caption(figure: Figure) -> str:
    return cut(figure.caption, _CAPTION_CHARS)
