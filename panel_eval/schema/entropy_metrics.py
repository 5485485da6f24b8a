"""The section `human_entropy` of `metrics.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class EntropyEstimator(FileModel):
    """One way to estimate the reviewers' own entropy, and what it makes of the panel."""

    human_entropy_bits: Estimate = Field(
        description="Mean entropy of the reviewers' population, by this estimator."
    )
    kl_bits: Estimate = Field(description="The panel's mean cross-entropy minus that.")


class HumanEntropy(FileModel):
    """How much of the cross-entropy is the reviewers' own disagreement: the level that `kl_bits` subtracts."""

    estimator: Literal["empirical_bayes", "jeffreys"] = Field(description="The estimator behind `kl_bits`.")
    human_entropy_bits: Estimate = Field(
        description="Mean entropy of the reviewers' population over the items that the panel is scored on."
    )
    item_sd_bits: Estimate = Field(
        description="How uncertain the entropy of one item is: mean posterior deviation."
    )
    concentration: Estimate = Field(description="What the prior is worth in votes, s.")
    reference_weight: Estimate = Field(
        description="Weight w of the recalibrated panel in the prior's centre; the rest is overall label shares."
    )
    sensitivity: dict[str, EntropyEstimator] = Field(
        description="By estimator: plugin, miller_madow, jeffreys, nsb, empirical_bayes."
    )
    kl_bits_lowest: float | None = Field(description="Lowest panel KL among the estimators; null if there is none.")
    kl_bits_highest: float | None = Field(description="Highest panel KL among the estimators.")
    note: str | None = None
