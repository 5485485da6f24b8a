"""A fitted pool as a file, fitted to some of a run's labelled items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import panel_eval as pe
from panel_eval.pooling import collect_votes, item_digests
from panel_eval.pooling.fitted import TrainingSample, fit_stacking, parameters_of
from panel_eval.schema import Estimate, FittedPool
from panel_eval.schema.fitted_pool import FittedOn
from panel_eval.schema.judge_identity import JudgeIdentity

N_EQ = Estimate(estimate=7.5, low=5.25, high=11.0, n=30)
"""Put into the file as its out-of-fold worth, so that a test can tell it from the run's own."""


def write_fitted_pool(
    run: Path, path: Path, rows: Sequence[int], item_ids: Sequence[str] | None = None
) -> FittedPool:
    """Stack the judges of a run on some of its labelled items.

    Args:
        run: the run directory.
        path: where to write.
        rows: the items that it learns from.
        item_ids: what the file says that it learned from; default: those items.
    """
    result = pe.open_run(run)
    humans = result.humans.select(rows)
    forecasts = collect_votes(result.votes, humans, tuple(result.metrics.judges), aside=result.humans.item_ids)
    pool = fit_stacking(
        TrainingSample(forecasts, humans.counts, np.arange(len(rows)), humans.scale == "ordinal", 0)
    )
    document = FittedPool(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        judges=[JudgeIdentity(id=judge) for judge in forecasts.judge_ids],
        vote_strength=20.0,
        method="stacking",
        target="soft",
        parameters=parameters_of(pool, forecasts.judge_ids, humans.labels),
        fitted_on=FittedOn(
            run_id=result.manifest.run_id, hashes={}, n_items=len(rows),
            item_digests=item_digests(item_ids or humans.item_ids),
        ),
        out_of_fold={"n_eq": N_EQ},
        settings={"method": "stacking"},
    )  # fmt: skip
    path.write_bytes(document.model_dump_json().encode())
    return document
