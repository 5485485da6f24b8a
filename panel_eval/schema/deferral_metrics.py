"""The section `deferral` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


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
