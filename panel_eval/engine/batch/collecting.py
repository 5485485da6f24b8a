"""Collecting batches: looking how far they are, fetching what came, storing each vote once.

A batch that has ended is fetched into files here first and read from them, so a process killed in the middle reads
the same lines again; votes of the batch that stand in the journal already are passed over. Only when the journal is
on the disk is the batch written down as collected.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from panel_eval.engine.batch.accounts import Accounts
from panel_eval.engine.batch.batch_log import BatchLog, BatchRecord, sync_folder
from panel_eval.engine.batch.out import read_keys, sweep
from panel_eval.engine.batch.recovering import LISTING_S, Sleep, settle_open_questions
from panel_eval.engine.batch.result_votes import add_bill, answer_bill, result_vote, worst_bill
from panel_eval.engine.batch.results import ResultLines, votes_of_batch
from panel_eval.engine.ledger import VoteBill
from panel_eval.engine.run_directory import RunDirectory
from panel_eval.engine.stored_votes import StoredVotes
from panel_eval.errors import IncompleteError
from panel_eval.judges.batches import BatchStatus
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import ResponseMode, TransportError
from panel_eval.schema import Vote

_AT_ONCE = 500


@dataclass
class Collection:
    """What one round of collecting found.

    Attributes:
        waiting: batches that have not ended, with how far their provider says they are.
        collected: batches whose votes were stored in this round.
        stored: votes that were stored in this round.
        unanswered: in words why votes came back without an answer, to how many.
        oddities: lines of results that tell of no vote we asked for, by what is odd about them.
        unplanned: answers to votes that are no longer planned, because the panel or its items were changed.
        troubles: in words what could not be looked at or fetched.
    """

    waiting: list[tuple[BatchRecord, BatchStatus]] = field(default_factory=list)
    collected: list[BatchRecord] = field(default_factory=list)
    stored: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    oddities: Counter[str] = field(default_factory=Counter)
    unplanned: int = 0
    troubles: list[str] = field(default_factory=list)


class Collector:
    """Collects the batches of one run.

    Args:
        stored: the plan, and what the journal holds of it; kept up to date.
        judges: all judges of the plan.
        directory: the run directory, under its lock.
        log: its batches.
        accounts: the batch services.
        any_key: collect also with another key than the one that submitted, which belongs to the same account.
        sleep: waits so many seconds; replaced in tests.
        listing_s: how long a new batch may be missing from the provider's list, in seconds.
    """

    def __init__(
        self,
        stored: StoredVotes,
        judges: Sequence[Judge],
        directory: RunDirectory,
        log: BatchLog,
        accounts: Accounts,
        *,
        any_key: bool = False,
        sleep: Sleep = asyncio.sleep,
        listing_s: float = LISTING_S,
    ) -> None:
        self._stored = stored
        self._judges = {judge.id: judge for judge in judges}
        self._directory = directory
        self._log = log
        self._accounts = accounts
        self._any_key = any_key
        self._sleep = sleep
        self._listing_s = listing_s

    async def collect(self) -> Collection:
        """Look at every batch once, and store what the ended ones brought.

        Raises:
            IncompleteError: the disk is full or failing; what was stored stays stored.
            InputError: files of the run are missing or were changed.
        """
        found = Collection()
        found.troubles += await settle_open_questions(
            self._log, self._accounts, sleep=self._sleep, listing_s=self._listing_s, any_key=self._any_key
        )
        due = [record for record in self._log.records if record.step in ("created", "ended")]
        strangers = self._accounts.strangers(due, any_key=self._any_key)
        for record in due:
            if record.tag in strangers:
                found.troubles.append(strangers[record.tag])
                continue
            try:
                await self._collect_one(record, found)
            except TransportError as error:
                found.troubles.append(f"batch {record.name} of {record.account}: {error}")
        return found

    async def cancel(self) -> list[str]:
        """Ask for the end of all batches that are out; what they answered by then is collected as usual.

        Returns:
            In words what could not be cancelled.
        """
        created = [record for record in self._log.records if record.step == "created"]
        strangers = self._accounts.strangers(created, any_key=self._any_key)
        troubles = list(strangers.values())
        for record in created:
            if record.tag in strangers or record.batch_id is None:
                continue
            try:
                await self._accounts.backend(record.judge).cancel(record.batch_id)
            except TransportError as error:
                troubles.append(f"batch {record.name} of {record.account} cannot be cancelled: {error}")
        return troubles

    async def _collect_one(self, record: BatchRecord, found: Collection) -> None:
        if record.step == "created":
            assert record.batch_id is not None
            status = await self._accounts.backend(record.judge).status(record.batch_id)
            if not status.ended:
                found.waiting.append((record, status))
                return
            missing = status.state == "completed" and status.error_file is None
            if status.output_file is None and (status.completed or missing):
                found.troubles.append(f"batch {record.name} has ended, but its answers are not there yet")
                return
            record = self._log.note(
                record.tag,
                "ended",
                status=status.state,
                output_file=status.output_file,
                error_file=status.error_file,
                why=status.trouble,
            )
        paths = [
            await self._fetched(record, file_id, kind)
            for kind, file_id in (("output", record.output_file), ("errors", record.error_file))
            if file_id is not None
        ]
        await _Storing(record, self._judges[record.judge], self._stored, self._directory, self._log, found).store(
            paths
        )

    async def _fetched(self, record: BatchRecord, file_id: str, kind: str) -> Path:
        """A file of results, fetched unless it is here already."""
        path = self._log.folder / f"{record.tag}.{kind}.jsonl"
        if path.exists():
            return path
        part = path.with_name(path.name + ".part")
        try:
            await self._accounts.backend(record.judge).download(file_id, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(self._log.folder)
        except OSError as error:
            why = f"the results of batch {record.name} cannot be written to {path}: {error.strerror}"
            raise IncompleteError(f"{why}. They stay at the provider; free space and collect again") from None
        return path


class _Storing:
    """Stores the results of one batch."""

    def __init__(
        self,
        record: BatchRecord,
        judge: Judge,
        stored: StoredVotes,
        directory: RunDirectory,
        log: BatchLog,
        found: Collection,
    ) -> None:
        self._record = record
        self._judge = judge
        self._stored = stored
        self._directory = directory
        self._log = log
        self._found = found
        self._unplanned = 0
        self._besides = VoteBill()

    async def store(self, paths: Sequence[Path]) -> None:
        """Store what the files hold, and write the batch down as collected.

        Raises:
            TransportError: they are not what the provider keeps: a proxy's page, or cut off. Nothing is freed to be
                bought again.
        """
        journal = self._directory.journal
        already = votes_of_batch(journal.path, self._record.batch_id or "")
        keys = {key.tobytes() for key in read_keys(self._log.folder, self._record)}
        variable = self._judge.config.api_key_env
        secret = os.environ.get(variable) if variable else None
        lines = ResultLines(paths, keys, self._found.oddities, secret)
        new, answered = 0, 0
        for some in _chunks(self._votes(lines, already), _AT_ONCE):
            votes = [vote for vote in some if vote is not None]
            answered += sum(vote is None for vote in some)
            journal.append_many(votes)
            for vote in votes:
                self._stored.note(vote)
            new += len(votes)
            await asyncio.sleep(0)
        journal.sync()
        self._found.stored += new
        silent = len(keys) - len(lines.seen)
        if silent and lines.damage:
            raise self._damaged(paths, lines)
        if silent:
            self._found.unanswered[self._why_silent()] += silent
        total = new + answered
        record = self._log.note(
            self._record.tag,
            "collected",
            stored=total,
            unanswered=self._record.votes - total,
            usd=self._besides.uncertain_usd,
            tokens=self._besides.uncertain_tokens,
        )
        self._found.collected.append(record)
        self._found.unplanned += self._unplanned
        if not self._unplanned:  # answers that were paid for and cannot be stored are kept as they came
            for path in paths:
                path.unlink(missing_ok=True)
        sweep(self._log)

    def _damaged(self, paths: Sequence[Path], lines: ResultLines) -> TransportError:
        """The results came damaged; they are fetched anew the next time."""
        for path in paths:
            path.unlink(missing_ok=True)
        return TransportError(
            "server",
            f"its results came damaged: they name {len(lines.seen)} of {self._record.votes} requests, and "
            f"{lines.damage} {'line' if lines.damage == 1 else 'lines'} cannot be read. What could be read is "
            f"stored; collect again, or give the rest up with --forget {self._record.batch_id}",
        )

    def _votes(self, lines: ResultLines, already: set[bytes]) -> Iterator[Vote | None]:
        """The votes to store; None for one that is stored already."""
        plan, mode = self._stored.plan, cast(ResponseMode, self._record.mode)
        for key, result in lines:
            if key in already:
                yield None
                continue
            position = plan.index.position(key)
            if position is None:
                self._unplanned += 1
                add_bill(self._besides, answer_bill(self._judge, result))
                continue
            task = plan.task(position)
            try:
                yield result_vote(task, self._judge, result, self._record, mode)
            except TransportError as error:
                self._found.unanswered[str(error)] += 1
                if error.may_be_billed:
                    add_bill(self._besides, worst_bill(self._judge, self._judge.request(task.question)))

    def _why_silent(self) -> str:
        ended = f"batch {self._record.name} ended as {self._record.status}"
        return f"{ended}: {self._record.why}" if self._record.why else f"{ended} without naming them"


def _chunks(votes: Iterator[Vote | None], size: int) -> Iterator[list[Vote | None]]:
    some: list[Vote | None] = []
    for vote in votes:
        some.append(vote)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
