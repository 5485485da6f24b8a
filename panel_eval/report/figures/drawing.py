"""How a figure is drawn, and the one drawing as what a page and a file need."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panel_eval.report import plotting as plot
from panel_eval.report.palette import PAGE, Palette, picture_palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

DPI: Final = 144


@dataclass(frozen=True)
class Drawing:
    """A size and what is drawn on it: each call of the same gives the same bytes.

    Attributes:
        width, height: inches.
        draw: draws on an empty canvas in the colours it is given.
    """

    width: float
    height: float
    draw: Callable[[Canvas, Palette], None]

    def as_page_svg(self, salt: str) -> bytes:
        """SVG in the placeholder colours of a page, ids seeded by `salt`."""
        return self._svg(salt, PAGE)

    def as_svg(self, salt: str) -> bytes:
        """SVG in the colours of a picture, ids seeded by `salt`."""
        return self._svg(salt, picture_palette())

    def as_png(self, salt: str, told: dict[str, str], transparent: bool) -> bytes:
        """PNG of `DPI` dots an inch in the colours of a picture.

        Args:
            salt: seeds what is drawn, as for SVG.
            told: text to store in it by PNG keyword, such as Title.
            transparent: no paper behind it.
        """
        colours = picture_palette()
        buffer = io.BytesIO()
        with plot.drawing(salt, colours, plot.fonts_for_more_scripts()):
            paper = "none" if transparent else colours.paper
            # The software's version is left out: same numbers, same bytes.
            self._drawn(colours).savefig(
                buffer, format="png", dpi=DPI, facecolor=paper, metadata={**told, "Software": None}
            )
        return buffer.getvalue()

    def _svg(self, salt: str, colours: Palette) -> bytes:
        buffer = io.BytesIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with plot.drawing(salt, colours):
            self._drawn(colours).savefig(buffer, format="svg", metadata=nothing)
        return buffer.getvalue()

    def _drawn(self, colours: Palette) -> Canvas:
        canvas = plot.canvas(self.width, self.height)
        self.draw(canvas, colours)
        return canvas
