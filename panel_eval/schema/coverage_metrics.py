"""The section `coverage` of `metrics.json`."""

from __future__ import annotations

from panel_eval.schema.base import FileModel


class Coverage(FileModel):
    """How many votes ended in which outcome: never renormalised, always counted."""

    total: dict[str, int]
    by_judge: dict[str, dict[str, int]]
    by_class: dict[str, dict[str, int]]
