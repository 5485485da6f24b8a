"""The section `beside` of `metrics.json`: models that are scored like judges and take no part in the panel."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate, Scores


class Beside(FileModel):
    """One model, such as a classifier or a reward model, and how it compares with the panel."""

    scores: Scores = Field(description="As of a judge.")
    outcomes: dict[str, int] = Field(description="Outcome to its votes on labelled items.")
    behind_panel_bits: Estimate = Field(
        description="Its ce_bits less the panel's, item by item where both have a forecast; below 0 = better."
    )
    advice: str
