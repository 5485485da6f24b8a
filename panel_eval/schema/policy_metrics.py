"""The section `policy` of `fit.json`: what a panel may decide by itself, found on calibration and test items."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.schema.estimate import Estimate


class RiskLevel(FileModel):
    """What a risk would let the panel decide. The chance delta is that of each level by itself."""

    risk: float
    delta: float
    threshold: float | None = Field(description="null = nothing could be decided.")
    n_decided: int = Field(ge=0, description="Calibration items below the threshold.")
    mean_loss: float | None = Field(description="Mean loss among them.")
    risk_bound: float | None = Field(description="Upper confidence bound of the risk.")
    coverage: Estimate = Field(description="Share of the test items that it decides.")
    test_risk: Estimate = Field(description="Mean loss among these.")


class MinimumItems(FileModel):
    """How many calibration items a promise needs at least."""

    risk: float
    delta: float
    n: int = Field(description="Decided items without any loss that show the risk; with losses it takes more.")


class ClassDeferral(FileModel):
    """What the policy does with the test items of one disagreement class."""

    n_items: int = Field(ge=0)
    deferred: Estimate = Field(description="Share handed over.")
    risk: Estimate = Field(description="Mean loss of those decided.")


class ShareBeside(FileModel):
    """A share among some test items, beside the share among all."""

    share: Estimate
    base_rate: Estimate = Field(description="Among all test items: what handing over at random gives.")


class LabelSets(FileModel):
    """Sets of labels on the test items."""

    method: str = Field(description="split: one reviewer's vote drawn for each item; every_vote: all votes.")
    threshold: float | None = Field(description="null = every label.")
    n_items: int = Field(ge=0, description="Calibration items (clusters).")
    coverage: Estimate = Field(description="Share of reviewers' labels on test items that lie in the sets.")
    mean_size: Estimate = Field(description="Labels in a set.")
    singletons: Estimate = Field(description="Share of sets of one label.")
    sizes: dict[int, float] = Field(description="Size to share of the test items.")


class HumanReview(FileModel):
    """What people would lose on the same items: their majority is no truth."""

    reviewers: int
    loss_deferred: Estimate = Field(description="Expected loss of their majority on the deferred test items.")
    panel_loss_deferred: Estimate = Field(description="What the panel's label would lose there.")
    break_even: Estimate = Field(
        description="Cost of an error in reviews (error / human) above which handing these items over pays."
    )
    method: str


class CostPoint(FileModel):
    """One threshold of the cost curve, on the calibration items."""

    threshold: float | None = Field(description="null = hand over everything.")
    deferred: float = Field(description="Share of the items handed over.")
    cost: float = Field(description="Mean cost of an item.")


class Costs(FileModel):
    """Cost of an item: c_human r P(defer) + c_error (E[loss decided] + E[loss of people deferred]) + c_call."""

    human: float
    error: float
    call: float | None = Field(description="null = unknown, and left out.")
    reviewers: int
    curve: list[CostPoint]
    optimum: CostPoint = Field(description="The cheapest point of the curve.")
    at_policy: Estimate = Field(description="Mean cost of a test item under the policy.")
    at_optimum: Estimate = Field(description="At the optimum, which was found on other items.")
    decide_all: Estimate
    defer_all: Estimate
    oracle: Estimate = Field(description="Handing over just the items where it pays, with their votes known.")
    regret: Estimate = Field(description="Cost of the policy less that of the oracle.")
    regret_of_optimum: Estimate
    notes: list[str]
    advice: str


class PolicyReport(FileModel):
    """What the panel may decide by itself, and what follows from it."""

    settings: DeferralSettings
    rule: str
    n_calibration: int = Field(ge=0, description="Items that thresholds were chosen on.")
    n_units: int = Field(
        ge=0, description="Those used for the bound: one of each cluster, answered by enough judges."
    )
    n_test: int = Field(ge=0)
    n_undecidable: int = Field(ge=0, description="Items that too few judges answered: handed over in any case.")
    levels: list[RiskLevel] = Field(description="The target and other risks, side by side.")
    at_target: RiskLevel
    minimum_n: list[MinimumItems]
    by_class: dict[str, ClassDeferral]
    wasted: ShareBeside = Field(description="Deferred items on which 9 in 10 reviewers agree.")
    missed: ShareBeside = Field(description="Decided items of class major or unresolved.")
    sets: list[LabelSets]
    human_review: HumanReview
    costs: Costs | None = Field(description="null = the panel file names no costs.")
    notes: list[str]
    advice: str = Field(description="What to do, in one sentence.")
