"""The section `fitting` of `fit.json`: what a fitted panel scores on items it was not fitted on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate, MetricTable

Target = Literal["soft", "hard"]
"""What a pool is fitted to: the votes as they are, or the majority label."""

FITTING_METRICS: tuple[str, ...] = (
    "ce_bits", "ce_skill", "kl_plugin_bits", "brier_debiased", "n_eq", "entropy_pearson", "mode_accuracy",
    "soft_ece",
)  # fmt: skip


class Fitting(FileModel):
    """How the fitted panel was chosen and what it scores, out of fold throughout."""

    method: str = Field(description="Of the pool that was fitted to all items.")
    target: Target = Field(description="What it was fitted to.")
    n_items: int = Field(ge=0, description="Labelled items.")
    n_fitted: int = Field(ge=0, description="Items that a judge answered: the others are left out.")
    folds: int = Field(ge=0, description="Outer folds of whole clusters.")
    chosen_in_folds: dict[str, int] = Field(description="Method to the number of outer folds it was chosen in.")
    raw_panel: MetricTable = Field(description="The panel as it pools today.")
    base_rate: MetricTable = Field(description="Label shares of the other items.")
    fitted: dict[Target, MetricTable] = Field(
        description="The whole procedure, its choices included, fitted to soft labels and to majority labels."
    )
    candidates: dict[str, MetricTable] = Field(description="Each method by itself, fitted to `target`.")
    ce_change_bits: Estimate = Field(
        description="Fitted panel less raw panel, on the same items: below 0 is better."
    )
    ce_change_from_base_bits: Estimate = Field(description="Fitted panel less base rate, on the same items.")
    notes: list[str] = Field(description="What must be known to read the numbers.")
    advice: str = Field(description="What to do, in one sentence.")
