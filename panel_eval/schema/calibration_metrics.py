"""The section `calibration` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class ReliabilityBin(FileModel):
    """One bin of a reliability diagram; soft = share of reviewers who chose the predicted label."""

    low: float = Field(description="Least mass on the top label in the bin.")
    high: float = Field(description="Largest mass on the top label in the bin.")
    n: int = Field(description="Items in the bin.")
    confidence: float = Field(description="Mean mass the panel put on its top label.")
    soft_accuracy: float = Field(description="Mean share of reviewers who chose that label.")
    hard_accuracy: float = Field(description="Share of items where it is the human majority (ties shared).")
    consistency_low: float | None = Field(
        default=None,
        description="Lower end of where soft_accuracy falls in 95 % of cases if each reviewer is drawn from the "
        "panel's own distribution of the item. null under 100 items.",
    )
    consistency_high: float | None = Field(default=None, description="Upper end of the same.")
    soft_accuracy_low: float | None = Field(
        default=None,
        description="Lower end of the 95 % interval of soft_accuracy, items resampled: a bin is off if its "
        "confidence lies outside. null under 100 items.",
    )
    soft_accuracy_high: float | None = Field(default=None, description="Upper end of the same.")


class Decomposition(FileModel):
    """cross_entropy_bits = human_entropy_bits + recalibration_gain_bits + refinement_bits, bits a vote."""

    cross_entropy_bits: Estimate = Field(description="Of the forecast as it is.")
    human_entropy_bits: Estimate = Field(
        description="Mean posterior entropy of the items' populations: what no forecast gets below."
    )
    recalibration_gain_bits: Estimate = Field(
        description="What one temperature and one bias a label take off the cross-entropy, fitted on other items. "
        "Negative: the forecast needs none."
    )
    temperature_gain_bits: Estimate = Field(description="The same with the temperature alone.")
    refinement_bits: Estimate = Field(
        description="What is left to the people after recalibration: only other judges or prompts reduce it."
    )
    miscalibrated_share: Estimate = Field(description="Gain / (gain + refinement), a ratio of means.")
    temperature: float | None = Field(
        description="Fitted on all items: above 1 the forecast is overconfident. null: it ranks labels the wrong "
        "way round, or there are too few items."
    )
    label_bias_nats: dict[str, float] = Field(
        description="Label to bias of the map, fitted on all items and summing to 0: above 0 the forecast gives "
        "the label too little."
    )


class SelfConfidence(FileModel):
    """One judge's self-reported confidence beside the share of reviewers who chose its label."""

    mean_confidence: Estimate = Field(description="Mean of what the judge reported, 0 to 1.")
    mean_agreement: Estimate = Field(description="Mean share of reviewers who chose the judge's label.")
    overconfidence: Estimate = Field(description="mean_confidence - mean_agreement; above 0: overconfident.")
    soft_ece: Estimate = Field(description="Soft calibration error of the reported confidence.")
    soft_ece_squared_debiased: Estimate = Field(description="Its square without the noise of the votes.")
    auroc: Estimate = Field(
        description="Chance that a reviewer who chose the judge's label sits on an item of higher confidence than "
        "one who did not; 0.5 = confidence says nothing."
    )


class Calibration(FileModel):
    """Calibration of the panel's top label against human frequencies."""

    soft_ece: Estimate
    classwise_soft_ece: Estimate
    smooth_ece: Estimate
    hard_ece: Estimate = Field(description="Against the majority label: misleading where reviewers disagree.")
    soft_ece_squared_debiased: Estimate | None = Field(
        default=None, description="Squared soft error without what the noise of the votes adds; may be negative."
    )
    soft_ece_rms_debiased: Estimate | None = Field(
        default=None, description="Its root, a root mean square gap; null where the square is not above 0."
    )
    reliability: list[ReliabilityBin]
    binning: str = Field(description="How bins were made, in words.")
    decomposition: Decomposition | None = Field(
        default=None, description="Where the panel's cross-entropy comes from."
    )
    judge_decompositions: dict[str, Decomposition] = Field(default_factory=dict, description="The same by judge.")
    self_confidence: dict[str, SelfConfidence] = Field(
        default_factory=dict, description="Judge to what its self-reported confidence is worth."
    )
