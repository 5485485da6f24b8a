"""The section `economics` of `metrics.json`: what the votes cost, and which of them."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel


class Account(FileModel):
    """What a set of votes cost. Asked again counts again; votes reused from earlier runs are in `reused` only."""

    votes_paid: int = Field(default=0, description="Votes for which a request was sent.")
    cost_usd: float | None = Field(default=None, description="US dollars; null if the cost of any vote is unknown.")
    cost_known_usd: float | None = Field(default=None, description="Over the votes whose cost is known.")
    cost_uncertain_usd: float | None = Field(
        default=None,
        description="At most so much more may be billed, for requests without a readable answer; null = unknown.",
    )
    votes_unpriced: int = Field(default=0, description="Votes paid for whose cost is unknown.")
    input_tokens: int | None = Field(default=None, description="null where no vote reported tokens.")
    output_tokens: int | None = None
    cached_tokens: int | None = Field(default=None, description="Of the input tokens, from the provider's cache.")
    cache_write_tokens: int | None = Field(default=None, description="Of the input tokens, put into the cache.")
    reasoning_tokens: int | None = Field(default=None, description="Of the output tokens, spent on reasoning.")
    uncertain_tokens: int | None = Field(default=None, description="At most so many more, as `cost_uncertain_usd`.")
    cost_per_vote_usd: float | None = Field(default=None, description="Mean over the votes whose cost is known.")
    input_tokens_per_vote: float | None = Field(default=None, description="Mean over votes that reported tokens.")
    output_tokens_per_vote: float | None = None
    latency_mean_s: float | None = Field(default=None, description="Mean over the votes that recorded one.")


class Economics(Account):
    """Cost, tokens and latency of all votes, those on unlabelled items included, and where they went."""

    votes: int = Field(default=0, description="Votes that stand: a vote asked again counts once.")
    votes_usable: int = Field(default=0, description="Those of them with outcome `ok`.")
    votes_asked_again: int = Field(default=0, description="Earlier answers to questions that were asked again.")
    votes_reused: int = Field(default=0, description="Votes taken from earlier runs; they cost nothing now.")
    by_judge: dict[str, Account] = Field(default_factory=dict)
    by_class: dict[str, Account] = Field(
        default_factory=dict, description="Disagreement class of the item, or `unlabelled`."
    )
    by_outcome: dict[str, Account] = Field(default_factory=dict)
    reused: Account | None = Field(default=None, description="What reused votes cost when they were bought.")
