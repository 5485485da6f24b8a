"""How sure the means are, and what would make them surer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, count, decimal, sentence
from panel_eval.report.part import Part, said
from panel_eval.schema.precision_metrics import Precision, ScorePrecision

_TITLES: Final = {
    "ce_bits": "cross-entropy, bits",
    "brier_debiased": "squared distance",
    "rps": "ranked probability score",
}


def precision_part(precision: Precision) -> Part | None:
    """Standard errors over items, clusters and reviewers, with advice."""
    if all(score.mean.estimate is None for score in precision.scores.values()):
        return None
    first = precision.scores.get("ce_bits")
    drawn = f"{count(precision.units)} {precision.resampled}"
    sentences = said(
        f"Intervals in this report come from drawing the {drawn} again, {count(precision.resamples)} times. They "
        "say how far a number might move with other items of the same kind, not with other judges.",
        f"Cross-entropy: {_lower_first(sentence(first.planning.advice))}" if first else None,
        *(sentence(note) for note in precision.notes),
    )
    return Part("precision", "How sure are the means?", sentences, (precision_table(precision),))


def precision_table(precision: Precision) -> Table:
    """Each mean with its standard errors; columns that no score fills are left out."""
    scores = precision.scores
    columns: dict[str, list[Cell]] = {
        # Its interval stands in the tables of scores: of the bootstrap, a little apart from one by this error.
        "mean": [replace(estimate_cell(score.mean), interval="") for score in scores.values()],
        "standard error": [_decimal(score.standard_error) for score in scores.values()],
        "by clusters": [_decimal(score.standard_error_clustered) for score in scores.values()],
        "items it amounts to": [_decimal(score.effective_items, 0) for score in scores.values()],
        "over other reviewers too": [estimate_cell(score.crossed) for score in scores.values()],
        "one reviewer left out": [_left_out(score) for score in scores.values()],
    }
    kept = {title: cells for title, cells in columns.items() if any(cell.text != NO_NUMBER for cell in cells)}
    rows = tuple(
        Row(_TITLES.get(name, name), tuple(cells[row] for cells in kept.values()))
        for row, name in enumerate(scores)
    )
    return Table("The panel's means", ("score", *kept), rows)


def _decimal(value: float | None, digits: int = 3) -> Cell:
    return Cell(decimal(value, digits))


def _left_out(score: ScorePrecision) -> Cell:
    found = score.leave_one_reviewer_out
    return Cell(NO_NUMBER if found is None else f"{decimal(found.low, 3)} to {decimal(found.high, 3)}")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
