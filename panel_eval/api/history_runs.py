"""The runs of a results root, as the history needs them: what they scored, and by which instrument."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from pydantic_core import from_json

from panel_eval.api.gate_files import GATE, GATE_FILE
from panel_eval.api.history_items import ItemReader
from panel_eval.api.history_metrics import Shown, read_metrics
from panel_eval.api.results import ITEMS, LABELS, MANIFEST, METRICS, VOTES_TABLE
from panel_eval.api.results_root import ResultsRoot
from panel_eval.api.vote_facts import VoteFacts, vote_facts
from panel_eval.engine import rubric_hash
from panel_eval.errors import PanelEvalError, shorten
from panel_eval.evaluation.monitoring import Instrument, Night
from panel_eval.schema import RunManifest
from panel_eval.schema.base import SCHEMA_VERSION
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.history import HistoryRun
from panel_eval.schema.judge_fingerprint import main_models

MOSTLY_REUSED = 0.1
"""A run that took over a larger share of its votes from earlier runs is no new night."""
_POOLING = ("pooling", "weights", "smoothing", "smoothing_alpha", "smoothing_base", "vote_strength")


class UnusableRunError(Exception):
    """A folder that is no run to show, and why."""


@dataclass(frozen=True)
class ReadRun:
    """A run that was read.

    Attributes:
        run: as the table shows it.
        night: its items and scores.
        instrument: what it was scored by.
        votes: sha256 of its votes where they came from a file: the same votes are no new night.
    """

    run: HistoryRun
    night: Night
    instrument: Instrument
    votes: str | None


def read_runs(
    root: ResultsRoot, panel: str | None, task: str | None, since: str | None, skipped: dict[str, str]
) -> list[ReadRun]:
    """All runs of a root in the order of time.

    Args:
        root: the runs.
        panel: only those of this panel.
        task: only those of this task.
        since: only this run and later ones.
        skipped: takes in folder and reason of what cannot be shown.
    """
    manifests = dict(_manifests(root, panel, task, skipped))
    ordered = sorted(manifests, key=lambda name: (_instant(manifests[name]), manifests[name].run_id, name))
    if since is not None:
        ordered = ordered[_place(ordered, manifests, since) :]
    return list(_finished(root, ordered, manifests, task, skipped))


def _place(ordered: Sequence[str], manifests: Mapping[str, RunManifest], since: str) -> int:
    wanted = [place for place, name in enumerate(ordered) if since in (name, manifests[name].run_id)]
    return wanted[0] if wanted else len(ordered)


def _manifests(
    root: ResultsRoot, panel: str | None, task: str | None, skipped: dict[str, str]
) -> Iterator[tuple[str, RunManifest]]:
    known: dict[str, str] = {}
    for name, content in root.read_many(root.names(), MANIFEST):
        try:
            manifest = _manifest(content)
            if manifest.run_id in known:
                raise UnusableRunError(f"is a copy of {known[manifest.run_id]}")
            known[manifest.run_id] = name
            if not (_wanted(panel, _panel(manifest)) and _wanted(task, _task(manifest))):
                continue
            _refuse_unfinished(manifest)
        except UnusableRunError as error:
            skipped[name] = str(error)
        else:
            yield name, manifest


def _manifest(content: bytes | None) -> RunManifest:
    try:
        fields = from_json(content or b"")
        version = fields.get("schema_version", SCHEMA_VERSION) if isinstance(fields, dict) else None
        if version != SCHEMA_VERSION:
            raise UnusableRunError(f"{MANIFEST} has schema_version {shorten(version)}; this version reads 1")
        manifest = RunManifest.model_validate_json(content or b"")
        _instant(manifest)
    except ValueError as error:
        raise UnusableRunError(f"{MANIFEST} cannot be read: {_reason(error)}") from None
    return manifest


def _refuse_unfinished(manifest: RunManifest) -> None:
    if manifest.shard is not None:
        raise UnusableRunError(f"is shard {manifest.shard} of a run; shards count when they are merged")
    if manifest.state != "sealed":
        votes = f"{manifest.votes_stored} of {manifest.votes_planned} votes"
        raise UnusableRunError(f"is {manifest.state} ({votes}): run its panel again to finish it")


def _wanted(wanted: str | None, found: str | None) -> bool:
    return wanted is None or found is None or wanted == found


def _panel(manifest: RunManifest) -> str:
    return "" if manifest.panel is None else manifest.panel.panel


def _task(manifest: RunManifest) -> str | None:
    return None if manifest.rubric is None else manifest.rubric.task


def _instant(manifest: RunManifest) -> datetime:
    found = datetime.fromisoformat(manifest.started_at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return shorten(str(error), 200)


def _finished(
    root: ResultsRoot,
    names: Sequence[str],
    manifests: Mapping[str, RunManifest],
    task: str | None,
    skipped: dict[str, str],
) -> Iterator[ReadRun]:
    files = [root.read_many(names, file) for file in (METRICS, ITEMS, VOTES_TABLE, f"{GATE}/{GATE_FILE}")]
    reader = ItemReader()
    for (name, metrics), (_, items), (_, votes), (_, gate) in zip(*files, strict=True):
        try:
            manifest = manifests[name]
            labels = manifest.hashes.get("labels", name)
            if not reader.knows(labels):
                reader.read_labels(labels, root.read(name, LABELS) or b"")
            facts = vote_facts(votes) if votes else VoteFacts()
            found = _read(manifest, _metrics(metrics), _gate(gate), facts, (items, labels, reader))
        except (UnusableRunError, ValueError, PanelEvalError) as error:
            skipped[name] = str(error) if isinstance(error, UnusableRunError) else _reason(error)
        else:
            if _wanted(task, found.run.task):  # votes made elsewhere may have no rubric that told it before
                yield found


def _metrics(content: bytes | None) -> Shown:
    if content is None:
        raise UnusableRunError(f"has no {METRICS}")
    try:
        return read_metrics(content)
    except ValueError as error:
        raise UnusableRunError(f"{METRICS} is not what this version writes: {_reason(error)}") from None


def _gate(content: bytes | None) -> GateResult | str | None:
    """The verdict, or why it cannot be told."""
    if content is None:
        return None
    try:
        return GateResult.model_validate_json(content)
    except ValidationError:
        return f"{GATE}/{GATE_FILE} is not what this version writes"


def _read(
    manifest: RunManifest,
    metrics: Shown,
    gate: GateResult | str | None,
    facts: VoteFacts,
    items: tuple[bytes | None, str, ItemReader],
) -> ReadRun:
    table, labels, reader = items
    if table is None:
        raise UnusableRunError(f"has no {ITEMS}")
    instrument = instrument_of(manifest, metrics, facts)
    return ReadRun(
        run=_history_run(manifest, metrics, gate, facts, instrument),
        night=Night(manifest.run_id, manifest.started_at, reader.items(table, labels)),
        instrument=instrument,
        votes=manifest.hashes.get("votes"),
    )


def _history_run(
    manifest: RunManifest, metrics: Shown, gate: GateResult | str | None, facts: VoteFacts, instrument: Instrument
) -> HistoryRun:
    reused = sum(manifest.reused.values())
    verdict = gate if isinstance(gate, GateResult) else None
    return HistoryRun(
        run_id=manifest.run_id,
        panel=_panel(manifest) or None,
        task=metrics.task,
        started_at=manifest.started_at,
        state=manifest.state,
        git_commit=manifest.git_commit,
        n_items=metrics.n_items,
        n_scored=metrics.n_scored,
        instrument=instrument.digest,
        labels=manifest.hashes.get("labels", "")[:8],
        models_reported={judge: sorted(models) for judge, models in facts.models.items()},
        metrics=metrics.overall,
        by_class=metrics.by_class,
        base_rate=metrics.base_rate,
        usable_votes=metrics.usable_votes,
        cost_usd=metrics.cost_usd,
        gate=None if verdict is None else verdict.status,
        gate_headline=gate if isinstance(gate, str) else None if verdict is None else verdict.headline,
        note=f"{reused} of its votes were taken over from earlier runs: no new night"
        if reused > MOSTLY_REUSED * manifest.votes_stored
        else None,
    )


def instrument_of(manifest: RunManifest, metrics: Shown, facts: VoteFacts) -> Instrument:
    """What a run's scores were made by.

    The seed is no part of it: it deals label orders, which are noise. Models behind few of a judge's
    answers are not either.
    """
    parts: dict[str, dict[str, str]] = {
        "labels": {"names": _text(metrics.labels), "scale": metrics.scale},
        "pooling": {name: _text(metrics.settings[name]) for name in _POOLING if name in metrics.settings},
    }
    if manifest.rubric is not None:
        parts["rubric"] = {"version": manifest.rubric.version or "", "hash": rubric_hash(manifest.rubric)}
    if pool := manifest.hashes.get("pool"):
        parts["fitted pool"] = {"hash": pool}
    samples = {} if manifest.panel is None else {judge.id: judge.samples for judge in manifest.panel.judges}
    settings = {judge.id: judge for judge in manifest.judges}
    for name in metrics.judges:
        own = {"samples": _text(samples.get(name, facts.samples.get(name, 1)))}
        if (judge := settings.get(name)) is not None:
            own |= {key: _text(value) for key, value in judge.instrument.items()} | {"hash": judge.instrument_hash}
        models = main_models(facts.models.get(name, {}))
        parts[f"judge {name}"] = own | ({"reported model": ", ".join(models)} if models else {})
    return Instrument(parts)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=True)
