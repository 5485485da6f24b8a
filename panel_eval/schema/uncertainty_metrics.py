"""The section `uncertainty` of `fit.json`: why the panel is unsure, and what helps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.spread_metrics import Spread

Source = Literal["judges", "prompts", "label_orders", "samples"]


class UncertaintyPart(FileModel):
    """One part of the variance of the panel's votes, summed over labels, and what to do about it."""

    sources: list[Source] = Field(description="What it comes from; several where they cannot be told apart.")
    variance: Estimate = Field(
        description="How much more often two votes on an item disagree if they differ in this, too. Unbiased, so "
        "it can come out below 0 where there is little or none."
    )
    share: Estimate = Field(description="Of `total`, resampled whole.")
    left_in_panel: Estimate = Field(
        description="What of this variance is left in the panel's equally weighted q: smaller the more judges, "
        "orders or samples it averages over."
    )
    remedy: str = Field(description="What helps against it.")


class PositionBias(FileModel):
    """Whether a judge chooses a label for its place in the list."""

    first: Estimate = Field(
        description="How much more often the label listed first is chosen than if its place did not matter, as a "
        "share of votes; below 0 = it is shunned."
    )
    last: Estimate = Field(description="The same of the label listed last.")
    control: Literal["same_item", "other_items"] = Field(
        description="What a label is compared with: itself elsewhere in the list on the same item, or, where each "
        "item was asked in one order, on other items, which takes orders drawn at random."
    )


class Uncertainty(FileModel):
    """Variance of the judges' votes on an item, split by where it comes from: judges, then what lies in each."""

    n_items: int = Field(ge=0, description="Items that everything here rests on.")
    n_votes: int = Field(ge=0, description="Usable votes on them.")
    total: Estimate = Field(
        description="Sum of the parts: the chance that two votes on an item disagree if they differ in all "
        "sources. For votes that state distributions, half the mean squared distance between two of them."
    )
    parts: list[UncertaintyPart] = Field(description="The coarsest first.")
    not_told: dict[Source, str] = Field(description="Sources that have no part of their own, and why.")
    position_bias: dict[str, PositionBias] = Field(description="By judge; those asked in one order are left out.")
    position_note: str | None = Field(description="Why there is no position bias to show.")
    spread: Spread | None = Field(description="As `spread` of metrics.json: entropies in bits, on these items.")
    within_judge_remedy: str = Field(description="What to do where `spread` lies within judges.")
    between_judge_remedy: str = Field(description="What to do where it lies between them.")
    notes: list[str] = Field(description="What must be known to read the numbers.")
    advice: str = Field(description="What to do, in one sentence.")
