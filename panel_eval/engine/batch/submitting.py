"""Submitting votes in batches. Every step is written down before the next one is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from panel_eval.engine.batch.accounts import Accounts
from panel_eval.engine.batch.batch_log import BatchLog, BatchRecord
from panel_eval.engine.batch.out import requests_path, sweep, votes_out
from panel_eval.engine.batch.recovering import LISTING_S, Sleep, find_batch, settle_open_questions
from panel_eval.engine.batch.request_files import BatchLimits, RequestFile
from panel_eval.engine.batch.writing import write_requests
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.run_directory import RunDirectory
from panel_eval.engine.stored_votes import StoredVotes
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import TransportError


@dataclass
class Submission:
    """What was submitted.

    Attributes:
        sent: the batches that were created now.
        over_budget: votes that the budget had no room for.
        bad_items: votes whose item cannot be put to the judge; stored as errors.
        troubles: in words what was not submitted, or cannot be told.
    """

    sent: list[BatchRecord] = field(default_factory=list)
    over_budget: int = 0
    bad_items: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def votes(self) -> int:
        """Votes that were submitted now."""
        return sum(record.votes for record in self.sent)


async def submit_batches(
    stored: StoredVotes,
    judges: Sequence[Judge],
    directory: RunDirectory,
    log: BatchLog,
    accounts: Accounts,
    ledger: Ledger,
    *,
    retry_failed: bool = False,
    limits: BatchLimits | None = None,
    stopping: Callable[[], bool] = lambda: False,
    sleep: Sleep = asyncio.sleep,
    listing_s: float = LISTING_S,
) -> Submission:
    """Submit every open vote of judges with a batch service that is not out yet, as far as the budget goes.

    Args:
        stored: the plan, and what the journal holds of it.
        judges: all judges of the plan.
        directory: the run directory, under its lock.
        log: its batches.
        accounts: the batch services.
        ledger: what the run may still spend, batches that are out taken off.
        retry_failed: also ask again for stored votes with outcome ``error``.
        limits: the largest file.
        stopping: whether no further batch is to be submitted, since a stop was requested.
        sleep: waits so many seconds; replaced in tests.
        listing_s: how long a new batch may be missing from the provider's list, in seconds.

    Raises:
        IncompleteError: the disk is full or failing; what was submitted is written down.
        InputError: files of the run are missing or were changed.
    """
    submission = Submission(troubles=await settle_open_questions(log, accounts, sleep=sleep, listing_s=listing_s))
    sweep(log)
    by_id = {judge.id: judge for judge in judges if judge.id in accounts}
    plan = stored.plan
    wanted = stored.open_positions(retry_failed)
    in_batches = np.array([judge_id in by_id for judge_id in plan.judge_ids], dtype=np.bool_)
    wanted = wanted[in_batches[plan.judge[wanted]] & ~votes_out(directory.path, plan, log.records)[wanted]]
    written = write_requests(
        plan, wanted.tolist(), by_id, accounts, ledger, log.folder, directory.journal, limits or BatchLimits()
    )
    submission.over_budget, submission.bad_items = written.over_budget, written.bad_items
    await _Submitter(log, accounts, submission, sleep, listing_s).submit_all(written.files, stopping)
    return submission


class _Submitter:
    """Submits files one after the other; a refused key ends the submitting for its judge."""

    def __init__(
        self, log: BatchLog, accounts: Accounts, submission: Submission, sleep: Sleep, listing_s: float
    ) -> None:
        self._log = log
        self._accounts = accounts
        self._submission = submission
        self._sleep = sleep
        self._listing_s = listing_s
        self._salt = log.salt

    async def submit_all(self, files: Sequence[RequestFile], stopping: Callable[[], bool]) -> None:
        given_up: set[str] = set()
        for file in files:
            if stopping():
                self._submission.troubles.append("stopped before everything was submitted")
                return
            if file.judge not in given_up and not await self._submit(file):
                given_up.add(file.judge)

    async def _submit(self, file: RequestFile) -> bool:
        """Submit one file. False if further files of its judge are not worth trying."""
        record = self._log.intend(
            BatchRecord(
                tag=file.tag,
                judge=file.judge,
                account=self._accounts.name(file.judge),
                fingerprint=self._accounts.fingerprint(file.judge, self._salt),
                salt=self._salt,
                votes=file.votes,
                keys_sha256=file.keys_sha256,
                mode=file.mode,
                usd=file.usd,
                tokens=file.tokens,
            )
        )
        backend = self._accounts.backend(file.judge)
        try:
            file_id = await backend.upload(requests_path(self._log.folder, file.tag))
        except TransportError as error:  # an uploaded file costs nothing
            return self._refused(record, error, "its requests were not taken")
        record = self._log.note(file.tag, "uploaded", file_id=file_id)
        try:
            status = await backend.create(file_id, file.tag)
        except TransportError as error:
            if certainly_refused(error):
                return self._refused(record, error, "it was refused")
            return await self._look_for(record, error)
        self._submission.sent.append(self._log.note(file.tag, "created", batch_id=status.batch_id))
        return True

    def _refused(self, record: BatchRecord, error: TransportError, what: str) -> bool:
        self._log.note(record.tag, "dropped", why=str(error))
        self._submission.troubles.append(
            f"{record.votes} votes of judge {record.judge} were not submitted to {record.account}, {what}: {error}"
        )
        return False

    async def _look_for(self, record: BatchRecord, error: TransportError) -> bool:
        """It broke while the batch was being created: the provider's list tells whether it was."""
        trouble = await find_batch(record, self._log, self._accounts, sleep=self._sleep, listing_s=self._listing_s)
        now = next(each for each in self._log.records if each.tag == record.tag)
        if now.step == "created":
            self._submission.sent.append(now)
            return True
        left = (
            trouble
            or f"{record.votes} votes of judge {record.judge} were not submitted to {record.account}: {error}"
        )
        self._submission.troubles.append(left)
        return False


def certainly_refused(error: TransportError) -> bool:
    """Whether an error says that nothing was created: the provider declined, or was never reached."""
    declined = error.status is not None and 400 <= error.status < 500 and error.status not in (408, 409)
    return declined or (error.status is None and not error.may_be_billed)
