"""The reviewers' shares of the labels against the panel's: a triangle for three labels, else a plane a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.label_planes import PLANES, draw_planes, plane_height
from panel_eval.report.figures.triangle import ARROWS, Means, draw_triangle
from panel_eval.report.numbers import clear_among, count, decimal
from panel_eval.report.palette import Palette
from panel_eval.report.printable import cut_line
from panel_eval.schema import Metrics
from panel_eval.schema.mass_metrics import Mass, MassOfItems

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

_LABEL_CHARS: Final = 30
_PLANE_CAPTION: Final = (
    "Each item by the mass that the panel puts on the label and the share of reviewers who chose it; hexagons hold "
    "items, the fuller the more. Discs: mean share of the reviewers in groups of equally many items by the panel's "
    "mass. On the dashed line both agree: where discs lie below, the panel gives the label too much."
)


@dataclass(frozen=True)
class Shares:
    """Both distributions of the items that have both.

    Attributes:
        labels: in the rubric's order.
        people, panel: (n_items, n_labels).
        mass: their means, overall and by class.
    """

    labels: tuple[str, ...]
    people: NDArray[np.float64]
    panel: NDArray[np.float64]
    mass: Mass


def shares(metrics: Metrics, items: pd.DataFrame) -> Figure | None:
    """Where people and panel put their mass, item by item; None where the panel has no forecast."""
    found = _shares(metrics, items)
    if found is None:
        return None
    drawing, caption = _triangle(found) if len(found.labels) == 3 else _planes(found)
    return Figure("shares", shares_finding(found.mass), caption, drawing, _table(found))


def shares_finding(mass: Mass) -> str:
    """The label whose mean mass is furthest from the reviewers' mean share, if any is shown to differ from it."""
    gaps = {
        label: gap.estimate
        for label, beside in mass.overall.labels.items()
        if clear_among(gap := beside.difference, 0.0, len(mass.overall.labels)) and gap.estimate is not None
    }
    if not gaps:
        return "No label is shown to get more or less mass than the reviewers give it"
    furthest = max(gaps, key=lambda label: abs(gaps[label]))
    points = _points(abs(gaps[furthest]))
    word = "more" if gaps[furthest] > 0 else "less"
    return f"The panel gives “{cut_line(furthest, _LABEL_CHARS)}” {points} points {word} mass than the reviewers do"


def _points(share: float) -> str:
    """A difference that is shown is never written as 0."""
    points = 100 * share
    return "<0.1" if points < 0.05 else decimal(points, 1 if points < 9.95 else 0)


def _shares(metrics: Metrics, items: pd.DataFrame) -> Shares | None:
    columns = [f"{who}_{label}" for who in "pq" for label in metrics.labels]
    if metrics.mass is None or len(metrics.labels) < 2 or not set(columns) <= set(items.columns):
        return None
    values = items[columns].to_numpy(float)
    values = values[np.isfinite(values).all(axis=1)]
    if not values.size:
        return None
    people, panel = np.split(values, 2, axis=1)
    return Shares(tuple(metrics.labels), people, panel, metrics.mass)


def _class_means(found: Shares) -> Means:
    return {name: _means(of, found.labels) for name, of in found.mass.by_class.items()}


def _means(of: MassOfItems, labels: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The people's mean shares and the panel's."""
    sides = zip(*((of.labels[label].people, of.labels[label].panel) for label in labels), strict=True)
    people, panel = (np.array([mean.estimate for mean in side], dtype=float) for side in sides)
    return people, panel


def _triangle(found: Shares) -> tuple[Drawing, str]:
    def draw(canvas: Canvas, colours: Palette) -> None:
        draw_triangle(canvas, found.labels, found.people, found.panel, _class_means(found), colours)

    n_items = len(found.people)
    which = (
        "every item" if n_items <= ARROWS else f"{ARROWS} of the {count(n_items)} items, evenly taken by their ids"
    )
    caption = (
        f"In a corner all mass is on its label, in the middle it is equally shared. Thin arrows lead from the "
        f"reviewers' shares to the panel's, for {which}; strong ones from the reviewers' mean (hollow) to the "
        "panel's (full), class by class. A panel that follows the reviewers has short arrows; where all lead to "
        "one spot, it says the same of every item."
    )
    return Drawing(5.0, 4.9, draw), caption


def _planes(found: Shares) -> tuple[Drawing, str]:
    drawn = _drawn_labels(found)

    def draw(canvas: Canvas, colours: Palette) -> None:
        planes = [(found.labels[k], found.panel[:, k], found.people[:, k]) for k in drawn]
        draw_planes(canvas, planes, colours)

    rest = len(found.labels) - len(drawn)
    left_out = (
        f" In the table only: {rest} more, which the reviewers choose less." if len(found.labels) > PLANES else ""
    )
    return Drawing(5.0, plane_height(len(drawn)), draw), _PLANE_CAPTION + left_out


def _drawn_labels(found: Shares) -> Sequence[int]:
    """Of two labels the second: the first mirrors it. Else those most chosen, in the rubric's order."""
    if len(found.labels) == 2:
        return [1]
    most = np.argsort(-found.people.mean(axis=0), kind="stable")[:PLANES]
    return sorted(most.tolist())


def _table(found: Shares) -> Table:
    scopes = {"all": found.mass.overall, **found.mass.by_class}
    columns = ("label", *(f"{scope}: {who}" for scope in scopes for who in ("reviewers", "panel")))
    rows = tuple(
        Row(label, tuple(cell for of in scopes.values() for cell in _cells(of, label)))
        for label in found.mass.overall.labels
    )
    return Table("Mean mass on each label", columns, rows)


def _cells(of: MassOfItems, label: str) -> tuple[Cell, Cell]:
    beside = of.labels[label]
    return estimate_cell(beside.people), estimate_cell(beside.panel)
