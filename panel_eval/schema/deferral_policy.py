"""What a panel may decide by itself: the policy document `policy.json`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.deferral_settings import DeferralLoss, DeferralScore, Level
from panel_eval.schema.fitted_pool import FittedPool
from panel_eval.schema.judge_identity import Digest, ItemDigests, JudgeIdentity
from panel_eval.schema.panel import Smoothing
from panel_eval.schema.rubric import Scale


class PolicyCalibration(FileModel):
    """What the threshold rests on."""

    n_items: int = Field(ge=0, description="Calibration items, one of each cluster, that could be decided.")
    n_decided: int = Field(ge=0, description="Those of them that the threshold decides.")
    mean_loss: float | None = Field(description="Mean loss among these; null = none is decided.")
    risk_bound: float | None = Field(description="Upper confidence bound of the risk; null = none is decided.")
    clustered: bool = Field(description="Whether one item was drawn of each cluster.")
    item_digests: ItemDigests = Field(
        default="", description="Of the calibration items, as in a fitted pool: a promise is for other items."
    )
    run_id: str | None = Field(default=None, description="The run whose votes were used.")
    labels_sha256: str | None = Field(default=None, description="Hash of the human labels used.")


class PolicyTest(FileModel):
    """What the policy did on items that it was not calibrated on."""

    n_items: int = Field(ge=0)
    coverage: float | None = Field(description="Share of the items that it decides; null = no test items.")
    risk: float | None = Field(description="Mean loss among these; null = none is decided.")


class PolicySets(FileModel):
    """Label sets that hold a random reviewer's label."""

    coverage: Level = Field(description="Promised chance.")
    threshold: float | None = Field(
        description="A label belongs to the set if 1 less its probability is at most this; null = all labels do."
    )
    n_items: int = Field(ge=0, description="Calibration items (clusters) behind it.")


class DeferralPolicy(FileModel):
    """The whole of `policy.json`: decides items one by one, wherever the same panel is asked."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str] = Field(min_length=1)
    scale: Scale
    score: DeferralScore
    loss: DeferralLoss
    risk: Level
    delta: Level
    threshold: float | None = Field(
        description="Decide an item whose score, rounded to 9 decimals, is below it; null = hand over every item."
    )
    rule: str = Field(description="The same in words.")
    fewest_judges: int = Field(ge=1, description="An item that fewer judges answered is handed over.")
    judges: list[JudgeIdentity] = Field(min_length=1)
    rubric_hash: Digest | None = Field(default=None, description="sha256 of the rubric; null if there was none.")
    pooling: Literal["linear"] | FittedPool = Field(
        default="linear", description="How the judges are joined: weighted mean, or the fitted pool in full."
    )
    weights: dict[str, float] = Field(default_factory=dict, description="Of judges in a linear pool; others: 1.")
    smoothing: Smoothing | Literal["none"] = Field(default_factory=Smoothing)
    calibration: PolicyCalibration
    test: PolicyTest
    sets: PolicySets
    seed: int

    @model_validator(mode="after")
    def _judges_can_answer(self) -> Self:
        ids = [judge.id for judge in self.judges]
        if len(set(ids)) != len(ids):
            raise ValueError(f"judge ids must be unique; found {ids}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must be unique; found {self.labels}")
        if self.fewest_judges > len(ids):
            raise ValueError("fewest_judges must be at most the number of judges")
        return self
