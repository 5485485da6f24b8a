"""The session of a run: its directory opened, its run.json begun and ended, what earlier sessions did kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panel_eval.api.documents import keep_document
from panel_eval.api.item_lines import item_hashes
from panel_eval.api.pool_files import POOL, pool_hashes
from panel_eval.api.preparing import Prepared
from panel_eval.api.results_urls import refuse_url
from panel_eval.engine import (
    RunDirectory,
    RunOutcome,
    earlier_manifest,
    file_sha256,
    git_commit,
    judge_manifests,
    package_versions,
    rubric_hash,
    utc_now,
)
from panel_eval.schema import Panel, Probe, RunManifest, Session, Spend


def open_directory(prepared: Prepared, results: Path, *, fresh: bool) -> RunDirectory:
    """The run directory to work in: the unfinished one that belongs to the panel, or a new one.

    Raises:
        InputError: it cannot be made or read, or another process works in it.
    """
    refuse_url(results, "name a folder; publish the run when it is sealed: panel-eval publish")
    found = None if fresh else prepared.unfinished_run(results)
    if found is not None:
        return RunDirectory.reopen(found)
    return RunDirectory.create(results, prepared.file.panel.panel, prepared.hash8)


def begin_session(prepared: Prepared, directory: RunDirectory, probes: Sequence[Probe] = ()) -> RunManifest:
    """Write run.json as it stands while a session goes on, and return it.

    Should the session be killed, the file says so: its last session has no end.

    Args:
        prepared: what is run.
        directory: where.
        probes: what asking the judges once has shown, in all sessions; none = what earlier ones wrote down.
    """
    manifest = _manifest(prepared, directory, probes)
    keep_document(directory, POOL, prepared.pool)
    directory.write_manifest(manifest)
    return manifest


def ended(manifest: RunManifest, outcome: RunOutcome) -> RunManifest:
    """The manifest after a session that carried out what it could."""
    return manifest.model_copy(
        update={
            "state": outcome.state,
            "finished_at": utc_now(),
            "votes_stored": outcome.stored,
            "spend": outcome.spend,
            "sessions": [*manifest.sessions[:-1], outcome.session],
        }
    )


def _manifest(prepared: Prepared, directory: RunDirectory, probes: Sequence[Probe]) -> RunManifest:
    panel = prepared.file.panel
    before = earlier_manifest(directory.path)
    now = utc_now()
    return RunManifest(
        run_id=directory.name,
        state="running",
        started_at=now if before is None else before.started_at,
        panel=panel,
        rubric=prepared.rubric,
        judges=judge_manifests(prepared.judges),
        hashes=_hashes(prepared),
        sources={name: Path(given).name for name, given in _sources(panel).items()},
        shard=None if prepared.shard is None else str(prepared.shard),
        n_items=prepared.plan.n_items,
        n_unlabelled=prepared.plan.n_unlabelled,
        votes_planned=len(prepared.plan),
        votes_stored=0,
        seed=panel.seed,
        spend=Spend() if before is None else before.spend,
        sessions=[*([] if before is None else before.sessions), Session(started_at=now)],
        merged=[] if before is None else before.merged,
        probes=list(probes) or ([] if before is None else before.probes),
        reused={} if before is None else before.reused,
        versions=package_versions(),
        git_commit=git_commit(Path.cwd()),
    )


def _sources(panel: Panel) -> dict[str, str]:
    """What the panel names its input files."""
    named = {"labels": panel.labels, "unlabelled": panel.unlabelled, "rubric": panel.rubric}
    return {name: given for name, given in named.items() if given is not None}


def _hashes(prepared: Prepared) -> dict[str, str]:
    file, panel = prepared.file, prepared.file.panel
    files = {"labels_file": panel.labels, "unlabelled_file": panel.unlabelled}
    return {
        **item_hashes(prepared.humans, prepared.unlabelled),
        **{name: file_sha256(file.path(given)) for name, given in files.items() if given is not None},
        "rubric": rubric_hash(prepared.rubric),
        "plan": prepared.plan.plan_hash,
        **pool_hashes(prepared.pool),
    }
