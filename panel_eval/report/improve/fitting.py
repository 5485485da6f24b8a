"""What the same votes are worth once they are fitted to human labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Row, Table, metric_cells
from panel_eval.report.figures.fitted import fitted
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import count, sentence
from panel_eval.report.part import Part, drawn, filled, said
from panel_eval.schema.fitting_metrics import FITTING_METRICS, Fitting

SHOWN: Final = ("ce_bits", "n_eq", "entropy_pearson", "mode_accuracy")
_SHORT: Final = {"ce_bits": "CE bits", "n_eq": "n_eq", "entropy_pearson": "entropy r", "mode_accuracy": "top label"}
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
        (fitted_table(fitting, SHOWN),),
        filled(fitted_table(fitting, FITTING_METRICS), candidates_table(fitting)),
        drawn(fitted(fitting)),
        advice=fitting.advice,
    )


def fitted_table(fitting: Fitting, metrics: Sequence[str]) -> Table:
    """The panel as it pools today, the base rate, and the panel fitted to soft and to hard labels.

    Args:
        fitting: their scores.
        metrics: the columns.
    """
    rows = (
        Row("base rate", metric_cells(fitting.base_rate, metrics)),
        Row("the panel as it is", metric_cells(fitting.raw_panel, metrics)),
        *(
            Row(_TARGETS[target], metric_cells(scores, metrics), emphasis=target == fitting.target)
            for target, scores in fitting.fitted.items()
        ),
    )
    every = "" if metrics is SHOWN else ": every metric"
    return Table(f"The panel, fitted, out of fold{every}", _columns("forecast", metrics), rows)


def candidates_table(fitting: Fitting) -> Table | None:
    """Each method by itself."""
    if len(fitting.candidates) < 2:
        return None
    chosen, folds = fitting.chosen_in_folds, count(fitting.folds)
    rows = tuple(
        Row(f"{name} (chosen in {count(chosen.get(name, 0))} of {folds} folds)", metric_cells(own, SHOWN))
        for name, own in fitting.candidates.items()
    )
    return Table("Every method, out of fold", _columns("method", SHOWN), rows)


def _columns(first: str, metrics: Sequence[str]) -> tuple[str, ...]:
    if metrics is SHOWN:
        return (first, *(_SHORT[name] for name in SHOWN))
    return (first, *(metric_text(name).title for name in metrics))
