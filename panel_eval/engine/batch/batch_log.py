"""``batches.jsonl``: what became of every batch of a run, one step a line, written before the next step is taken.

A batch is *intended* (its requests stand in a file here), *uploaded* (the provider has the file), *created* (the
provider has the batch: from here on it is paid for), *ended*, *collected* (its answers are in the journal), or
*dropped* (there is no such batch at the provider, or it was given up). Each line is one ``write()`` and is forced
to the disk before the step that follows it, so a process killed anywhere leaves at most one question open: whether
an uploaded batch was created. The batch carries a tag, and the provider is asked for it before anything is sent
again.

A torn last line tells of a step after which nothing was done, and is cut away.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from panel_eval.engine.manifest import utc_now
from panel_eval.errors import IncompleteError, InputError, Problem, shorten

BATCHES_NAME = "batches.jsonl"
FOLDER_NAME = "batches"

Step = Literal["intended", "uploaded", "created", "ended", "collected", "dropped"]

_STEPS = get_args(Step)
_MEND = "restore the file; it says which batches are paid for"


@dataclass(frozen=True)
class BatchRecord:
    """One batch as far as is known here.

    Attributes:
        tag: our own name for it, which its metadata carry.
        judge: the judge whose votes it holds.
        account: whose batch it is, in words.
        fingerprint: tells the account's key from others without giving it away; made with `salt`.
        salt: see `fingerprint`.
        votes: how many votes it asks for.
        keys_sha256: digest of the file with their keys.
        mode: how the shape of the answers was asked for.
        usd: the most it can cost in US dollars; None = the price is not known. Once it is collected, the most that
            it cost besides the votes that were stored.
        tokens: the same in tokens.
        step: how far it is.
        at: when that was written down, UTC, ISO 8601.
        file_id: the provider's name for the uploaded requests.
        batch_id: the provider's name for the batch.
        status: the state in which it ended, in the provider's word.
        output_file, error_file: the provider's names for the files with results.
        stored: votes of it that were stored.
        unanswered: votes of it that came without an answer.
        why: why it was dropped, or failed.
    """

    tag: str
    judge: str
    account: str
    fingerprint: str
    salt: str
    votes: int
    keys_sha256: str
    mode: str
    usd: float | None
    tokens: int
    step: Step = "intended"
    at: str = ""
    file_id: str | None = None
    batch_id: str | None = None
    status: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    stored: int = 0
    unanswered: int = 0
    why: str = ""

    @property
    def out(self) -> bool:
        """Its votes may have been bought and are not in the journal yet: nobody else may ask for them."""
        return self.step not in ("collected", "dropped")

    @property
    def name(self) -> str:
        """What people are told: the provider's name, or ours while there is none."""
        return self.batch_id or f"with the tag {self.tag}"


_FIELDS: Mapping[str, tuple[type, ...]] = {
    "tag": (str,), "judge": (str,), "account": (str,), "fingerprint": (str,), "salt": (str,), "votes": (int,),
    "keys_sha256": (str,), "mode": (str,), "usd": (float, int, type(None)), "tokens": (int,), "step": (str,),
    "at": (str,), "file_id": (str,), "batch_id": (str,), "status": (str,), "output_file": (str, type(None)),
    "error_file": (str, type(None)), "stored": (int,), "unanswered": (int,), "why": (str,),
}  # fmt: skip


