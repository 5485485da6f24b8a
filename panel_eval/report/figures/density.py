"""Many items in a plane: hexagons, the fuller the more items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FAINTEST: Final = 0.12


def draw_density(
    axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], top: float, cells: int, colours: Palette
) -> None:
    """Hexagons over a square from 0 to `top`, filled by the number of items in them and outlined in full colour.

    Args:
        axes: where to.
        x: (n_items,) finite.
        y: (n_items,) finite.
        top: the upper end of both axes.
        cells: hexagons beside each other.
        colours: the palette.
    """
    from matplotlib.colors import to_rgba

    if not x.size:
        return
    drawn = axes.hexbin(x, y, gridsize=(cells, round(cells * 0.577)), extent=(0, top, 0, top), mincnt=1)
    counts = np.asarray(drawn.get_array(), dtype=float)
    fill = np.tile(to_rgba(colours.panel), (counts.size, 1))
    fill[:, 3] = _FAINTEST + (0.85 - _FAINTEST) * np.sqrt(counts / counts.max())
    drawn.set_array(None)
    drawn.set(facecolor=fill, edgecolor=colours.panel, linewidth=0.5)
