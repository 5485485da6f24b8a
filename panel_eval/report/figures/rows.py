"""Estimates as marks with their intervals, one row a name: the form of most figures of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panel_eval.report import plotting as plot
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.palette import Palette
from panel_eval.schema import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_CHARS: Final = 26
ROWS_DRAWN: Final = 30
"""Rows that can be read in one figure; the table has all."""
_APART: Final = 0.2


@dataclass(frozen=True)
class Marked:
    """Numbers of one kind, one a row, and how they are marked: told apart by shape, and by colour besides.

    Attributes:
        label: of the legend; empty for none.
        colour: name of a colour of the palette.
        shape: matplotlib's marker.
        numbers: one a row; None or a null is left out.
        size: of the marker, points.
        hollow: the marker is not filled.
        held: whether intervals are drawn.
    """

    label: str
    colour: str
    shape: str
    numbers: Sequence[Estimate | None]
    size: float = 7.0
    hollow: bool = False
    held: bool = True


def draw_rows(
    axes: Axes, names: Sequence[str], kinds: Sequence[Marked], colours: Palette, scale: float = 1
) -> None:
    """Draw the first row at the top. Kinds whose intervals are drawn stand a little apart in a row.

    Args:
        axes: where to.
        names: of the rows; cut to a line.
        kinds: the numbers.
        colours: the palette.
        scale: what numbers are multiplied by, such as 100 for percent.
    """
    held = [kind for kind in kinds if kind.held and any(_ends(number) for number in kind.numbers)]
    for kind in kinds:
        apart = _APART * (held.index(kind) - (len(held) - 1) / 2) if kind in held else 0.0
        _draw(axes, kind, getattr(colours, kind.colour), apart, scale)
    axes.set_yticks(range(len(names)), short_names(names, NAME_CHARS))
    axes.set_ylim(len(names) - 0.5, -0.5)
    plot.grid_only(axes, "x")


def _draw(axes: Axes, kind: Marked, colour: str, apart: float, scale: float) -> None:
    known = [(row + apart, number) for row, number in enumerate(kind.numbers) if drawable(number)]
    for row, number in known:
        if kind.held and (ends := _ends(number)) is not None:
            axes.plot([scale * ends[0], scale * ends[1]], [row, row], color=colour, linewidth=1.6)
    axes.plot(
        [scale * float(number.estimate or 0.0) for _, number in known if number], [row for row, _ in known],
        kind.shape, color=colour, markersize=kind.size, markerfacecolor="none" if kind.hollow else colour,
        label=kind.label or None,
    )  # fmt: skip


def drawable(number: Estimate | None) -> bool:
    """Whether there is a number."""
    return number is not None and number.estimate is not None


def _ends(number: Estimate | None) -> tuple[float, float] | None:
    """Both ends of the interval of a number that can be drawn."""
    if number is None or number.estimate is None or number.low is None or number.high is None:
        return None
    return number.low, number.high


def rows_height(n_rows: int, each: float = 0.3) -> float:
    """Inches of a figure of so many rows, with room for axis and legend."""
    return 1.25 + each * max(n_rows, 2)


def the_rest(n: int, shown: int, what: str) -> str:
    """A sentence on what is in the table only; empty where all is drawn."""
    return f" {n - shown:,} more {what} are in the table only." if n > shown else ""
