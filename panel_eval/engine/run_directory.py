"""The run directory ``results/<UTC time>-<panel>-<hash8>/``: made, locked, found again, sealed.

Everything but the vote journal is written to a temporary file and moved into place, so a reader never meets half a
file. One process at a time works in a directory.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from panel_eval.engine.directory_lock import LOCK_NAME, take_lock
from panel_eval.engine.holding import LEDGER_NAME
from panel_eval.engine.journal import Journal
from panel_eval.engine.run_names import PLAIN_NAME, make_run_folder, runs_of
from panel_eval.errors import IncompleteError, InputError, Problem
from panel_eval.schema import RunManifest, RunState

JOURNAL_NAME = "votes.jsonl"
MANIFEST_NAME = "run.json"


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
            now: the time in its name; default the clock's. If a run of the same panel and hash has a later one (the
                clock went back), the new run's name is that of the second after it.

        Raises:
            InputError: the folder cannot be made.
        """
        try:
            path = make_run_folder(results_root, panel_name, hash8, now or datetime.now(UTC))
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
        if not PLAIN_NAME.fullmatch(name) or name == JOURNAL_NAME:
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
    """The newest unfinished run of the same panel and hash, or None.

    A folder without `run.json` was left by a run killed before it could write one, and counts as unfinished.
    """
    for path in reversed(runs_of(results_root, panel_name, hash8)):
        if read_state(path) != "sealed":
            return path
    return None


def earlier_manifest(path: Path) -> RunManifest | None:
    """The run.json that an earlier session left in a run directory, or None.

    Raises:
        InputError: it cannot be read.
    """
    manifest = path / MANIFEST_NAME
    try:
        return RunManifest.model_validate_json(manifest.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        fix = "restore it, or move the run directory away"
        raise InputError(Problem("is not a readable run manifest", path=manifest, fix=fix)) from None


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
