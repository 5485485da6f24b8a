"""What a report is made from: the results of one run, already computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panel_eval.schema import FitReport, Metrics, RunManifest, Vote

if TYPE_CHECKING:
    import pandas as pd

    from panel_eval.humans import HumanLabels
    from panel_eval.pooling import JudgeForecasts
    from panel_eval.stats.arrays import BoolArray


@dataclass(frozen=True)
class RunView:
    """The results of one run, as the report reads them. Nothing in here is recomputed.

    Attributes:
        manifest: what was asked of whom; None for results without a run directory.
        metrics: the numbers of `metrics.json`.
        items: one row an item, as `Evaluation.items`: `item_id`, `p_<label>`, `q_<label>`, `ce_bits` …
        humans: the human labels with their contents and rationales.
        votes: all votes of the judges, unusable ones included.
        fit: what `panel-eval fit` found out about the panel; None if it was not run.
        fit_outdated: whether that was found out from other votes or labels than the run has now.
        forecasts: what each judge said, unsmoothed, items in the order of `humans`; None if it was not asked for.
        decided: (n_items,) in the order of `items`, whether the policy that `fit` made lets the panel decide; None
            without a policy.
        folder: name of the run directory; None if there is none.
    """

    manifest: RunManifest | None
    metrics: Metrics
    items: pd.DataFrame
    humans: HumanLabels
    votes: Sequence[Vote]
    fit: FitReport | None = None
    fit_outdated: bool = False
    forecasts: JudgeForecasts | None = None
    decided: BoolArray | None = None
    folder: str | None = None
