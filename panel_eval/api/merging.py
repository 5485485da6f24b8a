"""Merging: runs that are parts of one become one run, scored with all their votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from panel_eval.api.documents import keep_document
from panel_eval.api.item_lines import item_hashes
from panel_eval.api.pool_files import POOL, pool_hashes, read_pool
from panel_eval.api.recorded_plan import recorded_plan
from panel_eval.api.results import LABELS, UNLABELLED, RunResult, read_manifest, stored_unlabelled
from panel_eval.api.results_urls import refuse_url
from panel_eval.api.sealing import score_and_seal
from panel_eval.api.vote_files import load_planned
from panel_eval.engine import (
    JOURNAL_NAME,
    Plan,
    RunDirectory,
    StoredVotes,
    git_commit,
    package_versions,
    read_stored,
    run_hash8,
    utc_now,
)
from panel_eval.engine.holding import LEDGER_NAME, Holding
from panel_eval.engine.merging import Conflict, MergedJournal, merge_journals
from panel_eval.engine.run_comparison import refuse_different
from panel_eval.engine.spending import spent_in
from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels, UnlabelledItems, load_soft_labels
from panel_eval.schema import FittedPool, Panel, Probe, Rubric, RunManifest, Spend


@dataclass(frozen=True)
class MergeResult(RunResult):
    """A merged run and its scores.

    Attributes:
        conflicts: votes that two of the runs answer differently; the answer that was asked for first stands.
        missing: judge id to planned votes that no run holds, or that are to be asked for again.
    """

    conflicts: Sequence[Conflict] = ()
    missing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Parts:
    """Runs that are parts of one, in the order of their names."""

    paths: Sequence[Path]
    manifests: Sequence[RunManifest]
    panel: Panel
    rubric: Rubric

    @property
    def instruments(self) -> dict[str, str]:
        """Judge id to the hash of its instrument."""
        return {judge.id: judge.instrument_hash for judge in self.manifests[0].judges}

    @property
    def run_ids(self) -> list[str]:
        """What the runs are called."""
        return [manifest.run_id for manifest in self.manifests]


def merge(
    runs: Sequence[str | Path],
    *,
    results: str | Path = "results",
    resamples: int = 2000,
    report: bool = True,
) -> MergeResult:
    """Put runs of the same panel together: shards, or runs that were cut short. No judge is asked.

    Their votes are united by vote key, in a new run directory; the runs stay as they are. It is sealed if no vote
    is missing; otherwise it is partial, and running its panel (without a shard) goes on with it. What the new run
    has cost is the sum over all lines, each counted once.

    Args:
        runs: run directories, in any state and any order.
        results: folder in which the new run directory is made.
        resamples: bootstrap resamples behind each interval.
        report: write report.html.

    Raises:
        InputError: a run cannot be read, or none holds a vote; nothing is written then.
        NotComparableError: the runs differ in panel, rubric, labels or judges; says in what.
        IncompleteError: the disk is full or failing.
    """
    parts = _read_parts([Path(run) for run in runs])
    humans, unlabelled = _items(parts)
    plan = recorded_plan(parts.manifests[0], parts.panel, parts.rubric, humans, unlabelled)
    merged = merge_journals([path / JOURNAL_NAME for path in parts.paths], parts.run_ids, plan)
    if not len(merged):
        raise InputError("there are no votes to merge")
    hash8 = run_hash8(parts.panel, parts.rubric, parts.instruments)
    refuse_url(Path(results), "name a folder; publish the merged run: panel-eval publish")
    with RunDirectory.create(Path(results), parts.panel.panel, hash8) as directory:
        directory.write_manifest(manifest := _manifest(parts, plan, directory))
        directory.journal.append_lines(merged.lines())
        _note_losses(parts, merged, directory)
        keep_document(directory, POOL, _pool(parts))
        stored = read_stored(directory.journal.path, plan)
        result = score_and_seal(
            directory,
            _ended(manifest, directory, stored).model_copy(update={"reused": _reused(parts, directory, plan)}),
            parts.panel,
            humans,
            unlabelled,
            plan,
            resamples=resamples,
            report=report,
            stopped_judges={},
        )
    known = {each.name: getattr(result, each.name) for each in fields(result)}
    return MergeResult(**known, conflicts=merged.conflicts, missing=_missing(stored))


def _read_parts(paths: Sequence[Path]) -> _Parts:
    if not paths:
        raise InputError("name the run directories to merge")
    manifests = {path: read_manifest(path) for path in paths}
    foreign = [path for path, manifest in manifests.items() if manifest.kind != "run"]
    if foreign:
        raise InputError([Problem("was not made by run; it cannot be merged", path=path) for path in foreign])
    paths = sorted(manifests, key=lambda path: (manifests[path].run_id, str(path)))
    ordered = [manifests[path] for path in paths]
    panel, rubric = ordered[0].panel, ordered[0].rubric
    if panel is None or rubric is None:
        raise InputError(Problem("names no panel or rubric; it cannot be merged", path=paths[0]))
    refuse_different(ordered)
    return _Parts(paths, ordered, panel, rubric)


def _items(parts: _Parts) -> tuple[HumanLabels, UnlabelledItems]:
    """The items that all runs share, from the first directory that holds them unchanged."""
    for path, manifest in zip(parts.paths, parts.manifests, strict=True):
        if (path / LABELS).exists():
            humans = load_soft_labels(path / LABELS, parts.rubric)
            unlabelled = stored_unlabelled(path, humans)
            found, told = item_hashes(humans, unlabelled), manifest.hashes
            if all(found.get(name) == told.get(name) for name in ("labels", "unlabelled")):
                return humans, unlabelled
    named = f"{LABELS} and {UNLABELLED}" if "unlabelled" in parts.manifests[0].hashes else LABELS
    fix = "finish one of the runs first: run its command again"
    raise InputError(Problem(f"no run holds the {named} that its run.json tells of", path=parts.paths[0], fix=fix))


def _pool(parts: _Parts) -> FittedPool | None:
    """The fitted pool that all runs share, if any, from the first directory that holds it unchanged."""
    told = parts.manifests[0].hashes.get("pool")
    if told is None:
        return None
    for path in parts.paths:
        if (pool := read_pool(path)) is not None and pool_hashes(pool)["pool"] == told:
            return pool
    fix = "finish one of the runs first: run its command again"
    raise InputError(Problem(f"no run holds the {POOL} that its run.json tells of", path=parts.paths[0], fix=fix))


def _manifest(parts: _Parts, plan: Plan, directory: RunDirectory) -> RunManifest:
    first = parts.manifests[0]
    # A run that was merged itself stands for those it was made of.
    leaves = {name for manifest in parts.manifests for name in manifest.merged or [manifest.run_id]}
    return first.model_copy(
        update={
            "run_id": directory.name,
            "state": "running",
            "started_at": min(manifest.started_at for manifest in parts.manifests),
            "finished_at": None,
            "hashes": first.hashes | {"plan": plan.plan_hash},
            "shard": None,
            "merged": sorted(leaves),
            "n_items": plan.n_items,
            "n_unlabelled": plan.n_unlabelled,
            "votes_planned": len(plan),
            "votes_stored": 0,
            "spend": None,
            "sessions": [],
            "probes": _probes(parts),
            "versions": package_versions(),
            "git_commit": git_commit(Path.cwd()),
        }
    )


def _probes(parts: _Parts) -> list[Probe]:
    """The probes of all runs, each once."""
    probes: list[Probe] = []
    for manifest in parts.manifests:
        probes += [probe for probe in manifest.probes if probe not in probes]
    return probes


def _note_losses(parts: _Parts, merged: MergedJournal, directory: RunDirectory) -> None:
    """Keep in mind what killed sessions of the runs may have spent beside their votes.

    A run that another one was merged from is in that one's sum.
    """
    within = {name for manifest in parts.manifests for name in manifest.merged}
    usd, tokens = 0.0, 0
    for path, manifest, votes in zip(parts.paths, parts.manifests, merged.spent, strict=True):
        if manifest.run_id in within:
            continue
        spent = manifest.spend if manifest.state == "sealed" and manifest.spend else spent_in(path, votes)
        usd += max(0.0, spent.uncertain_usd - votes.uncertain_usd)
        tokens += max(0, spent.uncertain_tokens - votes.uncertain_tokens)
    for probe in _probes(parts):
        usd -= probe.cost_uncertain_usd or 0.0
        tokens -= probe.usage.uncertain_tokens if probe.usage is not None else 0
    Holding(directory.path / LEDGER_NAME).close(max(usd, 0.0), max(tokens, 0))


def _ended(manifest: RunManifest, directory: RunDirectory, stored: StoredVotes) -> RunManifest:
    spent = spent_in(directory.path, stored.spent)
    return manifest.model_copy(
        update={
            "state": "partial" if stored.unfinished else "sealed",
            "finished_at": utc_now(),
            "votes_stored": len(stored),
            "spend": Spend(
                usd=spent.usd,
                tokens=spent.tokens,
                uncertain_usd=spent.uncertain_usd,
                uncertain_tokens=spent.uncertain_tokens,
                unpriced=spent.unpriced,
            ),
        }
    )


def _reused(parts: _Parts, directory: RunDirectory, plan: Plan) -> dict[str, int]:
    """Votes that any of the runs took over, by the run that paid; each counted once."""
    if not any(manifest.reused for manifest in parts.manifests):
        return {}
    votes = load_planned(directory.journal.path, plan).standing
    paid_by = (votes[row].reused_from for row in np.flatnonzero(votes.columns.reused).tolist())
    return dict(sorted(Counter(run for run in paid_by if run is not None).items()))


def _missing(stored: StoredVotes) -> dict[str, int]:
    judges = stored.plan.judge_ids
    counts = np.bincount(stored.plan.judge[stored.open_positions()], minlength=len(judges)).tolist()
    return {judge: count for judge, count in zip(judges, counts, strict=True) if count}
