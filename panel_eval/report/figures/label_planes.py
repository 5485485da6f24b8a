"""One small figure a label: the mass the panel puts on it against the share of reviewers who chose it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from panel_eval.report import plotting as plot
from panel_eval.report.figures.density import draw_density
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Plane = tuple[str, NDArray[np.float64], NDArray[np.float64]]
"""A label with the panel's mass and the reviewers' share, each (n_items,)."""

PLANES: Final = 9
"""Most labels drawn."""
_COLUMNS: Final = 3
_TITLE_CHARS: Final = 18
_CELLS: Final = 16
_GROUPS: Final = 5
_FEWEST: Final = 8
"""Items in a group at the least."""


def plane_height(n_planes: int) -> float:
    """Inches of the figure."""
    return 4.6 if n_planes == 1 else 0.5 + 1.75 * -(-n_planes // _columns(n_planes))


def draw_planes(canvas: Canvas, planes: Sequence[Plane], colours: Palette) -> None:
    """Small figures of one scale, in the order given."""
    columns = _columns(len(planes))
    rows = -(-len(planes) // columns)
    grid = canvas.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    titles = short_names([label for label, _, _ in planes], _TITLE_CHARS)
    for axes, title, plane in zip(grid.flat, titles, planes, strict=False):
        axes.set_title(title, loc="left", fontsize=10)
        _draw(axes, plane, colours)
    for axes in list(grid.flat)[len(planes) :]:
        axes.set_axis_off()
    for column in range(columns):
        lowest = max(row for row in range(rows) if row * columns + column < len(planes))
        grid[lowest, column].tick_params(labelbottom=True)
    canvas.supxlabel("mass the panel put on the label", fontsize=10)
    canvas.supylabel("share of reviewers who chose it", fontsize=10)


def groups(mass: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_groups, 2) mean mass and mean share in groups of equally many items by the mass; equal masses together."""
    n_groups = max(1, min(_GROUPS, mass.size // _FEWEST))
    edges = np.unique(np.quantile(mass, np.linspace(0, 1, n_groups + 1)[1:-1]))
    place = np.searchsorted(edges, mass, side="left")
    return np.array([[mass[place == at].mean(), share[place == at].mean()] for at in np.unique(place)])


def _columns(n_planes: int) -> int:
    return 1 if n_planes == 1 else 2 if n_planes in (2, 4) else _COLUMNS


def _draw(axes: Axes, plane: Plane, colours: Palette) -> None:
    _, mass, share = plane
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=1, linestyle=plot.AT_REST)
    draw_density(axes, mass, share, 1.0, _CELLS, colours)
    axes.plot(
        *groups(mass, share).T, "o-", color=colours.human, markeredgecolor=colours.paper, markersize=6.5,
        linewidth=1.4, zorder=5,
    )  # fmt: skip
    axes.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes.set_aspect("equal")
