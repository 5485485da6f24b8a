"""`collect`: fetching the votes of a run that are out in providers' batches."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

import numpy as np

from panel_eval.api.budgets import refuse_unpriced
from panel_eval.api.collect_options import CollectKeywords, CollectOptions
from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, merged_budget, prepare, read_inputs
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.sealing import end_session
from panel_eval.api.sessions import begin_session
from panel_eval.engine import (
    MANIFEST_NAME,
    RunDirectory,
    RunOutcome,
    StopSignal,
    earlier_manifest,
    execute,
    read_state,
    run_async,
    stop_on_interrupt,
)
from panel_eval.engine.batch import (
    Accounts,
    BatchLog,
    BatchRecord,
    Collection,
    Collector,
    read_batches,
    read_panel,
    votes_out,
)
from panel_eval.engine.stop import StopWatch
from panel_eval.engine.stored_votes import read_stored
from panel_eval.errors import InputError, Problem
from panel_eval.judges import Transport, build_judges, close_judges
from panel_eval.schema import Budget, Panel, Probe


@dataclass
class Collected:
    """How far a run is after collecting.

    Attributes:
        directory: the run directory.
        rounds: how often the batches were looked at.
        stored_now: votes that came out of batches now.
        unanswered: in words why votes came back without an answer, to how many.
        oddities: lines of results that were passed over, by what is odd about them.
        troubles: in words what could not be looked at or fetched in the last round.
        out: batches that are still out.
        planned: votes the plan holds.
        stored: votes in the journal.
        result: the scored run, as far as it got; None if no vote is stored.
    """

    directory: Path
    rounds: int = 0
    stored_now: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    oddities: Counter[str] = field(default_factory=Counter)
    troubles: Sequence[str] = ()
    out: Sequence[BatchRecord] = ()
    planned: int = 0
    stored: int = 0
    result: RunResult | None = None

    @property
    def missing(self) -> int:
        """Planned votes that are not stored."""
        return self.planned - self.stored

    @property
    def votes_out(self) -> int:
        """Votes that are still out in batches."""
        return sum(record.votes for record in self.out)

    def add(self, found: Collection) -> None:
        """Count what one round found."""
        self.rounds += 1
        self.stored_now += found.stored
        self.unanswered += found.unanswered
        self.oddities += found.oddities
        self.troubles = tuple(found.troubles)


def collect(
    directory: str | Path,
    *,
    panel: str | Path | PanelFile | Panel | None = None,
    transports: Mapping[str, Transport] | None = None,
    stop: StopSignal | None = None,
    **options: Unpack[CollectKeywords],
) -> Collected:
    """Look at a run's batches, store the votes of those that have ended, and score the run as far as it got.

    Args:
        directory: the run directory that `submit` made.
        panel: the panel, if its file was moved or it was made in Python.
        transports: judge id to transport, instead of what the judge's model names; for tests.
        stop: lets the caller end the collecting early.
        **options: live, wait, cancel and all else that `CollectOptions` describes.

    Raises:
        InputError: it is no run directory, its panel was changed or cannot be found, or files of it are damaged.
        JudgeSetupError: a judge cannot be asked at all.
        IncompleteError: the disk is full or failing; what was stored stays stored.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise InputError(Problem("no such run directory", path=directory, fix="name a folder made by run --batch"))
    if read_state(directory) == "sealed":
        result = open_run(directory)
        planned = result.manifest.votes_planned
        return Collected(directory, planned=planned, stored=result.manifest.votes_stored, result=result)
    chosen = CollectOptions(stop=stop or StopSignal(), **options)
    inputs = read_inputs(_panel_of(directory) if panel is None else panel, _budget_of(directory, chosen.budget))
    with stop_on_interrupt(chosen.stop):
        judges = build_judges(inputs.file.panel, inputs.rubric, inputs.file.folder, transports)
        try:
            return _collect(prepare(inputs, judges), directory, chosen)
        finally:
            run_async(close_judges(judges))


