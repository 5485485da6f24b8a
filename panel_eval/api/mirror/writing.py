"""What a mirror writes in its transaction: runs that are new, gates as they are now, streams and alarms."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, select

from panel_eval.api.mirror.rows import Rows, gate_digest, gate_rows, history_rows, models_reported, run_rows
from panel_eval.api.mirror.tables import GATES, OF_A_GATE, OF_THE_HISTORY, RUNS
from panel_eval.api.mirror.values import key_name
from panel_eval.api.results import MANIFEST, METRICS, VOTES_TABLE
from panel_eval.errors import shorten
from panel_eval.schema import Metrics, RunManifest
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.history import HistoryReport

if TYPE_CHECKING:
    from panel_eval.api.results_root import ResultsRoot

_GATE_FILE = "gate/gate.json"
_RUNS_AT_ONCE = 16

ModelT = TypeVar("ModelT", bound=BaseModel)


class MirrorWriter:
    """Writes what a root holds.

    Attributes:
        added: runs that were not there.
        gates_changed: runs whose gate was not there, was another one, or is gone.
        skipped: folder in the root to why it, or its gate, is not in the database.
        known: folder to run, of those in the database.
    """

    def __init__(self, root: ResultsRoot, connection: Connection) -> None:
        self._root = root
        self._connection = connection
        self.added = 0
        self.gates_changed = 0
        self.skipped: dict[str, str] = {}
        self.known: dict[str, str] = {
            folder: run for folder, run in connection.execute(select(RUNS.c.folder, RUNS.c.run_id))
        }

    def add_runs(self, names: Sequence[str]) -> None:
        """Put the sealed runs there that are not yet."""
        runs = set(self.known.values())
        new = iter([name for name in names if name not in self.known])
        while some := list(islice(new, _RUNS_AT_ONCE)):
            sealed = self._sealed(some)
            metrics = self._root.read_many(list(sealed), METRICS)
            votes = self._root.read_many(list(sealed), VOTES_TABLE)
            for (name, numbers), (_, table) in zip(metrics, votes, strict=True):
                run_id = key_name(sealed[name].run_id)
                if run_id in runs:
                    self.skipped[name] = f"another folder holds the run {shorten(run_id)}"
                elif (rows := self._run_rows(name, sealed[name], numbers, table)) is not None:
                    self._insert(rows)
                    self.known[name] = run_id
                    runs.add(run_id)
                    self.added += 1

    def renew_gates(self, names: Sequence[str]) -> None:
        """Put the gates there as they are now."""
        found = self._connection.execute(select(GATES.c.run_id, GATES.c.digest))
        there: dict[str, str] = {run: digest for run, digest in found}
        for name, content in self._root.read_many([name for name in names if name in self.known], _GATE_FILE):
            run_id = self.known[name]
            if there.get(run_id) == (None if content is None else gate_digest(content)):
                continue
            gate = None if content is None else self._parsed(name, _GATE_FILE, content, GateResult)
            if gate is None and run_id not in there:
                continue
            for table in OF_A_GATE:
                self._connection.execute(table.delete().where(table.c.run_id == run_id))
            if gate is not None and content is not None:
                self._insert(gate_rows(run_id, gate, content))
            self.gates_changed += 1

    def replace_history(self, report: HistoryReport) -> None:
        """Put streams and alarms there instead of those of an earlier report."""
        for table in OF_THE_HISTORY:
            self._connection.execute(table.delete())
        self._insert(history_rows(report))

    def _sealed(self, names: Sequence[str]) -> dict[str, RunManifest]:
        found = {}
        for name, content in self._root.read_many(names, MANIFEST):
            manifest = self._parsed(name, MANIFEST, content, RunManifest)
            if manifest is not None and manifest.state != "sealed":
                self.skipped[name] = f"is {manifest.state}, not sealed"
            elif manifest is not None:
                found[name] = manifest
        return found

    def _run_rows(
        self, name: str, manifest: RunManifest, numbers: bytes | None, table: bytes | None
    ) -> Rows | None:
        metrics = self._parsed(name, METRICS, numbers, Metrics)
        if metrics is None:
            return None
        try:
            models = {} if table is None else models_reported(table)
        except ValueError as error:
            self.skipped[name] = shorten(str(error), 200)
            return None
        return run_rows(name, manifest, metrics, models)

    def _parsed(self, name: str, file: str, content: bytes | None, model: type[ModelT]) -> ModelT | None:
        if content is None:
            self.skipped[name] = f"has no {file}"
            return None
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            what = f"{file}: {key}: {first['msg']}; was it written by another version?"
            self.skipped[name] = shorten(what, 200)
            return None

    def _insert(self, rows: Rows) -> None:
        for table, own in rows.items():
            if own:
                self._connection.execute(table.insert(), own)
