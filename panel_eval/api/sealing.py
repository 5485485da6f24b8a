"""The end of a run: its votes are scored, its files written, its directory sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from panel_eval.api.documents import keep_document
from panel_eval.api.fit_files import POLICY_FILE
from panel_eval.api.fit_policy import with_policy
from panel_eval.api.pool_files import read_pool
from panel_eval.api.preparing import Prepared
from panel_eval.api.reporting import write_report
from panel_eval.api.results import RunResult
from panel_eval.api.sessions import ended
from panel_eval.api.storing import result_files, write_to_run
from panel_eval.api.vote_files import load_planned
from panel_eval.engine import Plan, RunDirectory, RunOutcome, utc_now
from panel_eval.engine.batch import read_batches
from panel_eval.evaluation import Evaluation, evaluate
from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.pooling import VoteTable
from panel_eval.schema import FittedPool, Panel, RunManifest


def end_session(
    prepared: Prepared,
    directory: RunDirectory,
    manifest: RunManifest,
    outcome: RunOutcome,
    *,
    resamples: int,
    report: bool,
    scored: bool = True,
) -> RunResult | None:
    """Seal the session of a run, scored as far as it got.

    Args:
        prepared: what is run.
        directory: where it lies.
        manifest: its run.json as the session began.
        outcome: how far the session got.
        resamples: bootstrap resamples behind each interval.
        report: also write report.html.
        scored: False leaves the scores for a later session.

    Returns:
        The scored run; None if it is not scored, or no vote is stored.

    Raises:
        IncompleteError: the disk is full or failing; the run can be gone on with.
    """
    manifest = ended(manifest, outcome)
    if any(record.out for record in read_batches(directory.path)):
        manifest = manifest.model_copy(update={"state": "partial"})
    if not scored or not outcome.stored:
        directory.seal(manifest)
        return None
    return score_and_seal(
        directory,
        manifest,
        prepared.file.panel,
        prepared.humans,
        prepared.unlabelled,
        prepared.plan,
        resamples=resamples,
        report=report,
        stopped_judges=outcome.stopped_judges,
    )


def score_and_seal(
    directory: RunDirectory,
    manifest: RunManifest,
    panel: Panel,
    humans: HumanLabels,
    unlabelled: UnlabelledItems,
    plan: Plan,
    *,
    resamples: int,
    report: bool,
    stopped_judges: Mapping[str, str],
) -> RunResult:
    """Score a run that has come to its end and holds at least one vote, write its files and seal it.

    Args:
        directory: where it lies.
        manifest: its run.json so far, with the state that its votes give it. A sealed one becomes partial if too
            many votes ended in an error or a judge was given up.
        panel: what was asked.
        humans: the labelled items.
        unlabelled: the items that nobody labelled; votes on them are stored and not scored.
        plan: the votes that count.
        resamples: bootstrap resamples behind each interval.
        report: also write report.html.
        stopped_judges: judge id to the error that ended it.

    Raises:
        IncompleteError: the disk is full or failing; the run can be gone on with.
    """
    votes, pool = load_planned(directory.journal.path, plan), read_pool(directory.path)
    evaluation = _evaluate(votes.paid, humans, unlabelled, panel, pool, plan, resamples)
    metrics, items = evaluation.metrics, evaluation.items
    settings = {**metrics.settings, "scale": humans.scale}
    result = RunResult(
        manifest.model_copy(update={"finished_at": utc_now(), "settings": settings}),
        humans,
        votes.standing,
        metrics,
        items,
        directory=directory.path,
        evaluation=evaluation,
        stopped_judges=dict(stopped_judges),
        unlabelled=unlabelled,
        pool=pool,
    )
    result, policy = with_policy(result, panel.seed, resamples)
    write_to_run(directory, result_files(result.metrics, items, humans, unlabelled, votes.standing))
    keep_document(directory, POLICY_FILE, policy)
    if result.incomplete:
        result = replace(result, manifest=result.manifest.model_copy(update={"state": "partial"}))
    if report:
        result = replace(result, report_path=write_report(result))
    directory.seal(result.manifest)
    return result


def _evaluate(
    votes: VoteTable,
    humans: HumanLabels,
    unlabelled: UnlabelledItems,
    panel: Panel,
    pool: FittedPool | None,
    plan: Plan,
    resamples: int,
) -> Evaluation:
    return evaluate(
        votes,
        humans,
        smoothing=panel.smoothing,
        weights={judge.id: judge.weight for judge in panel.judges},
        judge_ids=sorted(judge.id for judge in panel.judges),  # also those that were never heard
        fitted=pool,
        votes_planned=plan.votes_on_labelled,
        aside=unlabelled.item_ids,
        seed=panel.seed,
        resamples=resamples,
    )
