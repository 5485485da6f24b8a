"""A run's items as the lines of labels.jsonl and unlabelled.jsonl, and the hashes of those files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.schema import FileModel


def item_lines(items: HumanLabels | UnlabelledItems) -> Iterator[bytes]:
    """The lines of labels.jsonl or unlabelled.jsonl with their line ends: not as the user's file lays them out."""
    return (json_line(record) + b"\n" for record in items.records)


def item_hashes(humans: HumanLabels, unlabelled: UnlabelledItems) -> dict[str, str]:
    """sha256 of labels.jsonl and, where there are such items, of unlabelled.jsonl, as a run writes them."""
    hashes = {"labels": _hash(humans)}
    return {**hashes, "unlabelled": _hash(unlabelled)} if unlabelled else hashes


def _hash(items: HumanLabels | UnlabelledItems) -> str:
    hasher = hashlib.sha256()
    for line in item_lines(items):
        hasher.update(line)
    return hasher.hexdigest()


def json_line(record: FileModel) -> bytes:
    """A record as JSON, fields at their defaults left out."""
    return record.model_dump_json(exclude_defaults=True).encode()
