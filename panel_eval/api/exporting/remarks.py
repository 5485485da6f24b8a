"""What whoever trains on the files must know of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.api.exporting.scanning import Scanned
from panel_eval.api.exporting.splits import ALL, UNASSIGNED
from panel_eval.api.panel_forecasts import PanelForecast
from panel_eval.errors import shorten
from panel_eval.pooling import share_fitted_on


def remarks(
    rows: TrainingRows,
    splits: Sequence[str],
    scanned: Scanned,
    forecast: PanelForecast | None,
    n_unlabelled: int,
) -> Iterator[str]:
    """Sentences, without the full stop.

    Args:
        rows: what is written.
        splits: (n_rows,) the split of each row.
        scanned: what the records name.
        forecast: the panel's, if panel rows were asked for.
        n_unlabelled: unlabelled items of the run.
    """
    if forecast is not None:
        yield from _of_the_panel(forecast, rows, np.array(splits, dtype=str))
    elif n_unlabelled:
        yield f"{n_unlabelled} unlabelled items of the run are not here; --target both adds the panel's word"
    if lonely := int((rows.reviewers == 1).sum()):
        yield f"{lonely} items have one reviewer only: their soft target is one label"
    if unassigned := splits.count(UNASSIGNED):
        yield f"{unassigned} items name no split while others do: they are in `{UNASSIGNED}`"
    if scanned.n_without_text:
        yield f"{scanned.n_without_text} items have no text here; join it on item_id"


def _of_the_panel(forecast: PanelForecast, rows: TrainingRows, split: NDArray[np.str_]) -> Iterator[str]:
    n_eq = forecast.origin.n_eq.estimate
    if forecast.pool is None:
        worth = "an unknown number of" if n_eq is None else f"{n_eq:.2f}"
        yield (
            f"panel targets are the judges' raw mean, worth {worth} reviewers on labelled items: fit the panel to "
            "human labels first (panel-eval fit), and export with --fitted"
        )
    if n_eq is None or n_eq <= 0:
        yield "what the panel is worth could not be measured: its rows weigh as much as one reviewer"
    held_out = split != ALL
    for name in sorted(set(split[held_out & rows.from_panel]) & set(split[held_out & ~rows.from_panel])):
        yield f"the split {shorten(name)} holds panel rows too: measure a model on its human rows alone"
    tested = [rows.item_ids[row] for row in np.flatnonzero(held_out & ~rows.from_panel).tolist()]
    share = 0.0 if forecast.pool is None else share_fitted_on(forecast.pool, tested)
    if share > 0 and rows.from_panel.any():
        yield (
            f"the pool behind the panel rows was fitted to about {share:.0%} of the human rows outside `{ALL}`: a "
            "model trained on panel rows has seen a little of them; to be strict, fit it to the training rows alone"
        )
