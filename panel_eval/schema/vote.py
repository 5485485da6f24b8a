"""The vote contract: one answer of one judge to one item, always with an outcome.

A vote that failed has no label; the model refuses a record that has both. To score votes made elsewhere only
`item_id`, `judge` and one of `label`, `distribution` or a non-ok `outcome` are needed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.panel import Elicitation
from panel_eval.schema.soft_label import UnitInterval

Outcome = Literal["ok", "abstain", "refusal", "truncated", "unparseable", "too_long", "error", "over_budget"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)

ParseRung = Literal["json_schema", "json_object", "text", "logprobs", "repaired", "recorded"]


class Usage(FileModel):
    """Tokens that one vote used, as the provider reported them."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cached_tokens: int = Field(default=0, ge=0, description="Input tokens served from the provider's cache.")
    cache_write_tokens: int = Field(default=0, ge=0, description="Input tokens written to the provider's cache.")
    reasoning_tokens: int = Field(default=0, ge=0, description="Output tokens spent on reasoning.")
    uncertain_tokens: int = Field(
        default=0, ge=0, description="At most so many more, for requests without a readable answer."
    )

    def __add__(self, other: Usage) -> Usage:
        """The tokens of both."""
        return Usage.model_construct(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            uncertain_tokens=self.uncertain_tokens + other.uncertain_tokens,
        )


class VoteError(FileModel):
    """Why a vote has outcome `error` (or how its answer was unusable)."""

    kind: str = Field(description="timeout, connection, rate_limit, server, auth, not_found, bad_request, parse …")
    message: str = Field(description="In words, shortened, without keys.")
    status: int | None = Field(default=None, description="HTTP status, if there was one.")


class Vote(FileModel):
    """One answer of one judge to one item: one sample in one label order."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    vote_key: str | None = Field(
        default=None, description="sha256 identity of the vote; null for votes made elsewhere."
    )
    item_id: str = Field(min_length=1)
    judge: str = Field(min_length=1)
    sample: int = Field(default=0, ge=0, description="Which repetition this is.")
    label_order: list[str] | None = Field(default=None, description="Labels in the order the judge saw them.")
    elicit: Elicitation | None = Field(default=None, description="How the judge was asked.")
    outcome: Outcome = Field(default="ok", description="What came back. Only `ok` carries a label or distribution.")
    label: str | None = Field(default=None, description="The label chosen.")
    distribution: dict[str, UnitInterval] | None = Field(default=None, description="Label to mass; sums to 1.")
    captured_mass: UnitInterval | None = Field(
        default=None,
        description="Logprob votes: probability that fell on the label codes before renormalising.",
    )
    confidence: UnitInterval | None = Field(default=None, description="The judge's self-reported confidence.")
    rationale: str | None = None
    parse_rung: ParseRung | None = Field(default=None, description="Which parsing rung read the answer.")
    usage: Usage | None = None
    cost_usd: Annotated[float, Field(ge=0.0)] | None = Field(default=None, description="null = price unknown.")
    cost_uncertain_usd: Annotated[float, Field(ge=0.0)] | None = Field(
        default=0.0,
        description="At most so much more may be billed, for requests without a readable answer; null = unknown.",
    )
    attempts: int = Field(default=1, ge=0, description="Requests sent for this vote, retries included.")
    latency_s: Annotated[float, Field(ge=0.0)] | None = None
    model_reported: str | None = Field(default=None, description="Model name in the provider's answer.")
    snapshot: str | None = Field(
        default=None, description="The provider's mark of what served the answer (system_fingerprint)."
    )
    error: VoteError | None = None
    raw: str | None = Field(default=None, description="The answer's text as received, shortened if huge.")
    at: str | None = Field(default=None, description="UTC time at which the vote was stored, ISO 8601.")
    batch: str | None = Field(default=None, description="The provider's batch that the answer came in.")
    reused_from: str | None = Field(default=None, description="The earlier run that paid for this vote.")
    metadata: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _answer_fits_outcome(self) -> Self:
        has_answer = self.label is not None or self.distribution is not None
        if self.outcome == "ok" and not has_answer:
            raise ValueError("outcome 'ok' needs a label or a distribution; name another outcome if there is none")
        if self.outcome != "ok" and has_answer:
            raise ValueError(f"outcome {self.outcome!r} can have no label or distribution")
        if self.label is not None and self.distribution is not None:
            raise ValueError("give a label or a distribution, not both")
        if self.distribution is not None and abs(sum(self.distribution.values()) - 1.0) > 1e-6:
            raise ValueError(
                f"distribution must sum to 1 within 1e-6; it sums to {sum(self.distribution.values()):.9g}"
            )
        return self
