"""What a scored run writes to its directory: the bytes of each file, and the folder of `score`."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from panel_eval.api.results import ITEMS, LABELS, MANIFEST, METRICS, VOTES, RunResult, write_report
from panel_eval.engine import git_commit, package_versions, utc_now
from panel_eval.errors import InputError, Problem
from panel_eval.evaluation import Evaluation
from panel_eval.humans import HumanLabels
from panel_eval.schema import FileModel, Metrics, Rubric, RunManifest, Vote, read_bytes

VOTES_TABLE = "votes.parquet"


def result_files(
    metrics: Metrics, items: pd.DataFrame, humans: HumanLabels, votes: Sequence[Vote]
) -> dict[str, bytes]:
    """The files that every scored run holds, votes.jsonl and run.json apart. Same input, same bytes."""
    return {
        METRICS: metrics.model_dump_json(indent=1).encode() + b"\n",
        LABELS: json_lines(humans.records),
        ITEMS: _parquet(pa.Table.from_pandas(items, preserve_index=False)),
        VOTES_TABLE: _parquet(_votes_table(votes)),
    }


def json_lines(records: Sequence[FileModel]) -> bytes:
    """Records as JSONL, fields at their defaults left out."""
    return b"".join(record.model_dump_json(exclude_defaults=True).encode() + b"\n" for record in records)


def scored_manifest(
    evaluation: Evaluation,
    rubric: Rubric | None,
    *,
    started: datetime,
    seed: int,
    votes_stored: int,
    sources: Mapping[str, str],
    hashes: Mapping[str, str],
) -> RunManifest:
    """run.json of votes made elsewhere."""
    metrics = evaluation.metrics
    return RunManifest(
        run_id=f"{started.strftime('%Y%m%dT%H%M%SZ')}-score",
        state="sealed",
        kind="score",
        started_at=started.isoformat(timespec="milliseconds"),
        finished_at=utc_now(),
        rubric=rubric,
        hashes=dict(hashes),
        sources=dict(sources),
        n_items=metrics.n_items,
        votes_planned=votes_stored,
        votes_stored=votes_stored,
        seed=seed,
        settings={**metrics.settings, "scale": metrics.scale},
        versions=package_versions(),
        git_commit=git_commit(Path.cwd()),
    )


def store_scores(result: RunResult, out: Path, *, report: bool) -> RunResult:
    """Write a scored run to `out`: a new or empty folder, or one that `score` wrote before.

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    _refuse_foreign(out)
    files = result_files(result.metrics, result.items, result.humans, result.votes)
    files[VOTES] = json_lines(result.votes)
    files[MANIFEST] = result.manifest.model_dump_json(indent=2).encode() + b"\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():  # run.json last: a folder without it is not a run
            _replace(out / name, content)
        (out / "report.html").unlink(missing_ok=True)  # an earlier score's report would not fit
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=out)) from None
    stored = replace(result, directory=out)
    return replace(stored, report_path=write_report(stored)) if report else stored


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(Problem("is a file; --out names a folder", path=out))
    if not out.exists() or not any(out.iterdir()):
        return
    manifest = out / MANIFEST
    written_by_score = manifest.exists() and b'"kind": "score"' in read_bytes(manifest)
    if not written_by_score:
        raise InputError(
            Problem("is not empty and was not written by score", path=out, fix="name a new folder for the results")
        )


def _replace(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _votes_table(votes: Sequence[Vote]) -> pa.Table:
    """Votes as columns; a distribution, a label order and the like as JSON text."""
    columns = (
        "vote_key", "item_id", "judge", "sample", "elicit", "outcome", "label", "captured_mass", "confidence",
        "rationale", "parse_rung", "cost_usd", "attempts", "latency_s", "model_reported", "at",
    )  # fmt: skip
    table = {name: [getattr(vote, name) for vote in votes] for name in columns}
    table["distribution"] = [None if v.distribution is None else _json(v.distribution) for v in votes]
    table["label_order"] = [None if v.label_order is None else _json(v.label_order) for v in votes]
    table["error_kind"] = [None if v.error is None else v.error.kind for v in votes]
    table["input_tokens"] = [None if v.usage is None else v.usage.input_tokens for v in votes]
    table["output_tokens"] = [None if v.usage is None else v.usage.output_tokens for v in votes]
    return pa.table(table)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
