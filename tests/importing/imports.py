"""Importing a file in a test, and reading back what was written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from panel_eval.api import import_annotations
from panel_eval.humans import HumanLabels, load_soft_labels
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.import_report import ImportReport


@dataclass(frozen=True)
class Imported:
    """What an import wrote and said."""

    report: ImportReport
    humans: HumanLabels | None
    votes: list[dict[str, Any]]
    items: list[dict[str, Any]]

    @property
    def dropped(self) -> dict[str, int]:
        """Reason to how many."""
        return {kind.reason: kind.count for kind in self.report.dropped}

    def votes_on(self, item_id: str) -> dict[str, int]:
        """Label to people, of one item, labels without any left out."""
        assert self.humans is not None
        row = self.humans.index[item_id]
        counts = self.humans.counts[row].tolist()
        return {label: int(n) for label, n in zip(self.humans.labels, counts, strict=True) if n}


def do_import(
    format_name: str, source: Path, folder: Path, *, want: tuple[str, ...] = ("labels",), **options: Any
) -> Imported:
    """Import a file and load what was written; `want` says which files are asked for."""
    mapping = ImportMapping(
        **{name: options.pop(name) for name in list(options) if name in ImportMapping.model_fields}
    )
    out = {name: folder / f"{name}.jsonl" for name in ("labels", "votes", "items") if name in want}
    report = import_annotations(
        format_name,
        source,
        out.get("labels"),
        votes=out.get("votes"),
        items=out.get("items"),
        mapping=mapping,
        **options,
    )
    has_labels = "labels" in out and out["labels"].stat().st_size
    humans = load_soft_labels(out["labels"], scale=report.scale) if has_labels else None
    lines = {name: _lines(out[name]) if name in out else [] for name in ("votes", "items")}
    return Imported(report, humans, lines["votes"], lines["items"])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def real_data(*names: str) -> Path:
    """A file or folder of the public data sets; the test is skipped where they are not at hand."""
    folder = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data"))
    path = folder.joinpath(*names)
    if not path.exists():
        pytest.skip(f"public data not found: set PANEL_EVAL_DATA to the folder with {'/'.join(names)}")
    return path
