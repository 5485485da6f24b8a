"""What a pool of items is like, by a small human sample and a panel: `panel-eval estimate --out`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.rubric import Scale


class PoolMean(FileModel):
    """One quantity of the pool."""

    of: Literal["severity", "rate"] = Field(
        description="Mean label value, or the share of reviewers' votes on the labels named."
    )
    labels: list[str] = Field(description="Of a rate: the labels that it counts.")
    estimate: Estimate = Field(description="Prediction-powered: from the human sample and the panel.")
    classical: Estimate = Field(description="From the human sample alone.")
    panel_only: Estimate = Field(description="The panel's mean over the pool, with whatever the panel gets wrong.")
    panel_error: Estimate = Field(description="Panel less people on the labelled items: what panel_only is off by.")
    sample_gap: Estimate = Field(
        description="Labelled less unlabelled items, both as the panel sees them: about 0 in a random sample."
    )
    power: float = Field(ge=0.0, le=1.0, description="How much of the panel is used: 0 nothing, 1 all.")
    effective_labels: float | None = Field(
        description="Labelled items that would be as exact without the panel; null where there is no interval."
    )
    labels_saved: float | None = Field(description="`effective_labels` less the labelled items.")
    advice: str = Field(description="What to do, in one sentence.")


class PoolEstimate(FileModel):
    """The whole of the file. Same run, same options, same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    task: str
    scale: Scale
    n_labelled: int = Field(ge=0)
    n_unlabelled: int = Field(ge=0)
    n_unanswered: int = Field(
        ge=0, description="Items that no judge answered: the panel is taken to see them as average."
    )
    panel: str = Field(description="Where the panel's forecasts come from.")
    folds: int | None = Field(description="Folds of cross-prediction; null where nothing was fitted.")
    weights: str | None = Field(
        description="The metadata field with sampling weights; null = a simple random sample."
    )
    interval: str = Field(description="What the intervals are.")
    assumption: str = Field(description="What must hold for the estimates to be unbiased.")
    seed: int
    estimates: list[PoolMean]
    warnings: list[str]
