"""The section `precision` of `metrics.json`: how sure the means are, and what would make them surer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class LeftOut(FileModel):
    """A mean recomputed without one reviewer at a time."""

    low: float = Field(description="The smallest of the means.")
    high: float = Field(description="The largest of the means.")
    reviewers: int = Field(description="How many reviewers were left out in turn.")


class Planning(FileModel):
    """What more items or more reviewers would do to the standard error of a mean."""

    vote_noise_share: Estimate = Field(
        description="Share of the variance between item means that is only which reviewers were asked."
    )
    standard_error_twice_items: float | None = Field(description="With twice the items, as many reviewers each.")
    standard_error_twice_reviewers: float | None = Field(description="With twice the reviewers on every item.")
    standard_error_many_reviewers: float | None = Field(
        description="With so many reviewers that they add no noise."
    )
    advice: str = Field(description="The same as a sentence.")


class ScorePrecision(FileModel):
    """How sure one mean over items is."""

    mean: Estimate = Field(
        description="With an interval by t: of independent clusters where items have clusters, else of items."
    )
    standard_error: float | None = Field(description="As if all items were independent.")
    standard_error_clustered: float | None = Field(
        description="With items of one cluster alike, times sqrt(C / (C - 1)); null without clusters, or under 8."
    )
    degrees_of_freedom: int | None = Field(description="Of the t interval: one less than the independent units.")
    intraclass_correlation: float | None = Field(description="How alike items of one cluster are; null without.")
    design_effect: float | None = Field(description="Variance over that of as many independent items.")
    effective_items: float | None = Field(
        description="Independent items that would tell as much; null where all clusters have the same mean."
    )
    crossed: Estimate = Field(
        description="The same mean with an interval over both items and reviewers, as if other people had labelled."
    )
    leave_one_reviewer_out: LeftOut | None = Field(description="Given where reviewers are too few for `crossed`.")
    planning: Planning


class Precision(FileModel):
    """How sure the means of the panel's unbiased scores are, over items, clusters and reviewers."""

    scores: dict[str, ScorePrecision] = Field(description="ce_bits, brier_debiased and (ordinal) rps of the panel.")
    resampled: Literal["items", "clusters"] = Field(description="What is drawn with replacement in the intervals.")
    units: int = Field(description="How many of them there are.")
    resamples: int = Field(description="How often they are drawn.")
    seed: int = Field(description="Seeds the draws.")
    reviewers: int | None = Field(description="Reviewers named in the label file; null where it names none.")
    notes: list[str] = Field(description="What a reader of these intervals must know.")
