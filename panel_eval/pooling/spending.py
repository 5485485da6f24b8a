"""What the votes cost: money, tokens and time. An unknown price stays unknown; it is never counted as nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panel_eval.schema import Vote


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


def tally_spending(votes: Sequence[Vote]) -> Spending:
    """Add up what `votes` cost. Sums are exactly rounded, so the order of votes does not matter."""
    usages = [vote.usage for vote in votes if vote.usage is not None]
    costs = [vote.cost_usd for vote in votes if vote.cost_usd is not None]
    latencies = [vote.latency_s for vote in votes if vote.latency_s is not None]
    # A vote that was never sent for want of budget has cost nothing, whatever the price.
    unpriced = sum(vote.cost_usd is None and vote.outcome != "over_budget" for vote in votes)
    return Spending(
        votes=len(votes),
        cost_known_usd=math.fsum(costs) if costs else None,
        votes_unpriced=unpriced,
        input_tokens=_total(usage.input_tokens for usage in usages),
        output_tokens=_total(usage.output_tokens for usage in usages),
        cached_tokens=_total(usage.cached_tokens for usage in usages),
        latency_mean_s=math.fsum(latencies) / len(latencies) if latencies else None,
    )


def _total(numbers: Iterable[int]) -> int | None:
    values = list(numbers)
    return sum(values) if values else None
