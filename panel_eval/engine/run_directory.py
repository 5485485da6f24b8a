"""The run directory ``results/<UTC time>-<panel>-<hash8>/``: made, locked, found again, sealed.

Everything but the vote journal is written to a temporary file and moved into place, so a reader never meets half a
file. One process at a time works in a directory.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from panel_eval.engine.directory_lock import LOCK_NAME, take_lock
from panel_eval.engine.holding import LEDGER_NAME
from panel_eval.engine.journal import Journal
from panel_eval.errors import IncompleteError, InputError, Problem
from panel_eval.schema import RunManifest, RunState

JOURNAL_NAME = "votes.jsonl"
MANIFEST_NAME = "run.json"

_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_TIME = re.compile(r"\d{8}T\d{6}Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class RunDirectory:
    """One run's folder, held under its lock until `close` or `seal`.

    Made by `RunDirectory.create` or `RunDirectory.reopen`; also a context manager.

    Attributes:
        path: the folder.
        journal: where votes are appended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _refuse_sealed(path)
        self._lock = take_lock(path)
        try:
            _refuse_sealed(path)  # it may have been sealed between the first look and the lock
            self.journal = Journal(path / JOURNAL_NAME)
        except BaseException:
            os.close(self._lock)
            raise
        self._open = True

    @classmethod
    def create(
        cls, results_root: Path, panel_name: str, hash8: str, *, now: datetime | None = None
    ) -> RunDirectory:
        """Make a new run directory and lock it.

        Args:
            results_root: folder of all runs; made if missing.
            panel_name: name of the panel (a plain name, as the panel contract demands).
            hash8: eight hexadecimal digits of the plan's hash.
            now: the time in its name; default the clock's.

        Raises:
            InputError: the folder cannot be made.
        """
        ending = _ending(panel_name, hash8)
        moment = (now or datetime.now(UTC)).astimezone(UTC)
        try:
            results_root.mkdir(parents=True, exist_ok=True)
            while True:
                path = results_root / f"{moment.strftime(_TIME_FORMAT)}{ending}"
                try:
                    path.mkdir()
                    break
                except FileExistsError:  # two runs in one second: the later one takes the next free second
                    moment += timedelta(seconds=1)
        except OSError as error:
            what = f"cannot make a run directory: {error.strerror}"
            fix = "name a writable folder for results"
            raise InputError(Problem(what, path=results_root, fix=fix)) from None
        return cls(path)

    @classmethod
    def reopen(cls, path: Path) -> RunDirectory:
        """Lock an existing run directory in order to go on with it.

        Raises:
            InputError: it is sealed, another process works in it, or it cannot be read.
        """
        return cls(path)

    @property
    def name(self) -> str:
        """The run's id: the folder's name."""
        return self.path.name

    def write_atomically(self, name: str, content: bytes) -> Path:
        """Write a file of the run so that it is there whole or not at all; an earlier one is replaced.

        Args:
            name: a plain file name.
            content: the file's bytes.

        Raises:
            InputError: the run is closed or sealed.
            IncompleteError: the disk is full or not writable.
        """
        if not self._open:
            raise InputError(Problem("this run is closed; nothing more can be written", path=self.path))
        if not _PLAIN_NAME.fullmatch(name) or name == JOURNAL_NAME:
            raise ValueError(f"not a plain name of a file that may be replaced: {name!r}")
        target = self.path / name
        temporary = self.path / f".{name}.{os.getpid()}.tmp"
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise IncompleteError(f"cannot write {target}: {error.strerror}. Free space and run again") from None
        return target

    def write_manifest(self, manifest: RunManifest) -> None:
        """Write `run.json`. Errors as in `write_atomically`."""
        self.write_atomically(MANIFEST_NAME, manifest.model_dump_json(indent=2).encode() + b"\n")

    def seal(self, manifest: RunManifest) -> None:
        """Force the journal to the disk, write the last `run.json`, and close.

        With state ``sealed`` the run can never be opened for writing again; with ``partial`` it can be resumed.

        Raises:
            ValueError: the manifest says that the run is still running.
        """
        if manifest.state == "running":
            raise ValueError("a run is sealed as 'sealed' or 'partial', not as 'running'")
        self.journal.close()
        self.write_manifest(manifest)
        if manifest.state == "sealed":
            for name in (LOCK_NAME, LEDGER_NAME):  # of use only to a run that goes on; run.json has the sums
                (self.path / name).unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Close the journal and give up the lock, leaving the run's state as it stands in `run.json`."""
        if self._open:
            self._open = False
            try:
                self.journal.close()
            finally:
                os.close(self._lock)

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def find_resumable(results_root: Path, panel_name: str, hash8: str) -> Path | None:
    """The newest unfinished run of the same panel and plan, or None.

    A folder without `run.json` was left by a run killed before it could write one, and counts as unfinished.
    """
    ending = _ending(panel_name, hash8)
    if not results_root.is_dir():
        return None
    for path in sorted(results_root.iterdir(), reverse=True):
        of_this_plan = path.name.endswith(ending) and _TIME.fullmatch(path.name.removesuffix(ending))
        if of_this_plan and path.is_dir() and read_state(path) != "sealed":
            return path
    return None


def read_state(path: Path) -> RunState:
    """The state that a run directory's `run.json` names; ``running`` if there is none.

    Raises:
        InputError: `run.json` cannot be read or names no known state.
    """
    manifest = path / MANIFEST_NAME
    fix = "restore it, or move the run directory away"
    try:
        state = json.loads(manifest.read_bytes())["state"]
    except FileNotFoundError:
        return "running"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise InputError(Problem("is not a readable run manifest", path=manifest, fix=fix)) from None
    if state not in ("running", "partial", "sealed"):
        raise InputError(Problem("names no known state", path=manifest, key="state", fix=fix))
    known: RunState = state
    return known


def _refuse_sealed(path: Path) -> None:
    if read_state(path) == "sealed":
        raise InputError(Problem("this run is sealed and cannot be changed", path=path, fix="start a new run"))


def _ending(panel_name: str, hash8: str) -> str:
    """The part of a directory's name that tells which plan it belongs to."""
    if not _PLAIN_NAME.fullmatch(panel_name):
        raise ValueError(f"not a plain panel name: {panel_name!r}")
    if not re.fullmatch(r"[0-9a-f]{8}", hash8):
        raise ValueError(f"not eight hexadecimal digits: {hash8!r}")
    return f"-{panel_name}-{hash8}"
