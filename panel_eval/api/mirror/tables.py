"""The tables of the mirror. Names and columns are what dashboards rely on: docs/database.md tells of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, MetaData, String, Table, Text

VERSION = 1
"""Of the tables below: other tables, another number."""
NAME_LENGTH = 120
"""Longest name that is part of a key, in characters: a row of PostgreSQL's indexes holds 2,700 bytes."""

METADATA = MetaData()


def _keys(*names: str) -> list[Column[Any]]:
    return [Column(name, String(NAME_LENGTH), primary_key=True) for name in names]


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text) for name in names]


def _counts(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, Double) for name in names]


def _estimate() -> list[Column[Any]]:
    return [*_numbers("estimate", "low", "high"), *_counts("n"), *_texts("note")]


def _stream() -> Column[Any]:
    return Column("stream", BigInteger, primary_key=True, autoincrement=False)


SCHEMA = Table("panel_eval_schema", METADATA, Column("version", BigInteger, primary_key=True, autoincrement=False))
RUNS = Table(
    "runs",
    METADATA,
    *_keys("run_id"),
    *_texts("folder", "kind", "panel", "task", "started_at", "finished_at", "git_commit"),
    *_texts("labels_hash", "rubric_hash", "panel_eval_version"),
    *_counts("n_items", "n_unlabelled", "n_scored", "votes_planned", "votes_stored", "votes_usable", "seed"),
    *_numbers("cost_usd"),
)
METRICS = Table(
    "metrics",
    METADATA,
    *_keys("run_id", "kind", "forecaster", "segment", "metric"),
    *_estimate(),
    sqlite_with_rowid=False,  # rows stand in the index of their keys, not once more beside it
)
Index(
    "panel_by_metric",  # what dashboards draw; judges' rows are found by run_id, kind and forecaster
    METRICS.c.metric,
    METRICS.c.segment,
    sqlite_where=METRICS.c.kind == "panel",
    postgresql_where=METRICS.c.kind == "panel",
)
JUDGES = Table("judges", METADATA, *_keys("run_id", "judge"), *_texts("model", "instrument_hash"))
MODELS = Table("judge_models", METADATA, *_keys("run_id", "judge", "model_reported"), *_counts("votes"))
OUTCOMES = Table("outcomes", METADATA, *_keys("run_id", "judge", "outcome"), *_counts("votes"))
COSTS = Table(
    "costs",
    METADATA,
    *_keys("run_id", "scope", "name"),
    *_counts("votes_paid", "votes_unpriced", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"),
    *_numbers("cost_usd", "cost_known_usd", "cost_uncertain_usd", "latency_mean_s"),
)
GATES = Table(
    "gates",
    METADATA,
    *_keys("run_id"),
    *_texts("status", "at", "headline", "baseline_run_id", "baseline_chosen", "digest"),
    *_counts("exit_code"),
)
CHECKS = Table(
    "gate_checks",
    METADATA,
    *_keys("run_id", "name"),
    *_texts("kind", "status", "metric", "segment"),
    *_estimate(),
    *_numbers("threshold"),
    *_texts("text", "fix"),
)
STREAMS = Table(
    "streams", METADATA, _stream(), *_texts("panel", "task", "kind", "instrument", "began_because", "note")
)
NIGHTS = Table(
    "stream_nights",
    METADATA,
    _stream(),
    *_keys("run_id"),
    *_texts("started_at"),
    *_counts("n_items"),
    *_numbers("level", "level_low", "level_high", "change", "change_low", "change_high", "evidence"),
)
ALARMS = Table(
    "alarms",
    METADATA,
    _stream(),
    *_texts("run_id", "started_at", "direction", "since_run_id", "text"),
    *_numbers("change", "change_low", "change_high"),
)

OF_A_GATE = (GATES, CHECKS)
OF_THE_HISTORY = (STREAMS, NIGHTS, ALARMS)
