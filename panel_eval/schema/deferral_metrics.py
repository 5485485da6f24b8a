"""The section `deferral` of `metrics.json`. It describes the items at hand; nothing in it is a guarantee."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class AccuracyAtCoverage(FileModel):
    """What the panel gets right among the items it is surest of."""

    coverage: float = Field(description="Share of the items that the panel decides.")
    accuracy: Estimate = Field(description="1 less the mean loss among them.")


class CoverageAtRisk(FileModel):
    """How many items the panel could have decided within a risk."""

    risk: float = Field(description="The mean loss that is put up with.")
    coverage: Estimate = Field(description="Largest share of the items, the surest first, within it; 0 if none.")


class RiskCoverageCurve(FileModel):
    """Risk among the items the panel would keep, from the most to the least certain."""

    coverage: list[float]
    selective_risk: list[float]
    oracle_risk: list[float] = Field(description="The same if items were ranked by their true loss.")
    aurc: Estimate = Field(description="Mean selective risk over all prefixes of the ranking (Geifman).")
    aurc_trapezoid: Estimate = Field(description="Area under the curve by trapezoids (fd-shifts, not times 1,000).")
    e_aurc_oracle: Estimate = Field(description="aurc less that of ranking these items by their true loss.")
    e_aurc_asymptotic: Estimate = Field(
        description="aurc_trapezoid less e + (1 - e) ln(1 - e), the optimum with infinitely many items; 0/1 loss."
    )
    augrc: Estimate = Field(description="Area under the generalized risk: the mean risk of silent failures.")
    e_augrc: Estimate = Field(description="augrc less that of ranking by true loss (e^2 / 2 for 0/1 losses).")
    auroc_failure: Estimate = Field(
        description="Chance that a failure is ranked less certain than a success; 0.5 = no use. Of a loss that is "
        "a share, a failure is an objecting reviewer."
    )
    accuracy_at_coverage: list[AccuracyAtCoverage]
    coverage_at_risk: list[CoverageAtRisk] = Field(
        description="Chosen with the losses known: the risk among new items can be higher."
    )
    loss: str


class DeferralRate(FileModel):
    """What handing over the least certain items gets wrong."""

    rate: float = Field(description="Share of the items handed to people, the least certain first; ties shared.")
    wasted: Estimate = Field(description="Share of the deferred items on which 9 in 10 reviewers agree.")
    missed_major: Estimate = Field(description="Share of the items the panel decides that are of class major.")
    missed_disagreement: Estimate = Field(description="The same for class major or unresolved.")


class RandomDeferral(FileModel):
    """The same shares if items were handed over at random, whatever the rate: the shares among all items."""

    wasted: Estimate
    missed_major: Estimate
    missed_disagreement: Estimate


class HumanCeiling(FileModel):
    """How well the spread of fresh reviewers finds the items that the actual reviewers disagreed on."""

    reviewers: int | None = Field(description="Fresh reviewers an item; null = as many as the item had.")
    auroc: Estimate = Field(description="Entropy of their votes against class major or unresolved.")
    relative_alignment: Estimate = Field(
        description="(AUROC of the panel - 0.5) / (this AUROC - 0.5): 1 = as good as such a group of people."
    )


class HumanRiskCurve(FileModel):
    """The risk of the panel's labels if items were ranked by the spread of fresh reviewers."""

    reviewers: int | None = Field(description="Fresh reviewers an item; null = as many as the item had.")
    risk: list[float] = Field(description="Expected over draws of them, at the coverages of `soft`.")
    note: str | None = None


class Deferral(FileModel):
    """Does the panel hold back where humans disagree?"""

    score: str = Field(description="The uncertainty score items are ranked by.")
    soft: RiskCoverageCurve = Field(description="Loss: share of reviewers who chose another label.")
    hard: RiskCoverageCurve = Field(description="Loss: 0/1 against the human mode, ties shared.")
    spearman_human_entropy: Estimate = Field(description="Rank correlation with the entropy of the actual votes.")
    spearman_expected_entropy: Estimate = Field(
        description="Rank correlation with the entropy expected of each item's population, given its votes."
    )
    auroc_disagreement: Estimate = Field(description="Uncertainty against human class major or unresolved.")
    auprc_disagreement: Estimate = Field(description="Area under its precision-recall curve; chance = prevalence.")
    prevalence_disagreement: Estimate = Field(description="Share of items of class major or unresolved.")
    n_disagreement: int
    auroc_by_score: dict[str, Estimate] = Field(
        description="auroc_disagreement if items were ranked by another score."
    )
    human_ceiling: list[HumanCeiling]
    human_risk: list[HumanRiskCurve] | None = Field(
        default=None, description="What `soft` would be if people did the ranking; null = not computed."
    )
    rates: list[DeferralRate]
    random: RandomDeferral
