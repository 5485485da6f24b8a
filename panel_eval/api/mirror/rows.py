"""What the files of a run say, as rows of tables."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping

import pyarrow.compute as compute
import pyarrow.parquet as parquet
from sqlalchemy import Table

from panel_eval.api.mirror.tables import (
    ALARMS,
    CHECKS,
    COSTS,
    GATES,
    JUDGES,
    METRICS,
    MODELS,
    NIGHTS,
    OUTCOMES,
    RUNS,
    STREAMS,
)
from panel_eval.api.mirror.values import Row, bindable
from panel_eval.schema import Metrics, RunManifest
from panel_eval.schema.economics_metrics import Account
from panel_eval.schema.estimate import Scores
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.history import HistoryReport

Rows = dict[Table, list[Row]]


def run_rows(folder: str, manifest: RunManifest, metrics: Metrics, models: Mapping[tuple[str, str], int]) -> Rows:
    """A sealed run.

    Args:
        folder: its folder in the root.
        manifest: its run.json.
        metrics: its metrics.json.
        models: judge and model that its answers report, to how many answers.
    """
    run_id = manifest.run_id
    known = {judge.id: judge for judge in manifest.judges}
    judges = sorted({*known, *metrics.judges})
    return _bindable(
        {
            RUNS: [_run_row(folder, manifest, metrics)],
            METRICS: list(_metric_rows(metrics)),
            JUDGES: [
                {
                    "judge": name,
                    "model": str(known[name].instrument.get("model", "")) or None if name in known else None,
                    "instrument_hash": known[name].instrument_hash if name in known else None,
                }
                for name in judges
            ],
            MODELS: [
                {"judge": judge, "model_reported": model, "votes": votes}
                for (judge, model), votes in sorted(models.items())
            ],
            OUTCOMES: [
                {"judge": judge, "outcome": outcome, "votes": votes}
                for judge, counts in metrics.coverage.by_judge.items()
                for outcome, votes in counts.items()
            ],
            COSTS: list(_cost_rows(metrics)),
        },
        run_id,
    )


def models_reported(votes_table: bytes) -> dict[tuple[str, str], int]:
    """Judge and model that its usable answers report, to how many answers.

    Args:
        votes_table: votes.parquet.

    Raises:
        ValueError: it is no such table.
    """
    try:
        table = parquet.read_table(io.BytesIO(votes_table), columns=["judge", "outcome", "model_reported"])
        usable = table.filter((compute.field("outcome") == "ok") & compute.field("model_reported").is_valid())
        counted = usable.group_by(["judge", "model_reported"]).aggregate([([], "count_all")]).to_pylist()
    except (OSError, KeyError, ValueError, NotImplementedError) as error:  # pyarrow's errors are among these
        raise ValueError(f"votes.parquet cannot be read: {error}") from None
    return {(str(row["judge"]), str(row["model_reported"])): row["count_all"] for row in counted}


def gate_rows(run_id: str, gate: GateResult, content: bytes) -> Rows:
    """The gate that a run met; `content` is its file."""
    row = {
        "status": gate.status,
        "at": gate.at,
        "headline": gate.headline,
        "baseline_run_id": None if gate.baseline is None else gate.baseline.run_id,
        "baseline_chosen": gate.baseline_chosen,
        "exit_code": gate.exit_code,
        "digest": gate_digest(content),
    }
    return _bindable({GATES: [row], CHECKS: list(_check_rows(gate))}, run_id)


def gate_digest(content: bytes) -> str:
    """What tells one gate.json from another."""
    return hashlib.sha256(content).hexdigest()


def history_rows(report: HistoryReport) -> Rows:
    """Streams, their nights and alarms; a stream's number is its place in the report, from 1."""
    rows: Rows = {STREAMS: [], NIGHTS: [], ALARMS: []}
    for number, stream in enumerate(report.streams, start=1):
        named = ("panel", "task", "kind", "instrument", "began_because", "note")
        rows[STREAMS].append({"stream": number, **{name: getattr(stream, name) for name in named}})
        for night in stream.nights:
            rows[NIGHTS].append(
                {
                    "stream": number,
                    "run_id": night.run_id,
                    "started_at": night.started_at,
                    "n_items": night.n_items,
                    "level": night.level.estimate,
                    "level_low": night.level.low,
                    "level_high": night.level.high,
                    "change": night.change.estimate,
                    "change_low": night.change.low,
                    "change_high": night.change.high,
                    "evidence": night.evidence,
                }
            )
        if (alarm := stream.alarm) is not None:
            told = ("run_id", "started_at", "direction", "since_run_id", "text")
            rows[ALARMS].append(
                {
                    "stream": number,
                    **{name: getattr(alarm, name) for name in told},
                    "change": alarm.change.estimate,
                    "change_low": alarm.change.low,
                    "change_high": alarm.change.high,
                }
            )
    return _bindable(rows)


