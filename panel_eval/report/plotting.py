"""Matplotlib figures as inline SVG: reproducible bytes, the page's own fonts, colours from CSS variables.

Matplotlib is imported when a figure is drawn, not before. Colours are drawn as placeholders and become
`var(--name)`, so a figure follows light mode, dark mode and print like the text around it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

INK: Final = "#010101"
MUTED: Final = "#020202"
GRID: Final = "#030303"
PANEL: Final = "#040404"
HUMAN: Final = "#050505"
FLOOR: Final = "#060606"
BASE: Final = "#070707"
HARD: Final = "#080808"
GOOD: Final = "#090909"
BAD: Final = "#0a0a0a"
PAPER: Final = "#0b0b0b"

_VARIABLES: Final = {
    INK: "var(--ink)", MUTED: "var(--muted)", GRID: "var(--line)", PANEL: "var(--panel)",
    HUMAN: "var(--human)", FLOOR: "var(--floor)", BASE: "var(--base)", HARD: "var(--hard)",
    GOOD: "var(--good)", BAD: "var(--bad)", PAPER: "var(--paper)",
}  # fmt: skip
_COLOUR = re.compile("|".join(_VARIABLES))
_FONT = re.compile(r"font(?:-family)?:[^;]*")
_FONT_SIZE = re.compile(r"([\d.]+)px")

_STYLE: Final[dict[str, object]] = {
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # a judge called $x$ is not a formula
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "legend.labelcolor": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "lines.linewidth": 1.8,
    "path.simplify": True,
}


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """The style of all figures, from matplotlib's defaults: a user's matplotlibrc changes nothing.

    Args:
        name: the figure's own name; it seeds the ids inside the SVG.
    """
    import matplotlib.style

    with matplotlib.style.context(["default", {**_STYLE, "svg.hashsalt": name}]), warnings.catch_warnings():
        # Names in scripts that the measuring font lacks are shown by the browser's fonts.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def canvas(width: float, height: float) -> Canvas:
    """An empty figure of so many inches (72 units of the SVG's view box each)."""
    from matplotlib.figure import Figure as Canvas

    return Canvas(figsize=(width, height), layout="constrained")


def svg_of(figure: Canvas, name: str) -> str:
    """The figure as an `<svg>` element for a page: no prologue, no metadata, ids under `name`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(buffer.getvalue())
    for parent in root.iter():
        for child in [child for child in parent if child.tag.endswith("}metadata")]:
            parent.remove(child)
    for element in root.iter():
        _adapt(element, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def _adapt(element: ElementTree.Element, name: str) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for key in list(element.attrib):
        value = element.attrib.pop(key)
        local = key.rpartition("}")[2]
        if local == "id":
            value = f"{name}-{value}"
        elif local == "href":
            value = value.replace("#", f"#{name}-", 1)
        else:
            value = value.replace("url(#", f"url(#{name}-")
        element.set(local, _styled(value) if local == "style" else _COLOUR.sub(_variable, value))
    if element.tag == "style" and element.text:
        # A page has one style space: the figure's global rule becomes the page's business.
        element.text = None


def _styled(style: str) -> str:
    def font(match: re.Match[str]) -> str:
        size = _FONT_SIZE.search(match.group())
        return f"font-size: {size.group()}" if size else "font-family: inherit"

    return _COLOUR.sub(_variable, _FONT.sub(font, style))


def _variable(match: re.Match[str]) -> str:
    return _VARIABLES[match.group()]


def grid_only(axes: Axes, axis: str) -> None:
    """Leave the grid lines of one axis, `x` or `y`."""
    axes.grid(visible=False)
    axes.grid(visible=True, axis="x" if axis == "x" else "y")
