"""Running a panel: plan, ask, store, score, seal. Run it again and it goes on where it stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, prepare, read_inputs
from panel_eval.api.results import RunResult, write_report
from panel_eval.api.storing import json_line, rendered, result_files
from panel_eval.engine import (
    OnProgress,
    RunDirectory,
    RunOutcome,
    StopSignal,
    execute,
    file_sha256,
    git_commit,
    judge_manifests,
    package_versions,
    read_votes,
    rubric_hash,
    run_async,
    stop_on_interrupt,
    utc_now,
)
from panel_eval.errors import InterruptedRunError
from panel_eval.evaluation import Evaluation, evaluate
from panel_eval.humans import HumanLabels
from panel_eval.judges import Transport, build_judges, close_judges
from panel_eval.schema import Panel, RunManifest, Vote


@dataclass(frozen=True)
class _Options:
    """How a run is carried out, apart from what it asks."""

    results: Path
    retry_failed: bool
    fresh: bool
    resamples: int
    report: bool
    on_progress: OnProgress | None
    stop: StopSignal


def run(
    panel: str | Path | PanelFile | Panel,
    *,
    results: str | Path = "results",
    transports: Mapping[str, Transport] | None = None,
    retry_failed: bool = False,
    fresh: bool = False,
    resamples: int = 2000,
    report: bool = True,
    on_progress: OnProgress | None = None,
    stop: StopSignal | None = None,
) -> RunResult:
    """Ask a panel of judges about every item, store each vote as it arrives, and score the run.

    An unfinished run of the same panel, rubric and judges in `results` is gone on with: votes already stored are
    not asked for again. Ctrl-C finishes the calls in flight and seals a partial run; a second one stops at once.

    Args:
        panel: a panel file, or a panel made in Python (its paths start from the working directory).
        results: folder in which the run directory is made.
        transports: judge id to transport, instead of what the judge's model names; for tests.
        retry_failed: when going on, also ask again for votes that ended in an error.
        fresh: start a new run even if an unfinished one could be gone on with.
        resamples: bootstrap resamples behind each interval.
        report: write report.html.
        on_progress: told how far the run is.
        stop: lets the caller end the run early.

    Raises:
        InputError: with every problem of the panel, rubric, labels or prompts; nothing is written then.
        JudgeSetupError: a judge cannot be asked at all.
    """
    inputs = read_inputs(panel)
    options = _Options(Path(results), retry_failed, fresh, resamples, report, on_progress, stop or StopSignal())
    with stop_on_interrupt(options.stop):
        judges = build_judges(inputs.file.panel, inputs.rubric, inputs.file.folder, transports)
        try:
            return _carry_out(prepare(inputs, judges), options)
        finally:
            run_async(close_judges(judges))


def _carry_out(prepared: Prepared, options: _Options) -> RunResult:
    with _open_directory(prepared, options) as directory:
        manifest = _manifest(prepared, directory)
        directory.write_manifest(manifest)
        outcome = run_async(
            execute(
                prepared.plan,
                prepared.judges,
                directory,
                on_progress=options.on_progress,
                stop=options.stop,
                retry_failed=options.retry_failed,
            )
        )
        return _score_and_seal(prepared, options, directory, manifest, outcome)


def _open_directory(prepared: Prepared, options: _Options) -> RunDirectory:
    name = prepared.file.panel.panel
    found = None if options.fresh else prepared.unfinished_run(options.results)
    if found is not None:
        return RunDirectory.reopen(found)
    return RunDirectory.create(options.results, name, prepared.hash8)


def _score_and_seal(
    prepared: Prepared,
    options: _Options,
    directory: RunDirectory,
    manifest: RunManifest,
    outcome: RunOutcome,
) -> RunResult:
    votes = [vote for vote in read_votes(directory.journal.path) if vote.vote_key in prepared.plan.vote_keys]
    if not votes:
        directory.seal(_ended(manifest, outcome, {}))
        raise InterruptedRunError(f"{directory.path}: stopped before any vote was stored. Run it again")
    humans = prepared.humans
    evaluation = _evaluate(votes, prepared, options.resamples)
    metrics, items = evaluation.metrics, evaluation.items
    for name, write in result_files(metrics, items, humans, votes).items():
        directory.write_atomically(name, rendered(write))
    final = _ended(manifest, outcome, {**metrics.settings, "scale": humans.scale})
    result = RunResult(
        final,
        humans,
        votes,
        metrics,
        items,
        directory=directory.path,
        evaluation=evaluation,
        stopped_judges=dict(outcome.stopped_judges),
    )
    if result.incomplete:
        final = final.model_copy(update={"state": "partial"})
        result = replace(result, manifest=final)
    if options.report:
        result = replace(result, report_path=write_report(result))
    directory.seal(final)
    return result


def _ended(
    manifest: RunManifest, outcome: RunOutcome, settings: dict[str, str | int | float | None]
) -> RunManifest:
    return manifest.model_copy(
        update={
            "state": outcome.state,
            "finished_at": utc_now(),
            "votes_stored": outcome.stored,
            "settings": settings,
        }
    )


def _evaluate(votes: Sequence[Vote], prepared: Prepared, resamples: int) -> Evaluation:
    panel = prepared.file.panel
    return evaluate(
        votes,
        prepared.humans,
        smoothing=panel.smoothing,
        weights={judge.id: judge.weight for judge in panel.judges},
        judge_ids=sorted(judge.id for judge in panel.judges),  # also those that were never heard
        votes_planned=len(prepared.plan),
        seed=panel.seed,
        resamples=resamples,
    )


def _labels_hash(humans: HumanLabels) -> str:
    """sha256 of labels.jsonl as the run will write it: of the records, not of how their file lays them out."""
    hasher = hashlib.sha256()
    for record in humans.records:
        hasher.update(json_line(record) + b"\n")
    return hasher.hexdigest()


def _manifest(prepared: Prepared, directory: RunDirectory) -> RunManifest:
    file, panel = prepared.file, prepared.file.panel
    return RunManifest(
        run_id=directory.name,
        state="running",
        started_at=utc_now(),
        panel=panel,
        rubric=prepared.rubric,
        judges=judge_manifests(prepared.judges),
        hashes={
            "labels": _labels_hash(prepared.humans),
            "labels_file": file_sha256(file.path(panel.labels)),
            "rubric": rubric_hash(prepared.rubric),
            "plan": prepared.plan.plan_hash,
        },
        sources={"labels": Path(panel.labels).name, "rubric": Path(panel.rubric).name},
        n_items=len(prepared.humans),
        votes_planned=len(prepared.plan),
        votes_stored=0,
        seed=panel.seed,
        versions=package_versions(),
        git_commit=git_commit(Path.cwd()),
    )
