"""The section `calibration` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class ReliabilityBin(FileModel):
    """One bin of a reliability diagram; soft = share of reviewers who chose the predicted label."""

    low: float
    high: float
    n: int
    confidence: float = Field(description="Mean mass the panel put on its top label.")
    soft_accuracy: float = Field(description="Mean share of reviewers who chose that label.")
    hard_accuracy: float = Field(description="Share of items where it is the human majority (ties shared).")


class Calibration(FileModel):
    """Calibration of the panel's top label against human frequencies."""

    soft_ece: Estimate
    classwise_soft_ece: Estimate
    smooth_ece: Estimate
    hard_ece: Estimate
    reliability: list[ReliabilityBin]
    binning: str = Field(description="How bins were made, in words.")
