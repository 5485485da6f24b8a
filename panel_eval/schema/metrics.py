"""The metrics contract: `metrics.json`. A number that cannot be computed is null with a note."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.agreement_metrics import Agreement
from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.beside_metrics import Beside
from panel_eval.schema.calibration_metrics import Calibration
from panel_eval.schema.class_metrics import Classes
from panel_eval.schema.coverage_metrics import Coverage
from panel_eval.schema.deferral_metrics import Deferral
from panel_eval.schema.diagnosis import Diagnosis
from panel_eval.schema.economics_metrics import Economics
from panel_eval.schema.entropy_metrics import HumanEntropy
from panel_eval.schema.estimate import Scores
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.mass_metrics import Mass
from panel_eval.schema.policy_metrics import PolicyReport
from panel_eval.schema.precision_metrics import Precision
from panel_eval.schema.rationale_metrics import RationaleMetrics
from panel_eval.schema.reliability_metrics import Reliability
from panel_eval.schema.rubric import Scale
from panel_eval.schema.spread_metrics import Spread

NOMINAL_METRICS: tuple[str, ...] = (
    "ce_bits", "ce_skill", "ce_crossfit_bits", "ce_crossfit_skill", "kl_bits", "kl_plugin_bits",
    "kl_naive_bias_bits", "jsd_bits", "js_distance", "tvd", "hellinger",
    "brier", "brier_debiased", "n_eq", "mode_accuracy",
    "entropy_pearson", "entropy_spearman", "entropy_error_bits", "entropy_error_abs_bits", "rank_match",
    "soft_ece", "soft_ece_squared_debiased", "soft_ece_rms_debiased", "classwise_soft_ece",
    "smooth_ece", "hard_ece",
)  # fmt: skip
ORDINAL_METRICS: tuple[str, ...] = ("w1", "rps", "rps_divergence")
CLASS_NAMES: tuple[str, ...] = ("agreement", "minor", "major", "unresolved", "insufficient")


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
    beside: dict[str, Beside] = Field(
        default_factory=dict, description="Models that are scored like judges and take no part in the panel."
    )
    references: dict[str, Scores]
    calibration: Calibration
    deferral: Deferral
    spread: Spread
    agreement: Agreement
    human_entropy: HumanEntropy
    reliability: Reliability
    classes: Classes
    precision: Precision
    economics: Economics
    coverage: Coverage
    policy: PolicyReport | None = Field(
        default=None, description="What the panel may decide by itself; null = its file has no `deferral`."
    )
    diagnosis: Diagnosis | None = Field(
        default=None, description="Why people and judges differ; null = the run was sealed before this was told."
    )
    label_quality: LabelQuality | None = Field(
        default=None, description="Whether the reviewers' labels are sound; made without the judges."
    )
    mass: Mass | None = Field(
        default=None,
        description="Mean shares of the reviewers beside the panel's; null = scored before this was told.",
    )
    rationales: RationaleMetrics | None = Field(
        default=None,
        description="What the judges mention of the reviewers' evidence; null = scored before this was.",
    )
    warnings: list[Warning]
