"""Running a panel: plan, ask, store, score, seal. Run it again and it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias, TypeVar, Unpack

from panel_eval.api.budgets import budget_of, refuse_unpriced
from panel_eval.api.engines import on_engine
from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Inputs, Prepared, prepare, read_inputs
from panel_eval.api.remote.after_run import bought_before, bought_here, mark_unpublished, publish_sealed
from panel_eval.api.results import RunResult, ShardResult
from panel_eval.api.run_options import RunKeywords, RunOptions
from panel_eval.api.sealing import end_session
from panel_eval.api.sessions import begin_session, ended, open_directory
from panel_eval.api.storing import item_files, write_to_run
from panel_eval.api.taking_over import runs_to_reuse, take_over
from panel_eval.engine import (
    RunDirectory,
    RunOutcome,
    Shard,
    StopSignal,
    execute,
    run_async,
    stop_on_interrupt,
)
from panel_eval.engine.batch import refuse_votes_out
from panel_eval.errors import InterruptedRunError
from panel_eval.judges import Transport, build_judges, close_judges
from panel_eval.schema import Panel, RunManifest

T = TypeVar("T")
_End: TypeAlias = Callable[[Prepared, RunOptions, RunDirectory, RunManifest, RunOutcome], T]


def run(
    panel: str | Path | PanelFile | Panel,
    *,
    results: str | Path = "results",
    reuse: Sequence[str | Path] = (),
    transports: Mapping[str, Transport] | None = None,
    stop: StopSignal | None = None,
    **options: Unpack[RunKeywords],
) -> RunResult:
    """Ask a panel of judges about every item, store each vote as it arrives, and score the run.

    Items without human labels are asked about as well if the panel names a file of them; they are in no score.

    An unfinished run of the same panel, rubric and judges in `results` is gone on with: votes already stored are
    not asked for again. Ctrl-C finishes the calls in flight and seals a partial run; a second one stops at once.

    Args:
        panel: a panel file, or a panel made in Python (its paths start from the working directory).
        results: folder in which the run directory is made; or a URL such as `s3://bucket/prefix`: then it is made
            in `work`, and published there when it is sealed.
        reuse: earlier runs (directories or vote files) whose votes are taken over where they answer the same
            question; the first named wins.
        transports: judge id to transport, instead of what the judge's model names; for tests.
        stop: lets the caller end the run early.
        **options: budget, retry_failed, fresh and all else that `RunOptions` describes.

    Raises:
        InputError: with every problem of the panel, rubric, labels or prompts; nothing is written then. Also if
            the budget is in dollars and a judge's price is not known, or results cannot be kept at the URL.
        JudgeSetupError: a judge cannot be asked at all, or the probe shows that it cannot do what is asked of it.
    """
    chosen = RunOptions(results=Path(results), reuse=tuple(map(Path, reuse)), stop=stop or StopSignal(), **options)
    return run_with(panel, chosen, transports)


def run_with(
    panel: str | Path | PanelFile | Panel,
    options: RunOptions,
    transports: Mapping[str, Transport] | None = None,
) -> RunResult:
    """As `run`, with its options in one piece."""
    options, url = bought_here(options)

    def carry_out(prepared: Prepared) -> RunResult:
        earlier = bought_before(prepared, options)
        return _carry_out(prepared, options, _score_and_seal) if earlier is None else earlier

    result = _run(read_inputs(panel, options.budget), None, options, transports, carry_out)
    if url is not None:
        publish_sealed(result, url)
    return result


def run_shard(
    panel: str | Path | PanelFile | Panel,
    shard: Shard,
    options: RunOptions | None = None,
    transports: Mapping[str, Transport] | None = None,
) -> ShardResult:
    """Ask a panel of judges about one part of the items. Nothing is scored: `merge` does that with all parts.

    A shard is a run of its own, with a directory of its own, gone on with like any other. Each of n shards may
    spend an n-th of the budget.

    Args:
        panel: as for `run`.
        shard: which part.
        options: how it is carried out; resamples and report are of no use here.
        transports: as for `run`.

    Raises:
        InputError: with every problem of the panel, rubric, labels or prompts; nothing is written then.
        JudgeSetupError: a judge cannot be asked at all.
    """
    chosen = options or RunOptions()
    inputs = read_inputs(panel, chosen.budget)
    return _run(inputs, shard, chosen, transports, lambda prepared: _carry_out(prepared, chosen, _seal_shard))


def _run(
    inputs: Inputs,
    shard: Shard | None,
    options: RunOptions,
    transports: Mapping[str, Transport] | None,
    carry_out: Callable[[Prepared], T],
) -> T:
    with stop_on_interrupt(options.stop):
        judges = build_judges(inputs.file.panel, inputs.rubric, inputs.file.folder, transports)
        try:
            return carry_out(prepare(inputs, judges, shard))
        finally:
            run_async(close_judges(judges))


def _carry_out(prepared: Prepared, options: RunOptions, end: _End[T]) -> T:
    budget = budget_of(prepared)
    refuse_unpriced(prepared.judges, budget, allow=options.allow_unpriced)
    reuse = runs_to_reuse(prepared, options)
    probes = options.first_probes(prepared)
    with (
        on_engine(prepared, options.engine, options.on_notice) as running,
        open_directory(prepared, options.results, fresh=options.fresh) as directory,
    ):
        refuse_votes_out(directory.path)
        manifest = begin_session(prepared, directory, probes)
        manifest = take_over(reuse, prepared, directory, manifest, retry_failed=options.retry_failed)
        if prepared.shard is not None:  # the parts are scored with the labels that stand beside their votes
            write_to_run(directory, item_files(prepared.humans, prepared.unlabelled))
        outcome = run_async(
            execute(
                prepared.plan,
                running.prepared.judges,
                directory,
                budget=budget,
                on_progress=options.on_progress,
                stop=options.stop,
                retry_failed=options.retry_failed,
                probes=manifest.probes,
            )
        )
        manifest = manifest.model_copy(update={"engine": running.facts()})
        return end(prepared, options, directory, manifest, outcome)


def _score_and_seal(
    prepared: Prepared,
    options: RunOptions,
    directory: RunDirectory,
    manifest: RunManifest,
    outcome: RunOutcome,
) -> RunResult:
    mark_unpublished(directory, options)
    result = end_session(prepared, directory, manifest, outcome, resamples=options.resamples, report=options.report)
    if result is None:
        raise InterruptedRunError(f"{directory.path}: stopped before any vote was stored. Run it again")
    return result


def _seal_shard(
    prepared: Prepared,
    options: RunOptions,
    directory: RunDirectory,
    manifest: RunManifest,
    outcome: RunOutcome,
) -> ShardResult:
    manifest = ended(manifest, outcome)
    result = ShardResult(manifest, directory.path, outcome.outcomes, outcome.stopped_judges)
    if result.incomplete:
        result = replace(result, manifest=manifest.model_copy(update={"state": "partial"}))
    directory.seal(result.manifest)
    return result
