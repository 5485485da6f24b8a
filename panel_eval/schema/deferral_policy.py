"""What a panel may decide by itself: the settings in a panel file, and the policy document `policy.json`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.fitted_pool import FittedPool
from panel_eval.schema.judge_identity import JudgeIdentity
from panel_eval.schema.panel import Smoothing
from panel_eval.schema.rubric import Scale

DeferralScore = Literal["entropy", "one_less_top", "margin", "between_judges", "judge_disagreement"]
"""What items are ranked by, higher = less certain."""
DeferralLoss = Literal["majority", "disagreement", "distance"]
"""What deciding an item by the panel's top label loses."""

_Level = Annotated[float, Field(gt=0.0, lt=1.0)]
_Amount = Annotated[float, Field(ge=0.0)]


class DeferralCosts(FileModel):
    """What reviewing, a wrong label and a judge's call cost, all in one currency."""

    human: _Amount = Field(description="One review by one person.")
    error: _Amount = Field(description="One item whose loss is 1; smaller losses cost their part of it.")
    call: _Amount | None = Field(
        default=None,
        description="Asking the panel about one item; null = as recorded with the votes, in US dollars.",
    )


class DeferralSettings(FileModel):
    """Key `deferral` of a panel file: when the panel decides an item, and when it hands it to people."""

    score: DeferralScore = Field(
        default="entropy",
        description="entropy, one_less_top or margin (1 - margin) of the panel's forecast; between_judges: "
        "Jensen-Shannon spread; judge_disagreement: chance that two judges name different labels.",
    )
    risk: _Level = Field(default=0.1, description="Highest mean loss among the decided items.")
    delta: _Level = Field(default=0.1, description="Chance of a calibration that breaks this promise.")
    loss: DeferralLoss = Field(
        default="disagreement",
        description="majority: 0/1, not the reviewers' unique most frequent label; disagreement: share of "
        "reviewers who chose another label; distance: their mean distance on an ordinal scale, 1 = all of it.",
    )
    reviewers: int = Field(default=3, ge=1, le=99, description="People asked about an item that is handed over.")
    costs: DeferralCosts | None = Field(default=None, description="For the cost curve; null = none is drawn.")
    set_coverage: _Level = Field(
        default=0.9, description="Chance that a label set holds the label of a random reviewer."
    )


class PolicyCalibration(FileModel):
    """What the threshold rests on."""

    n_items: int = Field(ge=0, description="Calibration items, one of each cluster, that could be decided.")
    n_decided: int = Field(ge=0, description="Those of them that the threshold decides.")
    mean_loss: float | None = Field(description="Mean loss among these; null = none is decided.")
    risk_bound: float | None = Field(description="Upper confidence bound of the risk; null = none is decided.")
    clustered: bool = Field(description="Whether one item was drawn of each cluster.")
    run_id: str | None = Field(default=None, description="The run whose votes were used.")
    labels_sha256: str | None = Field(default=None, description="Hash of the human labels used.")


class PolicyTest(FileModel):
    """What the policy did on items that it was not calibrated on."""

    n_items: int = Field(ge=0)
    coverage: float | None = Field(description="Share of the items that it decides; null = no test items.")
    risk: float | None = Field(description="Mean loss among these; null = none is decided.")


class PolicySets(FileModel):
    """Label sets that hold a random reviewer's label."""

    coverage: _Level = Field(description="Promised chance.")
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
    risk: _Level
    delta: _Level
    threshold: float | None = Field(
        description="Decide an item whose score, rounded to 9 decimals, is below it; null = hand over every item."
    )
    rule: str = Field(description="The same in words.")
    fewest_judges: int = Field(ge=1, description="An item that fewer judges answered is handed over.")
    judges: list[JudgeIdentity] = Field(min_length=1)
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
        if self.fewest_judges > len(ids):
            raise ValueError("fewest_judges must be at most the number of judges")
        return self
