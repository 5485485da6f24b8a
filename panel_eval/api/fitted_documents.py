"""A fitted panel as the document `fitted.json`: what it is, what it was learned from, how good it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from panel_eval.api.results import RunResult
from panel_eval.api.storing import item_hashes
from panel_eval.engine import package_versions, rubric_hash
from panel_eval.evaluation.fitting import FitSettings, FittedPanel
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, VoteTable, item_digests
from panel_eval.pooling.fitted import parameters_of
from panel_eval.schema import FittedOn, FittedPool, JudgeIdentity


def fitted_document(
    run: RunResult, humans: HumanLabels, forecasts: JudgeForecasts, found: FittedPanel, settings: FitSettings
) -> FittedPool:
    """The document of a pool that was fitted to a run, or to some of its items.

    Args:
        run: the run.
        humans: the items that the pool was fitted to.
        forecasts: what the run's judges said about them.
        found: the pool and its scores.
        settings: how it was fitted.
    """
    rubric = run.manifest.rubric
    return FittedPool(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        rubric_hash=None if rubric is None else rubric_hash(rubric),
        judges=judge_identities(run, forecasts.judge_ids),
        vote_strength=forecasts.vote_strength,
        method=found.method,
        target=settings.target,
        parameters=parameters_of(found.pool, forecasts.judge_ids, humans.labels),
        fitted_on=FittedOn(
            run_id=run.manifest.run_id,
            hashes=run_hashes(run),
            n_items=found.n_items,
            n_clusters=None if humans.clusters is None else len(set(humans.clusters)),
            item_digests=item_digests(humans.item_ids),
        ),
        out_of_fold=found.scores,
        settings=dict(vars(settings)),
        versions=package_versions(),
    )


def judge_identities(run: RunResult, judge_ids: Iterable[str]) -> list[JudgeIdentity]:
    """The judges with the hashes of their instruments, where the run knows them."""
    known = {judge.id: judge.instrument_hash for judge in run.manifest.judges}
    return [JudgeIdentity(id=name, instrument_hash=known.get(name)) for name in judge_ids]


def run_hashes(run: RunResult) -> dict[str, str]:
    """sha256 of a run's labels and of its votes that count, in the order in which they are scored."""
    votes = hashlib.sha256()
    for line in VoteTable.of(run.votes).json_lines():
        votes.update(line + b"\n")
    return {"labels": item_hashes(run.humans, run.unlabelled)["labels"], "votes": votes.hexdigest()}
