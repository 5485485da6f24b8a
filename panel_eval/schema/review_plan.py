"""The contract `review-plan`: which items get how many more reviewers, and what that is expected to buy."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.rubric import Scale

ReviewAim = Literal["distribution", "class"]
REVIEW_AIMS: tuple[ReviewAim, ...] = get_args(ReviewAim)


class PlannedReviews(FileModel):
    """One item that gets further reviewers."""

    item_id: str
    reviews: int = Field(ge=1, description="Further reviewers for the item.")
    reviewers_so_far: int = Field(ge=1)
    votes: dict[str, float] = Field(
        description="Label to votes so far (shares × reviewers where only these are known)."
    )
    disagreement_class: str = Field(description="Of the votes so far.")
    gain_bits: float = Field(ge=0, description="What the further reviews are expected to tell, together.")
    steps_bits: list[float] = Field(description="What the first, second, … of them adds.")
    unknown_now_bits: float = Field(
        ge=0,
        description="distribution: expected KL of the population from its estimate; class: entropy of the class.",
    )
    unknown_after_bits: float = Field(ge=0, description="The same as expected after the further reviews.")
    votes_without_name: int = Field(ge=0, description="Votes whose reviewer the file does not name.")
    could_review: list[str] | None = Field(
        description="Known reviewers who have not labelled the item, the least loaded first, at most 10; "
        "null = the file names no reviewers."
    )
    n_could_review: int | None = Field(description="How many of the known reviewers that are.")
    suggested: list[str] | None = Field(
        description="Of these, whom to ask so that loads stay even over the whole plan."
    )
    new_reviewers_needed: int | None = Field(description="Reviews for which no known reviewer is left.")


class ReviewerLoad(FileModel):
    """One known reviewer."""

    reviewer: str
    items_so_far: int = Field(ge=0, description="Items that carry the reviewer's name.")
    could_review: int = Field(ge=0, description="Items of the plan that the reviewer has not labelled.")
    suggested: int = Field(ge=0, description="Items of the plan suggested to the reviewer.")


class PlanGain(FileModel):
    """What the plan is expected to tell, beside other ways to spend as many reviews; totals over items, in bits."""

    plan_bits: Estimate
    even_bits: Estimate = Field(description="The same number of reviews on every item, a rest to random items.")
    random_bits: Estimate = Field(description="Each review to a random item that still takes one, on average.")
    plan_to_even: Estimate = Field(description="plan_bits / even_bits.")
    plan_to_random: Estimate = Field(description="plan_bits / random_bits.")
    short_of_best_bits: float = Field(
        ge=0, description="No plan of as many reviews can buy more than this beyond plan_bits; 0 = it is the best."
    )


class UnknownBits(FileModel):
    """What is not known of the items, as a mean over all of them, in bits."""

    now: float = Field(description="As `unknown_now_bits` of an item.")
    after_plan: float
    after_even: float
    after_one_more_everywhere: float
    after_most_everywhere: float


class OneMoreEverywhere(FileModel):
    """What one more reviewer on every item would buy."""

    reviews: int = Field(ge=0, description="As many as there are items.")
    gain_bits: Estimate
    plan_of_as_many_bits: float = Field(description="What the best plan of as many reviews would buy.")
    cheapest_plan: int | None = Field(description="Reviews with which a plan buys as much; null = not to be had.")


class Returns(FileModel):
    """How what a review buys falls with their number."""

    most_reviews: int = Field(ge=0, description="Reviews beyond which none buys anything, at most `most` an item.")
    most_bits: float = Field(ge=0, description="What all of these would buy.")
    half_at: int = Field(ge=0, description="Reviews that buy half of it.")
    ninety_percent_at: int = Field(ge=0, description="Reviews that buy nine tenths of it.")
    first_review_bits: float = Field(ge=0, description="What a review buys at the beginning.")
    last_review_bits: float = Field(ge=0, description="What a review buys at the end of the budget.")
    next_review_bits: float = Field(ge=0, description="What a review beyond the budget would buy.")


class CurvePoint(FileModel):
    """What a number of reviews buys."""

    reviews: int = Field(ge=0)
    plan_bits: float
    even_bits: float
    random_bits: float


class ReviewPlan(FileModel):
    """How many more reviewers which items get under a budget."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    task: str
    labels: list[str]
    scale: Scale
    aim: ReviewAim = Field(description="What the further reviews are to tell: the labels' shares, or the class.")
    n_items: int = Field(ge=1)
    budget: int = Field(ge=0, description="Reviews that may be spent.")
    most_per_item: int = Field(ge=1)
    reviews: int = Field(ge=0, description="Reviews that the plan spends.")
    items_planned: int = Field(ge=0)
    cost_per_review: float | None = Field(description="As given, in the user's money; null = not given.")
    cost: float | None = Field(description="Of the plan, in the same money.")
    gain: PlanGain
    unknown: UnknownBits
    one_more_everywhere: OneMoreEverywhere
    returns: Returns
    curve: list[CurvePoint]
    sentences: list[str] = Field(description="The same in words.")
    items: list[PlannedReviews] = Field(description="Items that get reviewers, the most gain for a review first.")
    reviewers: list[ReviewerLoad] | None = Field(
        description="Known reviewers, by name; null = the file names none."
    )
    model_note: str = Field(description="Which posterior the numbers are made from.")
    settings: dict[str, int | float | str]
    notes: list[str]
