"""The section `reliability` of `metrics.json`: how good people are, and the panel between floor and ceiling."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class SplitHalf(FileModel):
    """Do an item's reviewers say again what they said? Two halves of its votes, stepped up to all of them.

    A reliability, not a ceiling: the correlation that a second panel of as many people would have with this one.
    """

    dispersion: Estimate = Field(
        description="Of how much reviewers disagree (1 - Σ share²), without bias from any four or more votes."
    )
    entropy: Estimate = Field(
        description="Of the entropy of the votes, by Spearman-Brown; too low with under about 10 votes."
    )
    mode_share: Estimate = Field(description="Of the share of the most chosen label, by Spearman-Brown.")
    label_share: dict[str, Estimate] = Field(description="Label -> reliability of its share, by Spearman-Brown.")


class CorrectedCorrelation(FileModel):
    """The panel's entropy correlation, corrected for the noise of few reviewers."""

    observed: Estimate = Field(description="Pearson's correlation of the panel's entropy with the votes' entropy.")
    reliability: Estimate = Field(description="Share of the votes' dispersion that is not chance: `dispersion`.")
    corrected: Estimate = Field(description="observed / √reliability: with very many reviewers. Can exceed 1.")


class AgainstOthers(FileModel):
    """A forecast of what the other n - 1 reviewers of an item said, averaged over who is left out."""

    accuracy: Estimate = Field(description="Chance that its top label is the others' most chosen one, ties shared.")
    ce_bits: Estimate = Field(description="Cross-entropy, bits a vote.")
    brier: Estimate = Field(description="Expected Brier score of a vote.")


class SingleHuman(FileModel):
    """One reviewer, and the panel, against the same n - 1 other reviewers."""

    single_human: AgainstOthers = Field(description="One reviewer's vote, smoothed as the panel is.")
    panel_same_reference: AgainstOthers
    panel_minus_human: AgainstOthers = Field(description="Paired difference, panel - single human.")
    other_reviewers: AgainstOthers = Field(
        description="The n - 1 others, smoothed, as a forecast of the vote left out: a ceiling that needs no model."
    )


class Skill(FileModel):
    """Where a forecaster stands between floor and ceiling: (floor - loss) / (floor - ceiling), means over items.

    0 = the floor, 1 = the ceiling; more than 1 is possible against people. Null where floor and ceiling cannot be
    told apart.
    """

    base_rate_to_noise_free: Estimate = Field(description="Ceiling: the population itself, known exactly.")
    base_rate_to_human_parity: Estimate = Field(description="Ceiling: a fresh panel of as many people.")
    uniform_to_noise_free: Estimate
    uniform_to_human_parity: Estimate


class SkillTable(FileModel):
    """Skill of one forecaster in each loss."""

    overall: dict[str, Skill] = Field(description="ce_bits, brier_debiased and, on ordinal scales, rps.")
    by_class: dict[str, dict[str, Skill]] = Field(
        description="Class -> loss -> skill; model-based: on the population that an item's votes lead to expect."
    )


class Reliability(FileModel):
    """How reliable the reviewers are, and where the panel and its judges stand between floor and ceiling."""

    split_half: SplitHalf
    entropy_correlation: CorrectedCorrelation
    against_others: SingleHuman
    n_eq_ce: Estimate = Field(
        description="People whose smoothed shares have the panel's cross-entropy, interpolated in 1 / n."
    )
    n_eq_ce_judges: dict[str, Estimate] = Field(description="Judge -> the same.")
    skill: SkillTable
    skill_judges: dict[str, SkillTable] = Field(description="Judge -> skill.")
