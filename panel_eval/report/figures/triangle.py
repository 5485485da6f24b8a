"""Distributions over three labels in a triangle: each corner is a label, each place a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from panel_eval.report import plotting as plot
from panel_eval.report.figures.class_marks import CLASS_SHAPES
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

ARROWS: Final = 300
"""Most items drawn."""
CORNERS: Final = np.array([[0.0, 0.0], [0.5, np.sqrt(0.75)], [1.0, 0.0]])
"""Of a triangle of side 1: the first label left, the second on top, the third right."""
_CORNER_CHARS: Final = 18
Means = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Class to (3,) mean shares of the people and of the panel."""
_SHORTEST: Final = 0.02
"""Shorter arrows are points."""


def in_triangle(distributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) places of (n, 3) distributions: the mean of the corners, weighted by the shares."""
    return np.asarray(distributions @ CORNERS, dtype=float)


def draw_triangle(
    canvas: Canvas,
    labels: tuple[str, ...],
    people: NDArray[np.float64],
    panel: NDArray[np.float64],
    by_class: Means,
    colours: Palette,
) -> None:
    """Arrows from the people's distribution of an item to the panel's, and from mean to mean of each class.

    Args:
        canvas: where to.
        labels: three.
        people: (n_items, 3) shares; at most `ARROWS` items are drawn, evenly taken.
        panel: (n_items, 3) masses.
        by_class: class to the mean shares of the people and of the panel.
        colours: the palette.
    """
    axes = canvas.subplots()
    _draw_frame(axes, labels, colours)
    drawn = np.unique(np.linspace(0, len(people) - 1, min(len(people), ARROWS)).round().astype(int))
    _draw_items(axes, in_triangle(people[drawn]), in_triangle(panel[drawn]), colours)
    for name, mean in by_class.items():
        _draw_class(axes, name, in_triangle(np.stack(mean)), colours)
    if by_class:
        plot.legend_above(canvas, 4, marks=True)


def _draw_frame(axes: Axes, labels: tuple[str, ...], colours: Palette) -> None:
    """The triangle, thirds of the way to each label, and the labels at the corners."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.fill(*CORNERS.T, facecolor="none", edgecolor=colours.muted, linewidth=1)
    for share in (0.25, 0.5, 0.75):
        for corner in range(3):
            ends = np.full((2, 3), 0.0)
            ends[:, corner] = share
            ends[0, corner - 1] = ends[1, corner - 2] = 1 - share
            axes.plot(*in_triangle(ends).T, color=colours.line, linewidth=0.8, zorder=0)
    names = short_names(labels, _CORNER_CHARS)
    for place, (name, (x, y)) in enumerate(zip(names, CORNERS, strict=True)):
        above = place == 1
        axes.annotate(
            name, (x, y), xytext=(0, 6 if above else -6), textcoords="offset points", ha="center",
            va="bottom" if above else "top", annotation_clip=False,
        )  # fmt: skip
    axes.set(xlim=(-0.12, 1.12), ylim=(-0.09, 0.95))


def _draw_items(axes: Axes, start: NDArray[np.float64], end: NDArray[np.float64], colours: Palette) -> None:
    """Light arrows; the more items, the lighter."""
    alpha = float(np.clip(12 / np.sqrt(max(len(start), 1)) / 3, 0.25, 0.6))
    move = end - start
    far = np.hypot(*move.T) >= _SHORTEST
    axes.quiver(
        *start[far].T, *move[far].T, angles="xy", scale_units="xy", scale=1, color=colours.panel, alpha=alpha,
        width=0.0028, headwidth=4.5, headlength=5.5, headaxislength=5,
    )  # fmt: skip
    axes.plot(*start[~far].T, ".", color=colours.panel, alpha=alpha, markersize=4)


def _draw_class(axes: Axes, name: str, places: NDArray[np.float64], colours: Palette) -> None:
    """From the people's mean, hollow, to the panel's, full."""
    shape = CLASS_SHAPES[name]
    axes.plot(*places.T, color=colours.human, linewidth=2.2, zorder=4)
    axes.plot(
        *places[:1].T, shape, color=colours.human, markerfacecolor=colours.paper, markersize=9, markeredgewidth=1.6,
        zorder=5,
    )  # fmt: skip
    axes.plot(
        *places[1:].T,
        shape,
        color=colours.human,
        markeredgecolor=colours.paper,
        markersize=10,
        label=name,
        zorder=6,
    )
