"""The section `agreement` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel


class Agreement(FileModel):
    """Derived classes of the items beside the classes reported in the label file."""

    class_counts: dict[str, int]
    reported_vs_derived: dict[str, dict[str, int]] = Field(
        description="reported class (or 'not reported') -> derived class -> items"
    )