class BatchLog:
    """The file, open for appending under the run directory's lock.

    Args:
        run: the run directory.

    Raises:
        InputError: the file holds a line that is no step of a batch, or cannot be opened.

    Attributes:
        path: the file.
        folder: where requests and results are kept.
        panel: the panel file of the run as it was written down, relative to the run directory; None = not known.
    """

    def __init__(self, run: Path) -> None:
        self.path = run / BATCHES_NAME
        self.folder = run / FOLDER_NAME
        self._records, self.panel, whole = _read(self.path)
        try:
            self.folder.mkdir(exist_ok=True)
            if self.path.exists():
                os.truncate(self.path, whole)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            sync_folder(run)
        except OSError as error:
            raise InputError(Problem(f"cannot be opened for writing: {error.strerror}", path=self.path)) from None

    def __enter__(self) -> BatchLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def records(self) -> list[BatchRecord]:
        """All batches, in the order in which they were intended."""
        return list(self._records.values())

    @property
    def salt(self) -> str:
        """The salt of this run's fingerprints; made up with the first."""
        return next((record.salt for record in self._records.values()), None) or os.urandom(8).hex()

    def intend(self, record: BatchRecord) -> BatchRecord:
        """Write down a new batch, before anything of it is sent. Errors as for `note`."""
        facts = {name: getattr(record, name) for name in list(_FIELDS)[:10]}
        return self._add({"step": "intended", **facts})

    def note(self, tag: str, step: Step, **facts: Any) -> BatchRecord:
        """Write down a step of a known batch and force it to the disk.

        Returns:
            The batch as it stands now.

        Raises:
            IncompleteError: the disk is full or failing.
        """
        return self._add({"step": step, "tag": tag, **facts})

    def note_panel(self, path: str) -> None:
        """Write down where the panel file is, relative to the run directory."""
        if path != self.panel:
            self._write({"panel": path})
            self.panel = path

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)
            with contextlib.suppress(OSError):  # it is not empty
                self.folder.rmdir()

    def _add(self, event: dict[str, Any]) -> BatchRecord:
        event = {**event, "at": utc_now()}
        self._write(event)
        return _fold(self._records, event)

    def _write(self, event: Mapping[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=True).encode() + b"\n"
        try:
            whole = os.write(self._descriptor, line) == len(line)
            os.fsync(self._descriptor)
        except OSError as error:
            why = f"{self.path} can no longer be written: {error.strerror}"
            raise IncompleteError(f"{why}. Free space and run again") from None
        if not whole:
            raise IncompleteError(f"{self.path} took only part of a line: the disk is full. Free space, run again")


def read_batches(run: Path) -> list[BatchRecord]:
    """The batches of a run, in the order in which they were intended; none if there is no file.

    Raises:
        InputError: the file holds a line that is no step of a batch.
    """
    return list(_read(run / BATCHES_NAME)[0].values())


def read_panel(run: Path) -> str | None:
    """The panel file that a run's batches were submitted for, relative to the run directory; None = not known.

    Raises:
        InputError: as for `read_batches`.
    """
    return _read(run / BATCHES_NAME)[1]


def sync_folder(folder: Path) -> None:
    """Force the names of the files in a folder to the disk.

    Raises:
        OSError: the disk fails.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> tuple[dict[str, BatchRecord], str | None, int]:
    """Batches by tag, the panel file, and how many bytes of the file are whole lines."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}, None, 0
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path)) from None
    records: dict[str, BatchRecord] = {}
    panel = None
    whole = data.rfind(b"\n") + 1
    for number, line in enumerate(data[:whole].splitlines(), start=1):
        try:
            event = json.loads(line)
            if isinstance(event.get("panel"), str):
                panel = event["panel"]
            else:
                _fold(records, event)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            text = shorten(line[:60].decode("utf-8", "replace"))
            what = "is no step of a batch"
            raise InputError(Problem(what, path=path, line=number, value=text, fix=_MEND)) from None
    return records, panel, whole


def _fold(records: dict[str, BatchRecord], event: Mapping[str, Any]) -> BatchRecord:
    """Note a step.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    if event["step"] not in _STEPS or not _typed(event.items()):
        raise ValueError("not a step")
    known = records.get(event["tag"])
    if known is None:
        if event["step"] != "intended":
            raise ValueError("a step of a batch that nobody intended")
        known = BatchRecord(**event)
    records[known.tag] = replace(known, **event)
    return records[known.tag]


def _typed(facts: Iterable[tuple[str, Any]]) -> bool:
    return all(isinstance(value, _FIELDS[name]) and not isinstance(value, bool) for name, value in facts)
