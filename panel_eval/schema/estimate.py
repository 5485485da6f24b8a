"""One number of `metrics.json`, and the table of one forecaster's numbers."""

from __future__ import annotations

from pydantic import Field, model_validator

from panel_eval.schema.base import FileModel


class Estimate(FileModel):
    """One number with its 95 % interval and the number of items behind it."""

    estimate: float | None = Field(description="null = cannot be computed; then `note` says why.")
    low: float | None = Field(default=None, description="Lower end of the 95 % interval.")
    high: float | None = Field(default=None, description="Upper end of the 95 % interval.")
    n: int = Field(ge=0, description="Items behind the number.")
    note: str | None = None

    @model_validator(mode="after")
    def _null_is_explained(self) -> Estimate:
        if self.estimate is None and not self.note:
            raise ValueError("an estimate of null needs a note")
        return self


MetricTable = dict[str, Estimate]
"""Metric name to number."""


class Scores(FileModel):
    """All metrics of one forecaster, overall and per derived disagreement class."""

    overall: MetricTable
    by_class: dict[str, MetricTable]
