"""What the votes cost: in all, and by judge, disagreement class and outcome."""

from __future__ import annotations

from typing import Any

from panel_eval.pooling import JudgeForecasts, Spending
from panel_eval.pooling.vote_columns import TOKENS
from panel_eval.pooling.votes import UNLABELLED
from panel_eval.schema import CLASS_NAMES, OUTCOMES
from panel_eval.schema.economics_metrics import Account, Economics


def economics_section(forecasts: JudgeForecasts) -> Economics:
    """Cost, tokens and latency; a cost that is not wholly known is null beside its known part."""
    spending = forecasts.spending
    total, reused = spending.total, spending.reused
    aside = forecasts.kept_aside
    votes = int(forecasts.outcomes.sum()) + sum(aside.values())
    return Economics(
        votes=votes,
        votes_usable=int(forecasts.outcomes[:, :, OUTCOMES.index("ok")].sum()) + aside.get("ok", 0),
        votes_asked_again=total.votes + reused.votes - votes,
        votes_reused=reused.votes,
        by_judge={name: _account(own) for name, own in spending.by_judge(forecasts.judge_ids).items()},
        by_class={name: _account(own) for name, own in spending.by_class((*CLASS_NAMES, UNLABELLED)).items()},
        by_outcome={name: _account(own) for name, own in spending.by_outcome().items()},
        reused=_account(reused) if reused.votes else None,
        **_fields(total),
    )


def _account(spending: Spending) -> Account:
    return Account(**_fields(spending))


def _fields(spending: Spending) -> dict[str, Any]:
    tokens = dict(zip(TOKENS, spending.tokens, strict=True)) if spending.metered else dict.fromkeys(TOKENS)
    return {
        "votes_paid": spending.asked,
        "cost_usd": spending.cost_usd,
        "cost_known_usd": spending.cost_known_usd,
        "cost_uncertain_usd": None if spending.uncertain_unknown else spending.uncertain_usd,
        "votes_unpriced": spending.unpriced,
        **tokens,
        "cost_per_vote_usd": _mean(spending.cost_known_usd, spending.priced),
        "input_tokens_per_vote": _mean(tokens["input_tokens"], spending.metered),
        "output_tokens_per_vote": _mean(tokens["output_tokens"], spending.metered),
        "latency_mean_s": _mean(spending.latency_s, spending.timed),
    }


def _mean(total: float | None, number: int) -> float | None:
    return total / number if total is not None and number else None