def _run_row(folder: str, manifest: RunManifest, metrics: Metrics) -> Row:
    copied = ("kind", "started_at", "finished_at", "git_commit", "n_items", "n_unlabelled", "votes_planned")
    return {
        **{name: getattr(manifest, name) for name in (*copied, "votes_stored", "seed")},
        "folder": folder,
        "panel": None if manifest.panel is None else manifest.panel.panel,
        "task": metrics.task,
        "labels_hash": manifest.hashes.get("labels"),
        "rubric_hash": manifest.hashes.get("rubric"),
        "panel_eval_version": manifest.versions.get("panel-eval"),
        "n_scored": metrics.n_scored,
        "votes_usable": metrics.economics.votes_usable,
        "cost_usd": metrics.economics.cost_usd,
    }


def _metric_rows(metrics: Metrics) -> Iterator[Row]:
    forecasters: list[tuple[str, str, Scores]] = [("panel", "panel", metrics.panel)]
    forecasters += [("judge", name, scores) for name, scores in metrics.judges.items()]
    forecasters += [("beside", name, beside.scores) for name, beside in metrics.beside.items()]
    forecasters += [("reference", name, scores) for name, scores in metrics.references.items()]
    for kind, forecaster, scores in forecasters:
        for segment, table in {"overall": scores.overall, **scores.by_class}.items():
            for metric, number in table.items():
                at = {"kind": kind, "forecaster": forecaster, "segment": segment, "metric": metric}
                yield at | vars(number)


def _cost_rows(metrics: Metrics) -> Iterator[Row]:
    economics = metrics.economics
    accounts: list[tuple[str, Mapping[str, Account]]] = [
        ("run", {"all": economics}),
        ("judge", economics.by_judge),
        ("class", economics.by_class),
        ("outcome", economics.by_outcome),
        ("reused", {} if economics.reused is None else {"all": economics.reused}),
    ]
    columns = [name for name in COSTS.c.keys() if name not in ("run_id", "scope", "name")]  # noqa: SIM118
    for scope, named in accounts:
        for name, account in named.items():
            yield {"scope": scope, "name": name, **{column: getattr(account, column) for column in columns}}


def _check_rows(gate: GateResult) -> Iterator[Row]:
    nothing: Row = dict.fromkeys(("estimate", "low", "high", "n", "note"))
    for check in gate.checks:
        copied = ("name", "kind", "status", "metric", "segment", "threshold", "text", "fix")
        value = nothing if check.value is None else check.value.model_dump()
        yield {**{name: getattr(check, name) for name in copied}, **value}


def _bindable(rows: Rows, run_id: str | None = None) -> Rows:
    """Rows that can be bound, each with the run that it is about; of names that became the same, the first.

    They are in the order of their keys: SQLite's pages, which are in that order, are filled to the end then.
    """
    of_run = {} if run_id is None else {"run_id": run_id}
    found: Rows = {}
    for table, own in rows.items():
        keys = [column.name for column in table.primary_key]
        bound = [bindable({**of_run, **row}, keys) for row in own]
        by_key = {tuple(row[key] for key in keys): row for row in reversed(bound)}
        found[table] = [by_key[key] for key in sorted(by_key)]
    return found
