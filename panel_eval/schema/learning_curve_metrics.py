"""The section `learning_curve` of `fit.json`: what more labels would do for a fitted panel."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class CurvePoint(FileModel):
    """What pools score, out of fold, that were fitted to so many labels. Intervals: see `LearningCurve.band`."""

    items: int = Field(description="Items that a pool was fitted to.")
    reviewers: float = Field(description="Votes of each of them that it was fitted to, on average.")
    ce_bits: Estimate = Field(description="Cross-entropy per vote of items that the pool was not fitted to.")
    n_eq: Estimate = Field(description="How many reviewers of an item the fitted panel is worth.")
    base_rate_ce_bits: Estimate = Field(description="Cross-entropy of the label frequencies of the same items.")
    gain_over_base_rate_bits: Estimate = Field(description="What the fitted panel takes off that; below 0 = worse.")
    gain_over_panel_bits: Estimate = Field(
        description="What the fitted panel takes off the cross-entropy of the panel as it is."
    )


class LearningLaw(FileModel):
    """The law a + b n^-c through the cross-entropies by items, and what follows from it."""

    asymptote_bits: Estimate = Field(description="a: where the curve ends with labels without limit.")
    exponent: Estimate = Field(description="c: how fast the rest falls; taken to be between 1/2 and 2.")
    left_to_gain_bits: Estimate = Field(description="How far the largest size is above the asymptote.")
    next_doubling_bits: Estimate = Field(
        description="How much twice as many items would take off, by a law that may fall as slowly as a logarithm."
    )
    items_needed: Estimate = Field(
        description="Items from which on the curve is within `tolerance_bits` of its asymptote; null where the "
        "points do not tell."
    )
    tolerance_bits: float


class ItemsOrReviewers(FileModel):
    """Twice the items against twice the votes of each item, which makes as many votes in all."""

    votes: int = Field(description="Votes that each of the two pools is fitted to, about.")
    more_items: CurvePoint | None = Field(description="All items with half of their votes; null with `difference`.")
    more_reviewers: CurvePoint | None = Field(description="Half of the items with all their votes.")
    difference_bits: Estimate = Field(
        description="Cross-entropy with more reviewers less that with more items: above 0, items are better."
    )
    better: Literal["items", "reviewers"] | None = Field(description="null where the interval holds 0.")
    advice: str


class LearningCurve(FileModel):
    """How good a fitted panel is by the number of labels that it is fitted to."""

    by_items: list[CurvePoint] = Field(description="By number of items, each with all its votes.")
    by_reviewers: list[CurvePoint] = Field(description="By votes of each item, of as many items as there are.")
    panel_ce_bits: Estimate = Field(description="The panel as it is, fitted to nothing, on the same items.")
    panel_n_eq: Estimate
    beats_base_rate_from: int | None = Field(
        description="Least number of items from which on the interval of the gain over the base rate is above 0."
    )
    beats_panel_from: int | None = Field(description="The same for the gain over the panel as it is.")
    law: LearningLaw
    items_or_reviewers: ItemsOrReviewers
    band: str = Field(description="What the intervals of the points cover, and what they do not.")
    n_items: int = Field(description="Items that are scored; each by a pool that did not see its fold.")
    items_left_out: int = Field(description="Items that no judge answered.")
    folds: int
    draws: int = Field(description="Random draws of items and votes behind each point.")
    seed: int
    notes: list[str]
    advice: str
