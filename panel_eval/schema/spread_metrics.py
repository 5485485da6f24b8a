"""The section `spread` of `metrics.json`: where the panel's uncertainty comes from."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class SpreadTerms(FileModel):
    """One number for each part of the spread; total = within + between."""

    within_judge_bits: Estimate = Field(
        description="Mean entropy of the judges' own answers: what each is unsure of."
    )
    between_judge_bits: Estimate = Field(description="Jensen-Shannon spread among judges: where they contradict.")
    total_spread_bits: Estimate = Field(
        description="Entropy of the equally weighted pool of the judges, unsmoothed."
    )


class Spread(FileModel):
    """Spread of the judges' unsmoothed answers: of each within itself, and between them."""

    mean: SpreadTerms = Field(description="Means over items, corrected for the few votes behind each judge.")
    plain: SpreadTerms = Field(description="The same without the correction.")
    between_share: Estimate = Field(description="Mean between over mean total, corrected; resampled whole.")
    pearson_human_entropy: SpreadTerms = Field(
        description="Correlation over items with the entropy of the reviewers' votes (correlations, not bits)."
    )
    n_corrected: int = Field(ge=0, description="Items whose spread was corrected for few votes.")
    note: str | None = Field(description="What cannot be told apart with the votes at hand.")
