"""The section `diagnosis` of `metrics.json`: why people and judges differ, item by item, counted."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

HumanQuadrant = Literal[
    "genuine_ambiguity", "rubric_problem", "fragile_consensus", "clear", "indeterminate", "no_confidence"
]
HUMAN_QUADRANTS: tuple[HumanQuadrant, ...] = get_args(HumanQuadrant)

HumanSplit = Literal["split", "agreed", "between"]
HUMAN_SPLITS: tuple[HumanSplit, ...] = get_args(HumanSplit)

JudgeQuadrant = Literal["judges_agree", "judges_unsure", "judges_contradict", "no_forecast"]
JUDGE_QUADRANTS: tuple[JudgeQuadrant, ...] = get_args(JudgeQuadrant)

DiagnosisName = Literal[
    "genuine_ambiguity", "ambiguity_missed", "rubric_problem", "split_unexplained", "split_missed",
    "judge_confusion", "judges_confidently_wrong", "needless_doubt", "fragile_consensus", "clear", "agreed",
    "indeterminate", "no_forecast",
]  # fmt: skip
DIAGNOSES: tuple[DiagnosisName, ...] = get_args(DiagnosisName)


class CountedShare(FileModel):
    """How many items, and which share of how many."""

    items: int = Field(ge=0)
    share: Estimate = Field(description="Of `n` items, with its Wilson interval (of clusters, if there are any).")


class Tally(CountedShare):
    """Items of one kind, overall and by derived disagreement class."""

    meaning: str = Field(description="What the kind means, in one sentence.")
    advice: str | None = Field(default=None, description="What to do with such items.")
    by_class: dict[str, CountedShare] = Field(description="Of the items of each disagreement class that occurs.")


class ConfidenceTest(FileModel):
    """Whether reviewers are less sure where they disagree."""

    spearman: Estimate = Field(
        description="Rank correlation over items of the standardised confidence with the chance that two reviewers "
        "disagree; below 0 = less sure where they disagree."
    )
    p_value: float | None = Field(
        ge=0, le=1, description="Two-sided sign-flip test of no relation, whole clusters at a time; null = too few."
    )
    n_units: int = Field(ge=0, description="Items, or clusters, that the test flips.")


class HumanQuadrants(FileModel):
    """Items by how split their reviewers are and how sure of themselves; needs no judges."""

    quadrants: dict[HumanQuadrant, Tally] = Field(description="Of the items whose confidences were read.")
    splits: dict[HumanSplit, Tally] = Field(description="All items by votes alone: told without confidences.")
    n_items: int = Field(ge=0)
    n_placed: int = Field(ge=0, description="Items in one of the four quadrants.")
    n_with_confidence: int = Field(ge=0, description="Items with at least one reviewer's confidence.")
    n_standardised: int = Field(
        ge=0, description="Reviewers whose confidences are compared with their own others, not with everyone's."
    )
    n_reviewers: int = Field(ge=0, description="Named reviewers who stated a confidence.")
    entropy_estimator: Literal["empirical_bayes", "jeffreys"]
    split_cut_lowest: float = Field(
        description="Expected entropy / log2 labels of a 2:1 split of the item's votes; lowest of all items."
    )
    split_cut_highest: float = Field(description="The same, highest: it goes with reviewers and labels.")
    split_dead_zone: float = Field(ge=0, description="So close above its cut-off an item is not called split.")
    agreed_dead_zone: float = Field(ge=0, description="So close below its cut-off an item is not called agreed.")
    confidence_cut: float | None = Field(description="Median standardised confidence of the items.")
    confidence_dead_zone: float | None = Field(description="So close to the median a confidence decides nothing.")
    confidence_test: ConfidenceTest | None = Field(description="null = no confidences.")
    note: str | None = None


class JudgeQuadrants(FileModel):
    """Items by where the judges' spread comes from."""

    quadrants: dict[JudgeQuadrant, Tally]
    within_cut_bits: float = Field(
        description="Mean entropy of the judges' own answers from which they are unsure."
    )
    between_cut_lowest_bits: float = Field(
        description="Spread between judges from which they contradict one another, where each is unsure."
    )
    between_cut_highest_bits: float = Field(description="The same where each judge is certain of its label.")
    note: str | None = Field(default=None, description="What the votes at hand cannot tell.")


class Diagnosis(FileModel):
    """Both sides, and what they say together about each item."""

    humans: HumanQuadrants
    judges: JudgeQuadrants
    diagnoses: dict[DiagnosisName, Tally] = Field(description="Of the items whose confidences were read.")
