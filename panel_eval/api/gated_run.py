"""Which run is gated, where its verdict is written, and among which runs its baseline is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from panel_eval.api.results import MANIFEST, METRICS, RunResult, open_run, read_manifest
from panel_eval.api.results_root import ResultsRoot, results_root
from panel_eval.api.results_urls import as_url
from panel_eval.errors import IncompleteError, InputError, Problem, shorten
from panel_eval.schema import RunManifest

LATEST = "latest"
RESULTS = "results"
"""The folder that runs are made in unless told otherwise."""


@dataclass(frozen=True)
class GatedRun:
    """A run that is to be gated.

    Attributes:
        run: the run; of one in storage, the copy on this machine.
        results: the root that its earlier runs are in; None for a run in memory that lies nowhere.
    """

    run: RunResult
    results: str | Path | None

    @property
    def published(self) -> str | None:
        """URL of the root in storage in which the run lies, too: its verdict belongs there. None if it does not."""
        url = None if self.results is None else as_url(self.results)
        if url is None or results_root(url).read(self.run.manifest.run_id, MANIFEST) is None:
            return None
        return url


def find_gated_run(run: str | Path | RunResult, results: str | Path | None = None) -> GatedRun:
    """Find the run that is meant.

    Args:
        run: a run, its directory or URL, or `latest`: the newest run of a results root.
        results: the root; default: that which the run lies in, and for `latest` the folder `results`.

    Raises:
        InputError: there is no such run, or it cannot be read.
        IncompleteError: it was not finished, and has no scores yet.
    """
    if isinstance(run, RunResult):
        directory = run.directory
        return GatedRun(run, results or (None if directory is None else directory.resolve().parent))
    if str(run) == LATEST and not Path(run).is_dir():
        root = results_root(results or RESULTS)
        return GatedRun(_opened(root.fetch(_latest(root))), results or RESULTS)
    url = as_url(run)
    beside = Path(run).resolve().parent if url is None else url.rpartition("/")[0]
    return GatedRun(_opened(Path(run)) if url is None else open_run(url), results or beside)


def _opened(directory: Path) -> RunResult:
    if (directory / MANIFEST).exists() and not (directory / METRICS).exists():
        shard = read_manifest(directory).shard
        fix = "run the same panel again: it goes on where it stopped"
        if shard is not None:
            fix = "put its parts together with panel-eval merge, and gate what comes of it"
        raise IncompleteError(str(Problem("this run has no scores yet", path=directory, fix=fix)))
    return open_run(directory)


def manifests(root: ResultsRoot) -> Iterator[tuple[str, RunManifest | None]]:
    """Name and run.json of every run in a root; None where it is not what this version writes."""
    for name, content in root.read_many(root.names(), MANIFEST):
        try:
            yield name, RunManifest.model_validate_json(content or b"")
        except ValidationError:
            yield name, None


def instant(manifest: RunManifest) -> datetime | None:
    """When a run was started; None where it does not say so in a way that can be compared."""
    try:
        found = datetime.fromisoformat(manifest.started_at)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _latest(root: ResultsRoot) -> str:
    found, unreadable = [], []
    for name, manifest in manifests(root):
        started = None if manifest is None else instant(manifest)
        if started is None:
            unreadable.append(name)
        else:
            found.append((started, name))
    if not found:
        fix = "run the panel first, or name the run"
        raise InputError(Problem("there is no run", path=root.where, fix=fix))
    newest = max(found)[1]
    if newer := [name for name in unreadable if name > newest]:  # names begin with the time
        what = f"the newest folder, {shorten(newer[-1])}, is no run that can be read"
        raise InputError(Problem(what, path=root.where, fix="name the run to gate"))
    return newest
