"""The section `agreement` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import MetricTable

PairTable = dict[str, dict[str, float | None]]
"""Judge to judge to number; null where it is undefined."""


class RaterAgreement(FileModel):
    """How far raters of one kind agree with each other on the same items."""

    coefficients: MetricTable = Field(
        description="pair_agreement (chance that two votes of an item agree), alpha_nominal, fleiss_kappa, "
        "gwet_ac1; ordinal scales add alpha_ordinal, alpha_interval, gwet_ac2_ordinal, gwet_ac2_linear, "
        "gwet_ac2_quadratic."
    )
    prevalence: dict[str, float] = Field(description="Label to its mean share over items: what skews kappa.")
    votes: str = Field(description="What counts as a vote.")


class CrossAgreement(FileModel):
    """How far judges agree with the people: every vote of a reviewer beside the judge's answer on that item."""

    together: MetricTable = Field(
        description="All judges: alpha_LEVEL across, and normalised_LEVEL = alpha across / √(alpha of the people × "
        "alpha of the judges); below 1 the judges share judgements that the people do not."
    )
    panel: MetricTable = Field(description="As `judges`, of the panel's forecast.")
    judges: dict[str, MetricTable] = Field(
        description="Each judge: alpha_LEVEL across; kappa_majority and (quadratic) weighted_kappa_majority: "
        "Cohen's kappa of its top answer with the reviewers' majority, ties shared."
    )
    note: str | None = Field(description="What to read in the three alphas.")


class JudgeRedundancy(FileModel):
    """How much of the judges' agreement and error is the same."""

    numbers: MetricTable = Field(
        description="error_correlation (mean over pairs of judges, the reviewers' noise taken off), "
        "error_correlation_uncorrected, effective_judges, effective_judges_eigen, kappa_p (mean over pairs)."
    )
    error_correlation: PairTable = Field(description="Of each pair, the reviewers' noise taken off.")
    kappa_p: PairTable = Field(description="Agreement of each pair beyond what their accuracies explain.")
    cohen_kappa: PairTable = Field(description="Of the top answers of each pair, ties shared.")
    weighted_kappa: PairTable | None = Field(description="Quadratic weights; null on nominal scales.")


class AltTestResult(FileModel):
    """The alternative annotator test of one judge (or the panel)."""

    winning_rate: float | None = Field(description="ω: share of reviewers it may stand in for; passes from .5 on.")
    advantage: float | None = Field(
        description="ρ: chance that it represents the other reviewers at least as well as one of them does."
    )
    passes: bool | None
    n_reviewers: int = Field(ge=0, description="Reviewers tested.")
    n_won: int = Field(ge=0, description="Reviewers it may stand in for.")
    note: str | None = None


class AltTest(FileModel):
    """The alternative annotator test (Calderon et al. 2025): may one label of a judge replace a reviewer's?"""

    epsilon: float = Field(description="What the judge's lower cost may excuse: .2 experts, .15 skilled, .1 crowd.")
    score: str = Field(description="accuracy, or neg_rmse on ordinal scales.")
    fdr: float = Field(description="False discovery rate over reviewers (Benjamini-Yekutieli).")
    fewest_items: int = Field(description="Reviewers with fewer items are not tested.")
    panel: AltTestResult = Field(description="The panel's top answer, ties shared.")
    panel_distribution: AltTestResult = Field(
        description="Our extension: one label drawn from the panel's distribution, in expectation."
    )
    judges: dict[str, AltTestResult] = Field(description="Each judge's top answer, ties shared.")


class Agreement(FileModel):
    """Agreement among the people, among the judges, and between the two; the items' classes as we derive them."""

    class_counts: dict[str, int]
    reported_vs_derived: dict[str, dict[str, int]] = Field(
        description="reported class (or 'not reported') -> derived class -> items"
    )
    human: RaterAgreement | None = Field(default=None, description="Reviewers with each other, from the counts.")
    judge: RaterAgreement | None = Field(default=None, description="Judges with each other; null if there is one.")
    cross: CrossAgreement | None = Field(default=None, description="Judges with reviewers.")
    redundancy: JudgeRedundancy | None = Field(default=None, description="null if there is one judge.")
    alt_test: AltTest | None = Field(default=None, description="null where the file does not name its reviewers.")
    alt_test_note: str | None = Field(default=None, description="Why there is no test, or what it rests on.")
