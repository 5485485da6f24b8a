"""Baseline files: what a comparison needs of a run, without its votes and texts, one item a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from panel_eval.api.folders import replace_file
from panel_eval.api.results import RunResult
from panel_eval.api.versions import compared_run, panel_version
from panel_eval.errors import InputError, Problem
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import HumanLabels, ItemDigests, disagreement_class, item_digests
from panel_eval.schema import SoftLabel, read_bytes, read_json
from panel_eval.schema.baseline import BASELINE_KIND, Baseline, BaselineItem

_FIX = "name a run directory, or a file that panel-eval gate --save-baseline wrote"


def write_baseline(run: RunResult, target: Path) -> None:
    """Write a run as a baseline file; the same run gives the same bytes.

    Raises:
        InputError: the file is one of a run directory's own, or cannot be written.
    """
    document = baseline_of(run)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, lambda file: file.writelines(_lines(document)))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target)) from None


def baseline_of(run: RunResult) -> Baseline:
    """A run as the document of a baseline file."""
    version = panel_version(run)
    humans = version.humans
    return Baseline(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        label_values=[float(value) for value in humans.label_values],
        run=compared_run(run),
        items=list(_items(version)),
    )


def read_baseline(path: Path) -> tuple[Baseline, PanelVersion]:
    """Read a baseline file, and make of it what can be compared; single judges' forecasts are not in it.

    Raises:
        InputError: it is not such a file.
    """
    _refuse_other_kind(path)
    document = read_json(path, Baseline)
    humans = _humans(document)
    people = item_digests(humans).people
    forecasts = [item.forecast or [np.nan] * len(document.labels) for item in document.items]
    return document, PanelVersion(
        name=document.run.run_id,
        humans=humans,
        digests=ItemDigests(people, [item.content for item in document.items]),
        panel_q=np.array(forecasts, dtype=np.float64),
    )


def _items(version: PanelVersion) -> Iterator[BaselineItem]:
    humans = version.humans
    for row, item_id in enumerate(humans.item_ids):
        known, forecast = bool(humans.counts_known[row]), version.panel_q[row]
        yield BaselineItem(
            item_id=item_id,
            votes=[int(count) for count in humans.counts[row]] if known else None,
            shares=None if known else humans.distribution[row].tolist(),
            reviewers=int(humans.reviewer_count[row]),
            content=version.digests.content[row],
            forecast=forecast.tolist() if np.isfinite(forecast).all() else None,
        )


def _humans(document: Baseline) -> HumanLabels:
    """The labelled items, without texts and clusters: a comparison takes both from the candidate."""
    items = document.items
    known = np.array([item.votes is not None for item in items])
    reviewers = np.array([item.reviewers for item in items], dtype=np.int64)
    given = np.array([item.votes or item.shares for item in items], dtype=np.float64)
    distribution = given / given.sum(axis=1, keepdims=True)
    counts = np.where(known[:, None], given, distribution * reviewers[:, None])
    classes, adjacent_tie = disagreement_class(counts, document.scale)
    return HumanLabels(
        task=document.task,
        labels=tuple(document.labels),
        scale=document.scale,
        label_values=np.array(document.label_values),
        item_ids=tuple(item.item_id for item in items),
        counts=counts,
        counts_known=known,
        reviewer_count=reviewers,
        distribution=distribution,
        derived_class=classes,
        adjacent_tie=adjacent_tie,
        reported_class=(None,) * len(items),
        clusters=None,
        records=tuple(SoftLabel(item_id=item.item_id, task=document.task) for item in items),
    )


def _lines(document: Baseline) -> Iterator[bytes]:
    """The document as readable JSON, each item on its own line, so that changes show item by item."""
    head = document.model_dump_json(exclude={"items"}, indent=1).removesuffix("\n}")
    yield f'{head},\n "items": [\n'.encode()
    last = len(document.items) - 1
    for place, item in enumerate(document.items):
        yield f"  {item.model_dump_json(exclude_defaults=True)}{',' if place < last else ''}\n".encode()
    yield b" ]\n}\n"


def _refuse_other_kind(path: Path) -> None:
    try:
        content = json.loads(read_bytes(path))
    except (ValueError, RecursionError):
        raise InputError(Problem("is no baseline: it is not JSON", path=path, fix=_FIX)) from None
    if not isinstance(content, dict) or content.get("kind") != BASELINE_KIND:
        raise InputError(Problem("is JSON, but no baseline", path=path, fix=_FIX))
