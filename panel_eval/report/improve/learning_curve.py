"""How many labels a fitted panel needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.learning_curve import learning_curve_figure
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.part import Part, drawn, filled, said
from panel_eval.schema.learning_curve_metrics import CurvePoint, LearningCurve

_QUESTION: Final = "How many labels does it need?"
_COLUMNS: Final = ("CE bits", "n_eq", "gain on the base rate, bits")


def learning_curve_part(curve: LearningCurve) -> Part:
    """The curve by items, by reviewers, and what to buy next; or why there is none."""
    if not curve.by_items:
        return Part("labels", _QUESTION, (), (), advice=curve.advice)
    return Part(
        "labels",
        _QUESTION,
        said(
            sentence(curve.items_or_reviewers.advice),
            sentence(curve.band),
            *(sentence(note) for note in curve.notes),
        ),
        filled(by_items_table(curve.by_items)),
        filled(by_reviewers_table(curve.by_reviewers)),
        drawn(learning_curve_figure(curve)),
        advice=curve.advice,
    )


def by_items_table(points: Sequence[CurvePoint]) -> Table:
    """Scores by the number of items that pools were fitted to."""
    rows = tuple(Row(count(point.items), _cells(point)) for point in points)
    return Table("Fitted to so many items", ("items", *_COLUMNS), rows)


def by_reviewers_table(points: Sequence[CurvePoint]) -> Table:
    """Scores by the votes of each item that pools were fitted to."""
    rows = tuple(Row(decimal(point.reviewers, 1), _cells(point)) for point in points)
    return Table("Fitted to so many reviewers of each item", ("reviewers", *_COLUMNS), rows)


def _cells(point: CurvePoint) -> tuple[Cell, ...]:
    return (
        estimate_cell(point.ce_bits),
        estimate_cell(point.n_eq, 1),
        estimate_cell(point.gain_over_base_rate_bits),
    )
