"""A fitted panel as the document `fitted.json`: what it is, what it was learned from, how good it is."""

from __future__ import annotations

from panel_eval.api.labelled_run import LabelledRun
from panel_eval.engine import package_versions
from panel_eval.evaluation.fitting import FitSettings, FittedPanel
from panel_eval.humans import HumanLabels
from panel_eval.pooling import item_digests
from panel_eval.pooling.fitted import parameters_of
from panel_eval.schema import FittedOn, FittedPool


def fitted_document(
    labelled: LabelledRun, humans: HumanLabels, found: FittedPanel, settings: FitSettings
) -> FittedPool:
    """The document of a pool that was fitted to a run, or to some of its items.

    Args:
        labelled: the run.
        humans: the items that the pool was fitted to.
        found: the pool and its scores.
        settings: how it was fitted.
    """
    forecasts = labelled.forecasts
    return FittedPool(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        rubric_hash=labelled.rubric_hash,
        judges=labelled.judges,
        vote_strength=forecasts.vote_strength,
        method=found.method,
        target=settings.target,
        parameters=parameters_of(found.pool, forecasts.judge_ids, humans.labels),
        fitted_on=FittedOn(
            run_id=labelled.run.manifest.run_id,
            hashes=labelled.hashes,
            n_items=found.n_items,
            n_clusters=None if humans.clusters is None else len(set(humans.clusters)),
            item_digests=item_digests(humans.item_ids),
        ),
        out_of_fold=found.scores,
        settings=dict(vars(settings)),
        versions=package_versions(),
    )
