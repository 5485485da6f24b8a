"""Dawid and Skene's confusion matrices, a diagnostic and no soft label: part of the document `reviewer-report`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

Matrix = list[list[float]]
"""One row for each assumed true label, one column for each label given, both in the order of `labels`."""


class ConfusedPair(FileModel):
    """What a reviewer mixes up most."""

    true: str = Field(description="The label that the model takes for the true one.")
    given: str = Field(description="The label that the reviewer gave instead.")
    share: float = Field(ge=0, le=1, description="Of the reviewer's votes on items of that true label.")
    low: float = Field(ge=0, le=1, description="Lower end of the 95 % interval.")
    high: float = Field(ge=0, le=1, description="Upper end.")


class ConfusionMatrix(FileModel):
    """Shares of the labels given, by the label that the model takes for the true one; rows sum to 1."""

    share: Matrix = Field(description="Posterior mean.")
    low: Matrix = Field(description="Lower ends of 95 % posterior intervals, cell by cell.")
    high: Matrix = Field(description="Upper ends.")
    votes: list[float] = Field(
        description="Expected votes on items of each assumed true label: what a row rests on."
    )


class ReviewerConfusion(FileModel):
    """One reviewer under the model."""

    reviewer: str
    votes: int = Field(ge=0)
    matrix: ConfusionMatrix
    accuracy: Estimate = Field(description="Chance of giving the assumed true label, on items as they come.")
    information_bits: Estimate = Field(
        description="What the reviewer's label tells of the assumed true one; 0 = nothing. High beside a low "
        "accuracy = labels mixed up the same way each time."
    )
    severity: Estimate | None = Field(
        description="Ordinal scales: mean steps above the assumed true label; null elsewhere. Beside the "
        "`severity` of the reviewers' section, which compares with the others of the same items."
    )
    most_confused: ConfusedPair | None = Field(description="null where no row rests on three votes.")


class Sharpness(FileModel):
    """How far the model is surer of items than people are: why nothing else here uses its posterior."""

    posterior_entropy_bits: Estimate = Field(
        description="Mean over items, of the model's posterior of the true label."
    )
    votes_entropy_bits: Estimate = Field(description="Mean over the same items, of the reviewers' votes.")
    split_items: int = Field(ge=0, description="Items whose votes are of class major or unresolved.")
    split_items_called_certain: int = Field(ge=0, description="Of these, items with a posterior above 0.95.")


class ConfusionFit(FileModel):
    """How the numbers came about."""

    steps: int = Field(ge=1, description="Of expectation and maximisation, of the best start.")
    converged: bool
    starts: int = Field(ge=1)
    starts_agreeing: int = Field(ge=1, description="Starts that came to the highest objective.")
    draws: int = Field(ge=1, description="Posterior draws behind intervals.")
    scale_reduction: float | None = Field(
        description="Largest Gelman-Rubin R of prior and accuracies over two chains; above 1.1 the votes do not "
        "settle the matrices. null = infinite."
    )
    pseudo_votes: float = Field(
        description="Votes a row that every reviewer's matrix is pulled by to all reviewers'."
    )


class ConfusionSection(FileModel):
    """Every reviewer's confusion matrix, if each item had one true label."""

    assumption: str = Field(description="What the model takes for granted, and when not to believe it.")
    labels: list[str]
    items: int = Field(ge=0, description="Items on which every vote has its reviewer's name.")
    votes: int = Field(ge=0)
    prior: dict[str, Estimate] = Field(description="Label to its share among the assumed true labels.")
    together: Matrix | None = Field(description="As if one reviewer had cast all votes; null = not computed.")
    reviewers: list[ReviewerConfusion] = Field(
        description="Sorted by name; those that the reviewers' section lists."
    )
    sharpness: Sharpness | None
    fit: ConfusionFit | None
    note: str | None = Field(description="Why there is nothing, or what it rests on.")
