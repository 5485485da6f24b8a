"""The style that all figures share: reproducible, the same on a page and as a picture, one palette each.

Matplotlib is imported when a figure is drawn, not before.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

DASHED: Final = (0, (5, 2))
DOTTED: Final = (0, (1, 2))
FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that figures are the same everywhere."""
_MORE_FONTS: Final = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans SC", "WenQuanYi Zen Hei",
    "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS",
)  # fmt: skip
AT_REST: Final = (0, (4, 3))
"""The dashes of a line to hold others against, such as a diagonal."""


@contextmanager
def drawing(salt: str, colours: Palette, more_fonts: Sequence[str] = ()) -> Iterator[None]:
    """The style of all figures, from matplotlib's defaults: a user's matplotlibrc changes nothing.

    Args:
        salt: seeds the ids inside an SVG, such as the figure's own name.
        colours: of everything that a figure does not colour itself.
        more_fonts: for characters that the font of all figures lacks.
    """
    import matplotlib.style

    style = {**_style(colours), "svg.hashsalt": salt, "font.family": [FONT, *more_fonts]}
    with matplotlib.style.context(["default", style]), warnings.catch_warnings():
        # Names in scripts that the measuring font lacks are shown by the browser's fonts.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def _style(colours: Palette) -> dict[str, object]:
    return {
        "svg.fonttype": "none",
        "svg.image_inline": True,
        "font.size": 10,
        "text.color": colours.ink,
        "text.parse_math": False,  # a judge called $x$ is not a formula
        "axes.edgecolor": colours.muted,
        "axes.labelcolor": colours.ink,
        "axes.labelsize": 10,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": colours.line,
        "grid.linewidth": 0.8,
        "xtick.color": colours.muted,
        "ytick.color": colours.muted,
        "xtick.labelcolor": colours.ink,
        "ytick.labelcolor": colours.ink,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "legend.labelcolor": colours.ink,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "lines.linewidth": 1.8,
        "path.simplify": True,
    }


def fonts_for_more_scripts() -> list[str]:
    """Fonts of this machine for what `FONT` lacks, such as Chinese; where there is none, boxes are drawn."""
    from matplotlib.font_manager import get_font_names

    installed = set(get_font_names())
    return [name for name in _MORE_FONTS if name in installed]


def canvas(width: float, height: float) -> Canvas:
    """An empty figure of so many inches (72 units of the SVG's view box each)."""
    from matplotlib.figure import Figure as Canvas

    return Canvas(figsize=(width, height), layout="constrained")


def legend_above(figure: Canvas, columns: int, marks: bool = False) -> None:
    """The legend of everything that has a label, above the axes.

    Args:
        figure: the figure.
        columns: entries beside each other.
        marks: the entries are marks, not lines: their names stand close.
    """
    figure.legend(
        loc="outside upper left", ncols=columns, handletextpad=0.2 if marks else 0.6, columnspacing=1.3,
        borderaxespad=0.1,
    )  # fmt: skip


def grid_only(axes: Axes, axis: str) -> None:
    """Leave the grid lines of one axis, `x` or `y`."""
    axes.grid(visible=False)
    axes.grid(visible=True, axis="x" if axis == "x" else "y")
