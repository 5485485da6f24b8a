"""`collect`: fetching the votes of a run that are out in providers' batches."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, prepare, read_inputs
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.sealing import end_session
from panel_eval.api.sessions import begin_session
from panel_eval.engine import (
    MANIFEST_NAME,
    OnProgress,
    RunDirectory,
    RunOutcome,
    StopSignal,
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
from panel_eval.schema import Panel, Probe

OnRound = Callable[[Collection], None]


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


@dataclass(frozen=True)
class _Options:
    """How batches are collected."""

    live: bool
    wait: bool
    cancel: bool
    every_s: float
    other_key: bool
    forget: Sequence[str]
    retry_failed: bool
    resamples: int
    report: bool
    on_progress: OnProgress | None
    on_round: OnRound | None
    stop: StopSignal


def collect(
    directory: str | Path,
    *,
    panel: str | Path | PanelFile | Panel | None = None,
    live: bool = False,
    wait: bool = False,
    cancel: bool = False,
    every_s: float = 60.0,
    other_key: bool = False,
    forget: Sequence[str] = (),
    retry_failed: bool = False,
    transports: Mapping[str, Transport] | None = None,
    resamples: int = 2000,
    report: bool = True,
    on_progress: OnProgress | None = None,
    on_round: OnRound | None = None,
    stop: StopSignal | None = None,
) -> Collected:
    """Look at a run's batches, store the votes of those that have ended, and score the run as far as it got.

    Args:
        directory: the run directory that `submit` made.
        panel: the panel, if its file was moved or it was made in Python.
        live: then ask live for every vote that is neither stored nor out: what expired or failed, and what was
            never submitted.
        wait: look again and again until all batches have ended.
        cancel: first ask for the end of all batches; what they answered by then is kept, and billed.
        every_s: seconds between two looks.
        other_key: collect with another key than the one that submitted; both must belong to one account.
        forget: batches (their ids or tags) that are given up: their votes may be asked for, and paid for, again.
        retry_failed: with `live`, also ask again for votes that ended in an error.
        transports: judge id to transport, instead of what the judge's model names; for tests.
        resamples: bootstrap resamples behind each interval.
        report: write report.html.
        on_progress: told how far asking live is.
        on_round: told what each look found.
        stop: lets the caller end the collecting early.

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
    options = _Options(
        live, wait, cancel, every_s, other_key, forget, retry_failed, resamples, report, on_progress, on_round,
        stop or StopSignal(),
    )  # fmt: skip
    inputs = read_inputs(_panel_of(directory) if panel is None else panel)
    with stop_on_interrupt(options.stop):
        judges = build_judges(inputs.file.panel, inputs.rubric, inputs.file.folder, transports)
        try:
            return _collect(prepare(inputs, judges), directory, options)
        finally:
            run_async(close_judges(judges))


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


def _collect(prepared: Prepared, path: Path, options: _Options) -> Collected:
    if not _run_id(path).endswith(f"-{prepared.hash8}"):
        what = f"panel {prepared.file.panel.panel}, its rubric, a prompt or a judge is not what this run asked with"
        raise InputError(Problem(what, path=path, fix="restore it, or name the right panel with --panel"))
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
    prepared: Prepared, directory: RunDirectory, options: _Options, probes: Sequence[Probe]
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


async def _rounds(collector: Collector, log: BatchLog, collected: Collected, options: _Options) -> None:
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