def _budget_of(directory: Path, named: Budget | None) -> Budget | None:
    """What the run may spend: the limits named now, else those of its last session, wherever they were named."""
    manifest = earlier_manifest(directory)
    before = None if manifest is None or manifest.panel is None else manifest.panel.budget
    return merged_budget(before, named)


def _panel_of(directory: Path) -> Path:
    """The panel file that a run's batches were submitted for."""
    if not read_batches(directory):
        raise InputError(Problem("no batches were submitted in this run", path=directory, fix="run --batch first"))
    known = read_panel(directory)
    panel = None if known is None else directory / known
    if panel is None or not panel.is_file():
        what = "the panel file of this run is not known" if panel is None else f"its panel file {panel} is gone"
        raise InputError(Problem(what, path=directory, fix="name it: panel-eval collect RUN --panel FILE"))
    return panel


def _collect(prepared: Prepared, path: Path, options: CollectOptions) -> Collected:
    if not _run_id(path).endswith(f"-{prepared.hash8}"):
        what = f"panel {prepared.file.panel.panel}, its rubric, a prompt or a judge is not what this run asked with"
        raise InputError(Problem(what, path=path, fix="restore it, or name the right panel with --panel"))
    if options.live:
        refuse_unpriced(prepared.judges, prepared.file.panel.budget, allow=True)
    with RunDirectory.reopen(path) as directory:
        manifest = begin_session(prepared, directory)
        collected, outcome = run_async(_work(prepared, directory, options, manifest.probes))
        collected.result = end_session(
            prepared, directory, manifest, outcome, resamples=options.resamples, report=options.report
        )
    return collected


def _run_id(path: Path) -> str:
    """The name that the run was given; its folder may have been renamed."""
    try:
        return str(json.loads((path / MANIFEST_NAME).read_bytes())["run_id"])
    except (OSError, ValueError, TypeError, KeyError):
        return path.resolve().name


async def _work(
    prepared: Prepared, directory: RunDirectory, options: CollectOptions, probes: Sequence[Probe]
) -> tuple[Collected, RunOutcome]:
    """Collect, and ask live for the rest if that is wanted."""
    plan = prepared.plan
    collected = Collected(directory.path, planned=len(plan))
    with BatchLog(directory.path) as log:
        _forget(log, options.forget)
        async with Accounts(prepared.judges) as accounts:
            collector = Collector(
                read_stored(directory.journal.path, plan),
                prepared.judges,
                directory,
                log,
                accounts,
                any_key=options.other_key,
            )
            cannot = await collector.cancel() if options.cancel else []
            await _rounds(collector, log, collected, options)
            collected.troubles = [*cannot, *collected.troubles]
        collected.out = [record for record in log.records if record.out]
        out = votes_out(directory.path, plan, collected.out)
    held = out if options.live else np.ones(len(plan), dtype=np.bool_)
    outcome = await execute(
        plan,
        prepared.judges,
        directory,
        budget=prepared.file.panel.budget,
        on_progress=options.on_progress if options.live else None,
        stop=options.stop,
        retry_failed=options.retry_failed,
        held=held,
        probes=probes,
    )
    collected.stored = outcome.stored
    return collected, outcome


def _forget(log: BatchLog, names: Sequence[str]) -> None:
    """Give batches up."""
    for name in names:
        record = next((each for each in log.records if name in (each.batch_id, each.tag)), None)
        if record is None or not record.out:
            known = ", ".join(each.batch_id or each.tag for each in log.records if each.out) or "none"
            raise InputError(Problem(f"no batch {name!r} is out", path=log.path, fix=f"name one of these: {known}"))
        log.note(record.tag, "dropped", why="given up on request")


async def _rounds(collector: Collector, log: BatchLog, collected: Collected, options: CollectOptions) -> None:
    """Look at the batches once, or until all have ended."""
    with StopWatch(options.stop) as watch:
        while True:
            found = await collector.collect()
            collected.add(found)
            if options.on_round is not None:
                options.on_round(found)
            if not options.wait or watch.requested or not any(record.out for record in log.records):
                return
            if not found.waiting and found.troubles:
                return  # waiting helps only batches that their provider works on
            await watch.pause(asyncio.sleep(options.every_s))
            if watch.requested:
                return
