"""What the votes cost."""

from __future__ import annotations

from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import OUTCOMES


def economics_section(forecasts: JudgeForecasts) -> dict[str, float | int | None]:
    """Cost, tokens and latency; a cost that is not wholly known is null beside its known part."""
    spending = forecasts.spending
    votes = int(forecasts.outcomes.sum())
    usable = int(forecasts.outcomes[:, :, OUTCOMES.index("ok")].sum())
    return {
        "votes": votes,
        "votes_usable": usable,
        "votes_asked_again": spending.votes - votes,
        "cost_usd": spending.cost_usd,
        "cost_known_usd": spending.cost_known_usd,
        "votes_unpriced": spending.votes_unpriced,
        "input_tokens": spending.input_tokens,
        "output_tokens": spending.output_tokens,
        "cached_tokens": spending.cached_tokens,
        "latency_mean_s": spending.latency_mean_s,
    }
