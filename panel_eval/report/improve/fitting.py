"""What the same votes are worth once they are fitted to human labels."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Row, Table, metric_cells
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import count, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.schema.estimate import MetricTable
from panel_eval.schema.fitting_metrics import Fitting

METRICS: Final = ("ce_bits", "ce_skill", "n_eq", "entropy_pearson", "mode_accuracy", "soft_ece")
_TARGETS: Final = {"soft": "fitted to all votes", "hard": "fitted to the majority"}


def fitting_part(fitting: Fitting) -> Part:
    """The panel as it is beside the same votes, fitted."""
    sentences = said(
        f"Fitted by {fitting.method} to {count(fitting.n_fitted)} items; every number is of items that the fit "
        f"behind it did not see ({count(fitting.folds)} folds).",
        *(sentence(note) for note in fitting.notes),
    )
    return Part(
        "fitting",
        "What are the same votes worth, fitted to people?",
        sentences,
        (fitted_table(fitting),),
        filled(candidates_table(fitting)),
        advice=fitting.advice,
    )


def fitted_table(fitting: Fitting) -> Table:
    """The panel as it pools today, the base rate, and the panel fitted to soft and to hard labels."""
    rows = [
        _row("base rate", fitting.base_rate),
        _row("the panel as it is", fitting.raw_panel),
        *(
            _row(_TARGETS[target], scores, emphasis=target == fitting.target)
            for target, scores in fitting.fitted.items()
        ),
    ]
    return Table("The panel, fitted, out of fold", _columns("forecast"), tuple(rows))


def candidates_table(fitting: Fitting) -> Table | None:
    """Each method by itself."""
    if len(fitting.candidates) < 2:
        return None
    rows = tuple(
        _row(
            f"{name} (chosen in {count(fitting.chosen_in_folds.get(name, 0))} of {count(fitting.folds)} folds)", own
        )
        for name, own in fitting.candidates.items()
    )
    return Table("Every method, out of fold", _columns("method"), rows)


def _row(header: str, scores: MetricTable, *, emphasis: bool = False) -> Row:
    return Row(header, metric_cells(scores, METRICS), emphasis=emphasis)


def _columns(first: str) -> tuple[str, ...]:
    return (first, *(metric_text(name).title for name in METRICS))
