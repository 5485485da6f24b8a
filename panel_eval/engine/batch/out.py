"""What is out at providers: votes that nobody else may ask for, and the money they may cost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.batch.batch_log import FOLDER_NAME, BatchLog, BatchRecord, read_batches
from panel_eval.engine.key_index import KEY_BYTES, Keys, keys_array
from panel_eval.engine.plan import Plan
from panel_eval.errors import InputError, Problem


def keys_path(folder: Path, tag: str) -> Path:
    """The file with the vote keys of a batch, 32 bytes each."""
    return folder / f"{tag}.keys"


def requests_path(folder: Path, tag: str) -> Path:
    """The file with the requests of a batch."""
    return folder / f"{tag}.requests.jsonl"


def read_keys(folder: Path, record: BatchRecord) -> Keys:
    """The vote keys of a batch, in the order of its requests.

    Raises:
        InputError: the file is missing or was changed.
    """
    path = keys_path(folder, record.tag)
    try:
        data = path.read_bytes()
    except OSError as error:
        data = b""
        problem = f"cannot be read: {error.strerror}"
    else:
        problem = "was changed"
    if hashlib.sha256(data).hexdigest() != record.keys_sha256 or len(data) != KEY_BYTES * record.votes:
        fix = "restore it: without it nobody knows which votes are out"
        raise InputError(Problem(f"the keys of batch {record.name}: file {problem}", path=path, fix=fix))
    return keys_array(data)


def votes_out(run: Path, plan: Plan, records: Iterable[BatchRecord]) -> NDArray[np.bool_]:
    """Which votes of a plan are out in batches, (n_votes,).

    Args:
        run: the run directory.
        plan: the plan.
        records: the run's batches.

    Raises:
        InputError: a file with keys is missing or was changed.
    """
    out = np.zeros(len(plan), dtype=np.bool_)
    for record in records:
        if record.out:
            positions = plan.index.positions(read_keys(run / FOLDER_NAME, record))
            out[positions[positions >= 0]] = True
    return out


def sweep(log: BatchLog) -> None:
    """Delete files that nobody needs any more: requests that were never sent, or are answered.

    Results are deleted by whoever has stored them; those that could not be stored are kept.
    """
    wanted = {record.tag for record in log.records if record.out}
    for path in log.folder.iterdir():
        tag, _, kind = path.name.partition(".")
        if tag not in wanted and kind in ("keys", "requests.jsonl"):
            path.unlink(missing_ok=True)


def money_out(records: Iterable[BatchRecord]) -> tuple[float, int]:
    """The most that batches can cost of which the journal knows nothing, or not yet.

    That is all of those out and those given up, and of collected ones what brought no vote.

    Returns:
        US dollars (of those whose price is known), and tokens.
    """
    out = [record for record in records if record.step != "dropped" or record.batch_id]
    return sum(record.usd or 0.0 for record in out), sum(record.tokens for record in out)


def refuse_votes_out(run: Path) -> None:
    """Refuse to ask live for what is out in batches.

    Raises:
        InputError: votes of the run are out.
    """
    out = [record for record in read_batches(run) if record.out]
    if out:
        votes = sum(record.votes for record in out)
        what = f"{votes} votes of this run are out in {len(out)} provider batches; asking live would pay them twice"
        fix = f"collect them first: panel-eval collect {run}"
        raise InputError(Problem(what, path=run, fix=fix))
