"""What `panel-eval plan --json` says: what a run would buy, what that costs, and what it could show."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.run import PriceRow


class Span(FileModel):
    """A number that is not known yet."""

    low: float = Field(description="It will hardly be less.")
    expected: float
    worst: float = Field(description="It cannot be more, but for requests that fail and are billed all the same.")


class VotesEstimate(FileModel):
    """What some planned votes will take. Tokens, cost and time are those of the votes still to be bought."""

    votes: int = Field(description="Votes planned.")
    stored: int = Field(description="Already stored by the run that would be gone on with.")
    out: int = Field(description="Submitted in provider batches by that run, and not collected yet.")
    reusable: int = Field(description="Stored by one of the runs named for reuse.")
    to_buy: int
    input_tokens: Span
    output_tokens: Span
    usd: Span | None = Field(description="US dollars; null = the price is unknown.")
    batch_usd: Span | None = Field(
        description="The same in provider batches; null = no batch price is known, or no price at all."
    )
    seconds: float | None = Field(description="At the configured limits; null = cannot be told.")


class JudgeEstimate(VotesEstimate):
    """What one judge's votes will take."""

    judge: str
    model: str
    price: PriceRow | None = Field(description="null = unknown.")
    free: bool = Field(description="Whether its tokens cost nothing.")
    earlier_votes: int = Field(
        description="Votes of this judge whose tokens the estimate rests on; 0 = assumptions."
    )
    latency_s: float | None = Field(description="Of earlier votes, else assumed; null = nothing is sent.")
    slowest: Literal["concurrency", "rpm", "tpm"] | None = Field(description="The limit that decides the time.")


class BudgetCheck(FileModel):
    """A limit of the panel against what a run would spend."""

    unit: Literal["usd", "tokens"]
    limit: float
    spent: float = Field(description="By the run that would be gone on with, uncertain spend included.")
    expected: float = Field(description="Of the votes to buy.")
    worst: float
    fits: Literal["worst", "expected", "no"] = Field(description="What fits into what is left of the limit.")
    share: float = Field(description="Share of the votes to buy that the rest of the limit is expected to pay for.")


class Detectable(FileModel):
    """The smallest difference between two versions of the panel that these items would show."""

    name: str = Field(description="`overall` or the disagreement class.")
    items: int
    design_effect: float = Field(description="Variance over that of as many independent items.")
    difference_bits: float | None = Field(description="In ce_bits; null without items.")
    testable: bool


class PlanEstimate(FileModel):
    """The whole of `panel-eval plan --json`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    panel: str
    items: int = Field(description="Labelled items.")
    unlabelled: int = Field(default=0, description="Items without human labels.")
    goes_on_with: str | None = Field(description="The unfinished run that `run` would go on with.")
    reuses: list[str] = Field(description="Runs whose votes would be taken over.")
    judges: list[JudgeEstimate]
    total: VotesEstimate = Field(description="All judges; its cost is that of the judges with a known price.")
    unpriced: list[str] = Field(description="Judges whose price nobody knows.")
    budget: list[BudgetCheck]
    detectable: list[Detectable]
    sd_bits: float = Field(description="Assumed standard deviation between items of a difference in ce_bits.")
    batch: bool = Field(description="Whether the run is planned in provider batches.")
    assumptions: list[str]
    problems: list[str] = Field(description="What would keep the run from starting.")
