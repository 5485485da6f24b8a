"""The metrics contract: `metrics.json`. A number that cannot be computed is null with a note."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.rubric import Scale

NOMINAL_METRICS: tuple[str, ...] = (
    "ce_bits", "ce_skill", "kl_bits", "kl_plugin_bits", "jsd_bits", "js_distance", "tvd", "hellinger",
    "brier", "brier_debiased", "n_eq", "mode_accuracy",
    "entropy_pearson", "entropy_spearman", "entropy_error_bits", "entropy_error_abs_bits", "rank_match",
    "soft_ece", "classwise_soft_ece", "smooth_ece", "hard_ece",
)  # fmt: skip
ORDINAL_METRICS: tuple[str, ...] = ("w1", "rps", "rps_divergence")
CLASS_NAMES: tuple[str, ...] = ("agreement", "minor", "major", "unresolved", "insufficient")


class Estimate(FileModel):
    """One number with its 95 % interval and the number of items behind it."""

    estimate: float | None = Field(description="null = cannot be computed; then `note` says why.")
    low: float | None = Field(default=None, description="Lower end of the 95 % interval.")
    high: float | None = Field(default=None, description="Upper end of the 95 % interval.")
    n: int = Field(ge=0, description="Items behind the number.")
    note: str | None = None

    @model_validator(mode="after")
    def _null_is_explained(self) -> Estimate:
        if self.estimate is None and not self.note:
            raise ValueError("an estimate of null needs a note")
        return self


MetricTable = dict[str, Estimate]


class Scores(FileModel):
    """All metrics of one forecaster, overall and per derived disagreement class."""

    overall: MetricTable
    by_class: dict[str, MetricTable]


class ReliabilityBin(FileModel):
    """One bin of a reliability diagram; soft = share of reviewers who chose the predicted label."""

    low: float
    high: float
    n: int
    confidence: float = Field(description="Mean mass the panel put on its top label.")
    soft_accuracy: float = Field(description="Mean share of reviewers who chose that label.")
    hard_accuracy: float = Field(description="Share of items where it is the human majority (ties shared).")


class Calibration(FileModel):
    """Calibration of the panel's top label against human frequencies."""

    soft_ece: Estimate
    classwise_soft_ece: Estimate
    smooth_ece: Estimate
    hard_ece: Estimate
    reliability: list[ReliabilityBin]
    binning: str = Field(description="How bins were made, in words.")


class RiskCoverageCurve(FileModel):
    """Risk among the items the panel would keep, from the most to the least certain."""

    coverage: list[float]
    selective_risk: list[float]
    oracle_risk: list[float] = Field(description="The same if items were ranked by their true loss.")
    aurc: Estimate
    augrc: Estimate
    loss: str


class Deferral(FileModel):
    """Does the panel hold back where humans disagree?"""

    score: str = Field(description="The uncertainty score items are ranked by.")
    soft: RiskCoverageCurve = Field(description="Loss: share of reviewers who chose another label.")
    hard: RiskCoverageCurve = Field(description="Loss: 0/1 against the human mode, ties shared.")
    spearman_human_entropy: Estimate
    auroc_disagreement: Estimate = Field(description="Uncertainty against human class major or unresolved.")
    n_disagreement: int


class Agreement(FileModel):
    """Derived classes of the items beside the classes reported in the label file."""

    class_counts: dict[str, int]
    reported_vs_derived: dict[str, dict[str, int]] = Field(
        description="reported class (or 'not reported') -> derived class -> items"
    )


class Coverage(FileModel):
    """How many votes ended in which outcome: never renormalised, always counted."""

    total: dict[str, int]
    by_judge: dict[str, dict[str, int]]
    by_class: dict[str, dict[str, int]]


class Warning(FileModel):
    """Something a reader of the numbers must know."""

    code: str
    text: str


class Metrics(FileModel):
    """The whole of `metrics.json`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    scale: Scale
    n_items: int
    n_scored: int
    units: dict[str, str]
    settings: dict[str, str | int | float | None] = Field(description="Pooling, smoothing, seed, resamples …")
    panel: Scores
    judges: dict[str, Scores]
    references: dict[str, Scores]
    calibration: Calibration
    deferral: Deferral
    agreement: Agreement
    economics: dict[str, float | int | None] = Field(description="Cost, tokens and latency of the votes.")
    coverage: Coverage
    warnings: list[Warning]
