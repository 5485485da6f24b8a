"""`run --batch`: votes go to providers' batch services, to be collected later; the others are asked live."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panel_eval.api.budgets import refuse_unpriced
from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, prepare, read_inputs
from panel_eval.api.results import RunResult
from panel_eval.api.run_options import RunOptions
from panel_eval.api.sealing import end_session
from panel_eval.api.sessions import begin_session, open_directory
from panel_eval.api.taking_over import runs_to_reuse, take_over
from panel_eval.engine import (
    RunDirectory,
    RunOutcome,
    execute,
    run_async,
    stop_on_interrupt,
)
from panel_eval.engine.batch import (
    Accounts,
    BatchLog,
    BatchRecord,
    Submission,
    read_batches,
    submit_batches,
    votes_out,
)
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.spending import open_ledger
from panel_eval.engine.stored_votes import read_stored
from panel_eval.judges import Transport, build_judges, close_judges
from panel_eval.schema import Panel, Probe


@dataclass(frozen=True)
class Submitted:
    """How far a run is after its votes were submitted.

    Attributes:
        directory: the run directory.
        submission: what was submitted now.
        out: batches that are out, those of earlier sessions included.
        live: judge id to the reason why it is asked live.
        planned: votes the plan holds.
        stored: votes in the journal, those asked live included.
        result: the scored run, if nothing is out any more.
        outcomes: votes in the journal by outcome.
        stopped_judges: judge id to the error that ended it, of judges that were asked live and given up.
    """

    directory: Path
    submission: Submission
    out: Sequence[BatchRecord]
    live: Mapping[str, str]
    planned: int
    stored: int
    result: RunResult | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    stopped_judges: Mapping[str, str] = field(default_factory=dict)

    @property
    def votes_out(self) -> int:
        """Votes that are out in batches."""
        return sum(record.votes for record in self.out)

    @property
    def failed(self) -> int:
        """Votes in the journal that ended in an error."""
        return self.outcomes.get("error", 0)

    @property
    def over_budget(self) -> int:
        """Votes that were to be asked live and that the budget had no room for."""
        return self.outcomes.get("over_budget", 0)

    @property
    def left(self) -> int:
        """Votes that are neither stored nor out."""
        return max(0, self.planned - self.stored - self.votes_out)


def submit(
    panel: str | Path | PanelFile | Panel,
    options: RunOptions | None = None,
    transports: Mapping[str, Transport] | None = None,
) -> Submitted:
    """Submit the open votes of a panel in batches, and ask judges without a batch service live.

    What is out already, or stored, is not submitted again. The most that all requests can cost is reserved first,
    at the price inside batches. `collect` fetches the answers.

    Args:
        panel: as for `run`.
        options: how it is carried out.
        transports: as for `run`.

    Raises:
        InputError: with every problem of the panel, rubric, labels or prompts; nothing is written then.
        JudgeSetupError: a judge cannot be asked at all.
        IncompleteError: the disk is full or failing.
    """
    options = options or RunOptions()
    inputs = read_inputs(panel, options.budget)
    path = None if isinstance(panel, PanelFile | Panel) else Path(panel)
    with stop_on_interrupt(options.stop):
        judges = build_judges(inputs.file.panel, inputs.rubric, inputs.file.folder, transports)
        try:
            return _carry_out(prepare(inputs, judges), path, options)
        finally:
            run_async(close_judges(judges))


def _carry_out(prepared: Prepared, path: Path | None, options: RunOptions) -> Submitted:
    refuse_unpriced(prepared.judges, prepared.file.panel.budget, allow=options.allow_unpriced)
    runs = runs_to_reuse(prepared, options)
    probes = options.first_probes(prepared)
    with open_directory(prepared, options.results, fresh=options.fresh) as directory:
        manifest = begin_session(prepared, directory, probes)
        manifest = take_over(runs, prepared, directory, manifest, retry_failed=options.retry_failed)
        submission, reasons, outcome = run_async(_submit(prepared, directory, path, options, manifest.probes))
        out = [record for record in read_batches(directory.path) if record.out]
        result = end_session(
            prepared,
            directory,
            manifest,
            outcome,
            resamples=options.resamples,
            report=options.report,
            scored=not out,  # half of a run would say little
        )
    return Submitted(
        directory.path,
        submission,
        out,
        reasons,
        outcome.planned,
        outcome.stored,
        result,
        outcome.outcomes,
        outcome.stopped_judges,
    )


async def _submit(
    prepared: Prepared,
    directory: RunDirectory,
    panel_path: Path | None,
    options: RunOptions,
    probes: Sequence[Probe],
) -> tuple[Submission, Mapping[str, str], RunOutcome]:
    """Submit what can be submitted, then ask the rest live."""
    plan, judges, budget = prepared.plan, prepared.judges, prepared.file.panel.budget
    stored = read_stored(directory.journal.path, plan)
    opened = open_ledger(directory.path, budget, stored, probes)
    opened.close()  # batches.jsonl remembers what batches may cost, not the ledger's file
    with BatchLog(directory.path) as log:
        if panel_path is not None:
            log.note_panel(os.path.relpath(panel_path.resolve(), directory.path.resolve()))
        async with Accounts(judges) as accounts:
            await accounts.leave_out_servers_without()
            submission = await submit_batches(
                stored,
                judges,
                directory,
                log,
                accounts,
                Ledger(budget, opened.spent),
                retry_failed=options.retry_failed,
                stopping=lambda: options.stop.requested,
            )
            held = votes_out(directory.path, plan, log.records) | _votes_of(prepared, accounts.judge_ids)
            reasons = dict(accounts.reasons)
    outcome = await execute(
        plan,
        judges,
        directory,
        budget=budget,
        on_progress=options.on_progress if reasons else None,
        stop=options.stop,
        retry_failed=options.retry_failed,
        held=held,
        probes=probes,
    )
    return submission, reasons, outcome


def _votes_of(prepared: Prepared, judge_ids: Sequence[str]) -> NDArray[np.bool_]:
    """Which votes of the plan belong to these judges, (n_votes,)."""
    theirs = np.array([judge_id in judge_ids for judge_id in prepared.plan.judge_ids], dtype=np.bool_)
    mask: NDArray[np.bool_] = theirs[prepared.plan.judge]
    return mask
