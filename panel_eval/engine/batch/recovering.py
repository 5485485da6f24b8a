"""Closing the one question that a killed process leaves open: whether an uploaded batch was created."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from panel_eval.engine.batch.accounts import Accounts
from panel_eval.engine.batch.batch_log import BatchLog, BatchRecord
from panel_eval.judges.wire import TransportError

LISTING_S = 20.0
"""A batch is looked for in the provider's list no sooner than this after it may have been made, in seconds."""

Sleep = Callable[[float], Awaitable[None]]


async def settle_open_questions(
    log: BatchLog, accounts: Accounts, *, sleep: Sleep, listing_s: float = LISTING_S, any_key: bool = False
) -> list[str]:
    """Find out about all batches of which nobody knows whether they were created.

    Args:
        log: the run's batches.
        accounts: the batch services.
        sleep: waits so many seconds.
        listing_s: how long a new batch may be missing from the provider's list.
        any_key: another key is taken to belong to the same account.

    Returns:
        In words what could not be found out; such batches stay out.

    Raises:
        IncompleteError: the disk is full or failing.
    """
    open_questions = [record for record in log.records if record.step in ("intended", "uploaded")]
    strangers = accounts.strangers(open_questions, any_key=any_key)
    troubles = [*strangers.values()]
    for record in open_questions:
        if record.step == "intended":
            log.note(record.tag, "dropped", why="nothing was submitted")  # creating comes after the upload's line
        elif record.tag not in strangers:
            trouble = await find_batch(record, log, accounts, sleep=sleep, listing_s=listing_s)
            troubles += [trouble] if trouble else []
    return troubles


async def find_batch(
    record: BatchRecord, log: BatchLog, accounts: Accounts, *, sleep: Sleep, listing_s: float = LISTING_S
) -> str:
    """Look for a batch that may have been created, and write down what was found.

    Of several batches with one tag (something on the way repeated the request) the first is kept; the others are
    cancelled.

    Returns:
        In words why it cannot be told; empty if it can.
    """
    await sleep(_wait_s(record.at, listing_s))
    backend = accounts.backend(record.judge)
    try:
        found = await backend.find(record.tag, record.file_id)
        for twin in found[1:]:
            if not twin.ended:
                await backend.cancel(twin.batch_id)
    except TransportError as error:
        return f"whether batch {record.name} of {record.account} was created cannot be told: {error}"
    if found:
        log.note(record.tag, "created", batch_id=found[0].batch_id)
    else:
        log.note(record.tag, "dropped", why="the provider has no such batch")
    return ""


def _wait_s(at: str, listing_s: float) -> float:
    """How long to wait still. A clock that was put back costs no more than the whole wait."""
    try:
        passed = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()
    except (ValueError, TypeError):
        passed = 0.0
    return listing_s if passed < 0.0 else max(0.0, listing_s - passed)
