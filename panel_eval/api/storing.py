"""What a scored run writes to its directory: the bytes of each file, and the folder of `score`."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from panel_eval.api.documents import document_bytes
from panel_eval.api.folders import Writer, refuse_foreign, write_folder
from panel_eval.api.item_lines import item_lines, json_line
from panel_eval.api.pool_files import POOL
from panel_eval.api.reporting import write_report
from panel_eval.api.results import (
    ITEMS,
    LABELS,
    MANIFEST,
    METRICS,
    QA,
    REPORT,
    UNLABELLED,
    VOTES,
    VOTES_TABLE,
    RunResult,
)
from panel_eval.api.tables import write_items, write_votes
from panel_eval.engine import RunDirectory, git_commit, package_versions, utc_now
from panel_eval.evaluation import Evaluation
from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.humans.records import ItemRecords
from panel_eval.pooling import VoteTable
from panel_eval.schema import FileModel, Metrics, Rubric, RunManifest, Vote

_LINES_AT_ONCE = 10_000


def item_files(humans: HumanLabels, unlabelled: UnlabelledItems) -> dict[str, Writer]:
    """The files that tell which items a run is about; unlabelled.jsonl only where there are such items."""
    files: dict[str, Writer] = {LABELS: lambda file: file.writelines(item_lines(humans))}
    if unlabelled:
        files[UNLABELLED] = lambda file: file.writelines(item_lines(unlabelled))
    return files


def result_files(
    metrics: Metrics,
    items: pd.DataFrame,
    humans: HumanLabels,
    unlabelled: UnlabelledItems,
    votes: Sequence[Vote],
) -> dict[str, Writer]:
    """The files that every scored run holds, votes.jsonl and run.json apart. Same input, same bytes."""
    table = VoteTable.of(votes)
    return {
        METRICS: lambda file: file.write(metrics.model_dump_json(indent=1).encode() + b"\n"),
        **item_files(humans, unlabelled),
        ITEMS: lambda file: write_items(items, file),
        VOTES_TABLE: lambda file: write_votes(table, file),
    }


def rendered(write: Writer) -> bytes:
    """What a writer writes, in memory."""
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def write_to_run(directory: RunDirectory, files: Mapping[str, Writer]) -> None:
    """Write files that tell of a run's items.

    Raises:
        IncompleteError: the disk is full or failing.
    """
    for name, write in files.items():
        directory.write_atomically(name, rendered(write))
    if UNLABELLED not in files:  # an earlier session may have been about such items
        (directory.path / UNLABELLED).unlink(missing_ok=True)


def write_lines(lines: Iterable[bytes], file: BinaryIO) -> None:
    """Write lines, each with its line end, some at a time."""
    rest = iter(lines)
    while some := list(islice(rest, _LINES_AT_ONCE)):
        file.write(b"\n".join(some) + b"\n")


def scored_manifest(
    evaluation: Evaluation,
    rubric: Rubric | None,
    *,
    started: datetime,
    seed: int,
    n_unlabelled: int,
    votes_stored: int,
    sources: Mapping[str, str],
    hashes: Mapping[str, str],
) -> RunManifest:
    """run.json of votes made elsewhere."""
    metrics = evaluation.metrics
    return RunManifest(
        run_id=_score_id(started, hashes, metrics),
        state="sealed",
        kind="score",
        started_at=started.isoformat(timespec="milliseconds"),
        finished_at=utc_now(),
        rubric=rubric,
        hashes=dict(hashes),
        sources=dict(sources),
        n_items=metrics.n_items,
        n_unlabelled=n_unlabelled,
        votes_planned=votes_stored,
        votes_stored=votes_stored,
        seed=seed,
        settings={**metrics.settings, "scale": metrics.scale},
        versions=package_versions(),
        git_commit=git_commit(Path.cwd()),
    )


def _score_id(started: datetime, hashes: Mapping[str, str], metrics: Metrics) -> str:
    """A name that tells runs apart that begin in one second, by eight digits of what was scored and came out."""
    what = json.dumps([started.isoformat(), sorted(hashes.items()), metrics.model_dump_json()])
    return f"{started.strftime('%Y%m%dT%H%M%SZ')}-score-{hashlib.sha256(what.encode()).hexdigest()[:8]}"


def store_scores(result: RunResult, out: Path, *, report: bool) -> RunResult:
    """Write a scored run to `out`: a new or empty folder, or one that `score` wrote before.

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    refuse_foreign(out, "score", (MANIFEST, b'"kind": "score"'))
    unlabelled = result.unlabelled
    files = result_files(result.metrics, result.items, result.humans, unlabelled, result.votes)
    # What came from files stands here as it stood there, so that hashes of the files hold for the copies.
    files[LABELS] = lambda file: write_lines(_lines_as_given(result.humans.records), file)
    if unlabelled:
        files[UNLABELLED] = lambda file: write_lines(_lines_as_given(unlabelled.records), file)
    if (pool := result.pool) is not None:
        files[POOL] = lambda file: file.write(document_bytes(pool))
    files[VOTES] = lambda file: write_lines(VoteTable.of(result.votes).json_lines(), file)
    files[MANIFEST] = lambda file: file.write(result.manifest.model_dump_json(indent=2).encode() + b"\n")
    stale = {REPORT, QA, UNLABELLED, POOL} - set(files)
    write_folder(out, files, stale=stale)  # run.json last: a folder without it is not a run
    stored = replace(result, directory=out)
    return replace(stored, report_path=write_report(stored)) if report else stored


def _lines_as_given(records: Sequence[FileModel]) -> Iterator[bytes]:
    return records.json_lines() if isinstance(records, ItemRecords) else map(json_line, records)
