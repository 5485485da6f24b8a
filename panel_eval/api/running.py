"""Running a panel: plan, ask, store, score, seal. Run it again and it goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from panel_eval.api.loading import PanelFile, load_panel
from panel_eval.api.results import RunResult, write_report
from panel_eval.api.storing import json_line, rendered, result_files
from panel_eval.engine import (
    OnProgress,
    Plan,
    RunDirectory,
    RunOutcome,
    StopSignal,
    execute,
    file_sha256,
    find_resumable,
    git_commit,
    judge_manifests,
    make_plan,
    package_versions,
    read_votes,
    rubric_hash,
    run_async,
    stop_on_interrupt,
    utc_now,
)
from panel_eval.errors import InputError, InterruptedRunError, Problem, shorten
from panel_eval.evaluation import Evaluation, evaluate
from panel_eval.humans import HumanLabels, missing_content
from panel_eval.judges import Judge, Transport, build_judges, close_judges
from panel_eval.schema import Panel, Rubric, RunManifest, Vote


@dataclass(frozen=True)
class _Prepared:
    """Everything a run is made of, checked before the first call goes out."""

    file: PanelFile
    rubric: Rubric
    humans: HumanLabels
    judges: Sequence[Judge]
    plan: Plan

    @property
    def hash8(self) -> str:
        """Which run directory belongs to it: panel, rubric and judges, but not the items.

        Items may be added or mended while a run is unfinished; votes are told apart by their keys.
        """
        facts = {
            "panel": self.file.panel.panel,
            "seed": self.file.panel.seed,
            "rubric": rubric_hash(self.rubric),
            "judges": [[judge.id, judge.instrument_hash, judge.config.samples] for judge in self.judges],
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]


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
    file = panel if isinstance(panel, PanelFile) else _panel_file(panel)
    rubric = file.load_rubric()
    humans = file.load_labels(rubric)
    _check_content(humans, rubric, file)
    options = _Options(Path(results), retry_failed, fresh, resamples, report, on_progress, stop or StopSignal())
    with stop_on_interrupt(options.stop):
        judges = build_judges(file.panel, rubric, file.folder, transports)
        try:
            plan = make_plan(judges, humans, rubric, file.panel.seed)
            return _carry_out(_Prepared(file, rubric, humans, judges, plan), options)
        finally:
            run_async(close_judges(judges))


def _panel_file(panel: str | Path | Panel) -> PanelFile:
    return PanelFile(panel, Path()) if isinstance(panel, Panel) else load_panel(panel)


def _check_content(humans: HumanLabels, rubric: Rubric, file: PanelFile) -> None:
    """Every item must have the text that judges are to see, before anything is paid for."""
    if bare := missing_content(humans, rubric):
        wanted = ", ".join(rubric.fields) or "any text"
        named = ", ".join(shorten(item_id) for item_id in bare[:5]) + (" …" if bare[5:] else "")
        raise InputError(
            Problem(
                f"{len(bare)} items have no content for judges to see ({wanted}): {named}",
                path=file.path(file.panel.labels),
                key="content",
                fix="add `content` to the label file, or name a second file with it as `content` in the panel",
            )
        )


def _carry_out(prepared: _Prepared, options: _Options) -> RunResult:
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


def _open_directory(prepared: _Prepared, options: _Options) -> RunDirectory:
    name = prepared.file.panel.panel
    found = None if options.fresh else find_resumable(options.results, name, prepared.hash8)
    if found is not None:
        return RunDirectory.reopen(found)
    return RunDirectory.create(options.results, name, prepared.hash8)


def _score_and_seal(
    prepared: _Prepared,
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


def _evaluate(votes: Sequence[Vote], prepared: _Prepared, resamples: int) -> Evaluation:
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


def _manifest(prepared: _Prepared, directory: RunDirectory) -> RunManifest:
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
