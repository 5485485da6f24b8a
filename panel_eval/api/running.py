"""Running a panel: plan, ask, store, score, seal. Run it again and it goes on where it stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, prepare, read_inputs
from panel_eval.api.results import RunResult
from panel_eval.api.sealing import score_and_seal
from panel_eval.api.storing import json_line
from panel_eval.api.vote_files import load_planned
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
    rubric_hash,
    run_async,
    stop_on_interrupt,
    utc_now,
)
from panel_eval.engine.batch import refuse_votes_out
from panel_eval.errors import InterruptedRunError
from panel_eval.humans import HumanLabels
from panel_eval.judges import Transport, build_judges, close_judges
from panel_eval.schema import Panel, RunManifest


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
    with open_directory(prepared, options) as directory:
        refuse_votes_out(directory.path)
        manifest = new_manifest(prepared, directory)
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


def open_directory(prepared: Prepared, options: _Options) -> RunDirectory:
    """The run directory to work in: the unfinished one that belongs to the panel, or a new one."""
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
    votes = load_planned(directory.journal.path, prepared.plan)
    if not len(votes):
        directory.seal(_ended(manifest, outcome))
        raise InterruptedRunError(f"{directory.path}: stopped before any vote was stored. Run it again")
    return score_and_seal(
        directory,
        _ended(manifest, outcome),
        prepared.file.panel,
        prepared.humans,
        votes,
        resamples=options.resamples,
        report=options.report,
        stopped_judges=outcome.stopped_judges,
    )


def _ended(manifest: RunManifest, outcome: RunOutcome) -> RunManifest:
    update = {"state": outcome.state, "finished_at": utc_now(), "votes_stored": outcome.stored}
    return manifest.model_copy(update=update)


def _labels_hash(humans: HumanLabels) -> str:
    """sha256 of labels.jsonl as the run will write it: of the records, not of how their file lays them out."""
    hasher = hashlib.sha256()
    for record in humans.records:
        hasher.update(json_line(record) + b"\n")
    return hasher.hexdigest()


def new_manifest(prepared: Prepared, directory: RunDirectory) -> RunManifest:
    """The manifest at the beginning of a session."""
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
