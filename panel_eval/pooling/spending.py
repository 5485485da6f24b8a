"""What the votes cost: money, tokens and time. An unknown price stays unknown; it is never counted as nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panel_eval.pooling.vote_columns import VoteColumns
from panel_eval.schema import OUTCOMES


@dataclass(frozen=True)
class Spending:
    """Cost, tokens and latency of a set of votes.

    Attributes:
        votes: votes counted, re-asked ones each time.
        cost_known_usd: US dollars over the votes whose price is known; None where none is.
        votes_unpriced: votes that may have cost something, nobody knows what.
        input_tokens, output_tokens, cached_tokens: None where no vote reported its usage.
        latency_mean_s: mean over the votes that recorded one; None where none did.
    """

    votes: int
    cost_known_usd: float | None
    votes_unpriced: int
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    latency_mean_s: float | None

    @property
    def cost_usd(self) -> float | None:
        """The whole cost in US dollars, or None if the price of any vote is unknown."""
        return None if self.votes_unpriced else self.cost_known_usd


def tally_spending(columns: VoteColumns) -> Spending:
    """Add up what votes cost. Sums are exactly rounded, so the order of votes does not matter."""
    costs = columns.cost_usd[~np.isnan(columns.cost_usd)].tolist()
    latencies = columns.latency_s[~np.isnan(columns.latency_s)].tolist()
    tokens = columns.tokens[columns.tokens[:, 0] >= 0]
    used = tokens.sum(axis=0).tolist() if len(tokens) else [None] * columns.tokens.shape[1]
    # A vote that was never sent for want of budget has cost nothing, whatever the price.
    unsent = columns.outcome == OUTCOMES.index("over_budget")
    return Spending(
        votes=len(columns),
        cost_known_usd=math.fsum(costs) if costs else None,
        votes_unpriced=int((np.isnan(columns.cost_usd) & ~unsent).sum()),
        input_tokens=used[0],
        output_tokens=used[1],
        cached_tokens=used[2],
        latency_mean_s=math.fsum(latencies) / len(latencies) if latencies else None,
    )
