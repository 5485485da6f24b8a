"""What a run may spend: the panel's budget, the command line's, and what an unknown price does to it."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.api.preparing import Prepared
from panel_eval.errors import InputError, Problem
from panel_eval.judges import Judge
from panel_eval.schema import Budget


def budget_of(prepared: Prepared) -> Budget | None:
    """What a run may spend: the panel's budget, or a shard's part of it."""
    whole, shard = prepared.file.panel.budget, prepared.shard
    if whole is None or shard is None:
        return whole
    return Budget(
        usd=None if whole.usd is None else whole.usd / shard.count,
        tokens=None if whole.tokens is None else max(1, whole.tokens // shard.count),
    )


def refuse_unpriced(judges: Sequence[Judge], budget: Budget | None, *, allow: bool) -> None:
    """A budget in dollars cannot hold a judge whose price nobody knows.

    Args:
        judges: whom the run asks.
        budget: what it may spend.
        allow: the user accepts that such judges are held by the budget's tokens only.

    Raises:
        InputError: names every judge without a price, and what to do.
    """
    unpriced = [judge for judge in judges if judge.price is None]
    if budget is None or budget.usd is None or not unpriced:
        return
    if allow and budget.tokens is not None:
        return
    if allow:
        fix = "also set a budget in tokens (budget: {tokens: …} or --budget-tokens); it then holds these judges"
    else:
        fix = (
            "give the judge a `price`, or pass --allow-unpriced with a budget in tokens; "
            "its votes then cost an unknown sum that the dollar limit does not see"
        )
    raise InputError(
        [
            Problem(
                f"the price of judge {judge.id!r} ({judge.config.model}) is not known, so the budget of "
                f"${budget.usd:g} cannot be kept",
                key=f"judges.{judge.id}.price",
                fix=fix,
            )
            for judge in unpriced
        ]
    )
