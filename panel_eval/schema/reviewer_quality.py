"""What is known of each reviewer of a label file: a part of the document `label-quality`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

GoldStatus = Literal["passes", "flagged", "fails", "too_few", "none"]
"""By the interval of the pass rate against the threshold; `too_few`: even all passed would not have reached it."""


class PassRate(FileModel):
    """Gold items answered as they should be."""

    passed: int = Field(ge=0)
    n: int = Field(ge=0, description="Votes on gold items.")
    rate: Estimate = Field(description="passed / n; Wilson's interval, Clopper-Pearson's where none or all passed.")
    status: GoldStatus


class ReviewerQuality(FileModel):
    """One reviewer, where the file names who cast which vote."""

    reviewer: str
    votes: int = Field(ge=0)
    comparable: int = Field(ge=0, description="Items with at least two other reviewers: what agreement rests on.")
    agreement: Estimate = Field(
        description="Chance that a random other reviewer of the same item chose the same label."
    )
    expected: Estimate = Field(
        description="The same chance of the other reviewers of just these items among themselves: items differ in "
        "difficulty."
    )
    difference: Estimate = Field(description="agreement - expected; below 0 = agrees less than others do there.")
    p_adjusted: float | None = Field(description="Of difference = 0, adjusted over reviewers; null = not tested.")
    deviates: bool = Field(description="Agrees too little: p_adjusted at most the level, and difference below 0.")
    severity: Estimate | None = Field(
        description="Ordinal scales: mean steps that the reviewer stands above the others' mean; null elsewhere."
    )
    severity_p_adjusted: float | None
    label_counts: dict[str, int] = Field(description="Label to how often the reviewer chose it.")
    mean_confidence: float | None = Field(description="Self-reported; null where none are reported.")
    n_confidence: int = Field(ge=0)
    confidence_auroc: Estimate = Field(
        description="Chance that the reviewer was surer of a vote with the others' most frequent label than of one "
        "without it; 0.5 = confidence says nothing."
    )
    with_evidence: int = Field(ge=0, description="Votes that come with a rationale's text.")
    slip_rate: float | None = Field(
        description="Rate of random slips assumed in `review`: the one that makes the reviewer's votes likeliest, "
        "pulled to the base rate; no measurement of the reviewer."
    )
    gold: PassRate


class Reviewers(FileModel):
    """The reviewers whom the file names."""

    n_named: int = Field(ge=0, description="Different names.")
    items_read: int = Field(ge=0, description="Items looked at for names; many items are sampled.")
    items_used: int = Field(ge=0, description="Of these, items on which every vote has a name.")
    adjustment: str = Field(description="How p-values are adjusted.")
    level: float = Field(description="Below which an adjusted p-value flags a reviewer.")
    fewest_items: int = Field(description="Reviewers with fewer comparable items are not tested.")
    tested: int = Field(ge=0)
    deviating: list[str] = Field(description="Reviewers who agree too little.")
    reviewers: list[ReviewerQuality] = Field(
        description="Those who agree least beyond chance first; at most 300 of them."
    )
    note: str | None = Field(description="Why there is nothing, or what it rests on.")
