"""Whether human labels are sound, in numbers: `label_quality` of `metrics.json`, and a document of its own.

Made from the labels alone, so that it is the same with and without judges.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.diagnosis import HumanQuadrants
from panel_eval.schema.estimate import Estimate, MetricTable
from panel_eval.schema.label_review import Adjudication, GoldItems, ItemReview, Violations
from panel_eval.schema.reliability_metrics import SplitHalf
from panel_eval.schema.reviewer_quality import Reviewers
from panel_eval.schema.rubric import Scale

Soundness = Literal["sound", "reservations", "not_usable", "undecided"]


class Ground(FileModel):
    """One reason behind the verdict."""

    code: str
    text: str = Field(description="One plain sentence with its numbers.")
    decides: Soundness = Field(description="The best verdict that is left with it.")


class Verdict(FileModel):
    """Are the labels sound? By the rules in docs/label-quality.md."""

    level: Soundness = Field(description="undecided = too little was there to say.")
    sentences: list[str] = Field(description="One or two plain sentences.")
    grounds: list[Ground] = Field(description="What was held against the labels, gravest first.")
    not_checked: list[str] = Field(description="What could not be checked, and why.")


class DeliverySize(FileModel):
    """How much was labelled, by how many people."""

    items: int = Field(ge=0)
    votes: int = Field(ge=0, description="Sum of the reviewers of all items.")
    reviewers: int | None = Field(description="Different names among named reviewers; null where none are named.")
    items_with_named_reviewers: int = Field(ge=0, description="Items on which every vote has its reviewer's name.")
    reviewers_per_item_min: int | None = Field(description="null where there is no item.")
    reviewers_per_item_mean: float | None
    reviewers_per_item_max: int | None
    items_per_reviewer_min: int | None = Field(description="null where no reviewers are named.")
    items_per_reviewer_mean: float | None
    items_per_reviewer_max: int | None
    effective_counts_only: int = Field(ge=0, description="Items whose shares are no whole votes.")
    clusters: int | None = Field(description="null where the file names none.")
    gold_items: int = Field(ge=0)
    adjudicated_items: int = Field(ge=0)
    labels_never_used: list[str] = Field(description="Labels of the rubric that nobody chose.")


class ReviewerAgreement(FileModel):
    """How far reviewers agree, and how well their shares would be found again by as many other people."""

    coefficients: MetricTable = Field(
        description="pair_agreement (chance that two reviewers of an item chose the same label), alpha_nominal, "
        "fleiss_kappa, gwet_ac1; ordinal scales add alpha_ordinal, alpha_interval, gwet_ac2_…"
    )
    prevalence: dict[str, float] = Field(description="Label to its mean share over items.")
    share_reliability: Estimate = Field(
        description="Of the labels' shares: how far an item's shares would be found again by as many other "
        "reviewers of the same kind (0 = not at all, 1 = exactly); n / (n + s) for the fitted concentration s."
    )
    split_half: SplitHalf


class ClassShares(FileModel):
    """The items' disagreement classes: of their votes, and of the populations that the votes stand for."""

    counts: dict[str, int] = Field(description="Class of the votes to items; all classes.")
    reported_vs_derived: dict[str, dict[str, int]] = Field(description="Class in the file -> ours -> items.")
    population: dict[str, Estimate] = Field(
        description="Class to the expected share of items whose population is of it: what would be found if "
        "everyone were asked. Model-based."
    )
    probability: dict[str, dict[str, float]] = Field(
        description="Class of the votes -> class of the population -> mean probability; only classes that occur."
    )
    observed_is_population: Estimate = Field(
        description="Mean probability that the votes' class is the population's."
    )
    human_entropy_bits: Estimate = Field(
        description="Mean entropy of the populations behind the items, from the posterior."
    )
    votes_entropy_bits: Estimate = Field(description="Mean entropy of the votes as they are; too low by few votes.")
    population_rule: str = Field(description="How a population is classed, in words.")
    note: str = Field(description="Which posterior the model-based numbers are made from, in words.")


class LabelQuality(FileModel):
    """The human side of a data set: size, agreement, reviewers, gold items, what to look at again, verdict."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    scale: Scale
    verdict: Verdict
    size: DeliverySize
    agreement: ReviewerAgreement
    classes: ClassShares
    reviewers: Reviewers
    gold: GoldItems
    quadrants: HumanQuadrants | None = Field(
        default=None, description="Items by how split their reviewers are and how sure of themselves."
    )
    review: ItemReview
    adjudication: Adjudication
    violations: Violations
    settings: dict[str, str | int | float | None] = Field(description="Seed, resamples, what was resampled …")
    notes: list[str] = Field(description="What a reader of the numbers must know.")
