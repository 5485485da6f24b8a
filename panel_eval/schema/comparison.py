"""The comparison contract: panel versions beside a baseline, item by item (`panel-eval compare --json`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.judge_fingerprint import JudgeFingerprint
from panel_eval.schema.metrics import Warning
from panel_eval.schema.rubric import Rubric, Scale
from panel_eval.schema.run import PriceRow

PRIMARY_METRICS: tuple[str, ...] = ("ce_bits", "brier_debiased")
"""Scores whose differences are unbiased for any number of reviewers: what is tested (METHODS 0.2, 3.2)."""

Verdict = Literal["better", "worse", "no difference shown", "not testable"]


class ComparedRun(FileModel):
    """One side of a comparison."""

    run_id: str
    panel: str | None = Field(default=None, description="Name of the panel; null for votes made elsewhere.")
    state: str
    started_at: str
    git_commit: str | None = None
    n_items: int = Field(ge=0, description="Labelled items.")
    n_scored: int = Field(ge=0, description="Those with a forecast of the panel.")
    judges: list[JudgeFingerprint]
    votes: dict[str, int] = Field(description="Outcome -> votes on labelled items.")
    cost_usd: float | None = Field(description="What its votes cost; null = not known.")
    cost_per_vote_usd: float | None = None
    latency_mean_s: float | None = Field(default=None, description="Mean seconds of a vote; null = not recorded.")
    latency_by_judge_s: dict[str, float] = Field(default_factory=dict)
    latency_p50_by_judge_s: dict[str, float] = Field(
        default_factory=dict, description="Half of a judge's votes took no longer."
    )
    latency_p95_by_judge_s: dict[str, float] = Field(
        default_factory=dict, description="19 of 20 of a judge's votes took no longer."
    )
    cost_by_judge_usd: dict[str, float | None] = Field(default_factory=dict)
    rubric: Rubric | None = Field(default=None, description="What was asked; null for scores without a rubric.")
    pooling: dict[str, str | int | float | None] = Field(
        default_factory=dict,
        description="How judges became one forecast: pooling, weights, smoothing, vote_strength, pool_sha256.",
    )
    prices: dict[str, PriceRow] = Field(default_factory=dict, description="Judge -> what its tokens cost.")
    settings: dict[str, str | int | float | None] = Field(
        default_factory=dict, description="Seed, resamples: what moves intervals and nothing else."
    )
    versions: dict[str, str] = Field(default_factory=dict, description="Packages that touch the numbers.")


class Difference(FileModel):
    """A tested difference, candidate less baseline, over the items that both scored. Below 0 is better."""

    metric: str = Field(description="ce_bits or brier_debiased.")
    segment: str = Field(description="overall, or a disagreement class.")
    base: float | None = Field(
        description="The baseline's mean over the same items. null for brier_debiased by class, and where no item "
        "has two reviewers: only the difference is unbiased there."
    )
    candidate: float | None = Field(description="The candidate's.")
    difference: Estimate = Field(
        description="With the 95 % interval of the mean, a t interval from clusters where there are any. `note` "
        "says why there is no number, or what must be known of it."
    )
    units: int = Field(ge=0, description="Independent items or clusters behind it.")
    standard_error: float | None = None
    p: float | None = Field(default=None, description="Sign-flip permutation test, two-sided.")
    p_worse: float | None = Field(default=None, description="The same, one-sided: a loss at least as large.")
    p_holm: float | None = Field(
        default=None,
        description="`p` adjusted for all tests of the family: overall and the testable classes of this metric, of "
        "all candidates. null outside the family.",
    )
    detectable: float | None = Field(
        default=None, description="Smallest true difference found four times in five at the 5 % level."
    )
    testable: bool = Field(
        description="Overall: enough independent units for an interval. A class: so many (20) that a large "
        "difference is found with the usual spread between items, or fewer with a small `detectable`."
    )
    verdict: Verdict = Field(description="By `p_holm`; of single judges, outside the family, by `p`.")


class DisplayDifference(FileModel):
    """A difference of a metric to look at, not to decide on: nothing is tested or adjusted."""

    metric: str = Field(description="A metric of metrics.json.")
    segment: str = Field(description="overall, or a disagreement class made by all votes of an item.")
    better: Literal["lower", "higher", "nearer to 0"] | None = Field(
        default=None, description="Which values of the metric are better; null = neither."
    )
    base: Estimate
    candidate: Estimate
    difference: Estimate = Field(description="Candidate less baseline, over the items that both scored.")


class SideOfItem(FileModel):
    """What one side said about an item."""

    forecast: dict[str, float] = Field(description="Label -> mass of the panel's forecast.")
    votes: dict[str, list[str]] = Field(
        default_factory=dict, description="Judge -> its votes in words: a label, shares of labels, or an outcome."
    )


class MovedItem(FileModel):
    """An item whose score moved much."""

    item_id: str
    human_class: str
    human_counts: dict[str, float] = Field(description="Label -> reviewers (effective ones where not known).")
    difference_bits: float = Field(description="Candidate's cross-entropy less the baseline's.")
    base: SideOfItem
    candidate: SideOfItem
    content: dict[str, str] = Field(default_factory=dict, description="Its text, shortened.")


class Overlap(FileModel):
    """Which items are compared, and which cannot be."""

    shared: int = Field(ge=0, description="Items of both runs with the same text and the same human votes.")
    compared: int = Field(ge=0, description="Those with a forecast of both panels.")
    only_base: int = Field(ge=0)
    only_candidate: int = Field(ge=0)
    other_votes: int = Field(ge=0, description="Items of both runs whose human votes differ.")
    other_content: int = Field(ge=0, description="Items of both runs whose text differs.")
    examples: dict[str, list[str]] = Field(default_factory=dict, description="A few item ids of each kind.")

    @property
    def same_data(self) -> bool:
        """Whether both runs are about the same items with the same human votes."""
        return not (self.only_base or self.only_candidate or self.other_votes or self.other_content)


class Missing(FileModel):
    """Shared items that only one side scored, and what they could hide."""

    only_base_scored: int = Field(ge=0, description="Shared items that the candidate has no forecast of.")
    only_candidate_scored: int = Field(ge=0)
    neither_scored: int = Field(ge=0)
    usable_votes: dict[str, float] = Field(
        default_factory=dict, description="Outcome `ok` as share of the votes: `base`, `candidate`."
    )
    as_base_rate: Estimate = Field(
        description="Difference in ce_bits over all shared items, the base rate standing in for missing forecasts."
    )
    best: float | None = Field(description="Difference in Brier score, missing forecasts as kind as can be.")
    worst: float | None = Field(description="The same, as unkind to the candidate as can be.")


class Change(FileModel):
    """Something that is not the same on both sides."""

    what: Literal["judge", "prompt", "rubric", "data", "price", "pooling", "setting", "version"]
    name: str = Field(description="The judge, the file, the package …")
    key: str = Field(default="", description="Which of its settings.")
    base: str | None = Field(description="In words, shortened; null = not there.")
    candidate: str | None
    diff: list[str] = Field(
        default_factory=list, description="Lines of a unified diff of the two texts, where both runs hold them."
    )
    instrument: bool = Field(
        default=False, description="Whether it makes the panel another instrument: what `gate` stops at."
    )


class CandidateComparison(FileModel):
    """One candidate beside the baseline."""

    run: ComparedRun
    overlap: Overlap
    tests: list[Difference] = Field(description="The declared family: each primary metric, overall and by class.")
    judges: dict[str, list[Difference]] = Field(
        default_factory=dict,
        description="Judge of both panels, by the candidate's id -> its own differences overall, outside the "
        "family.",
    )
    display: list[DisplayDifference] = Field(default_factory=list)
    moved: list[MovedItem] = Field(default_factory=list, description="Largest differences first.")
    missing: Missing | None = None
    changes: list[Change] = Field(default_factory=list)
    warnings: list[Warning] = Field(default_factory=list)
    verdict: Verdict = Field(description="Of ce_bits overall.")
    advice: str = Field(description="What the numbers carry, in a sentence.")


class ComparisonReport(FileModel):
    """Candidates beside a baseline. Same runs, same settings, same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    scale: Scale
    settings: dict[str, str | int | float | None] = Field(description="alpha, flips, seed, resamples …")
    base: ComparedRun
    candidates: list[CandidateComparison] = Field(min_length=1)
    advice: str = Field(description="Which candidate, if any, in a sentence.")
