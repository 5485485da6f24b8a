"""What a run may spend: the panel's budget, the command line's, and what an unknown price does to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panel_eval.api.preparing import Prepared
from panel_eval.engine import StoredVotes, earlier_manifest
from panel_eval.engine.batch.batch_log import read_batches
from panel_eval.engine.batch.out import money_out
from panel_eval.engine.holding import LEDGER_NAME, read_lost
from panel_eval.engine.journal_lines import Spent
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


def spent_in(run: Path, stored: StoredVotes) -> Spent:
    """What an unfinished run has spent: on its votes, and besides them on probes, killed sessions and batches.

    Args:
        run: its directory.
        stored: its votes.
    """
    manifest, votes = earlier_manifest(run), stored.spent
    probes = [] if manifest is None else manifest.probes
    used = [probe.usage for probe in probes if probe.usage is not None]
    lost_usd, lost_tokens = read_lost(run / LEDGER_NAME)
    usd_out, tokens_out = money_out(read_batches(run))
    return Spent(
        usd=votes.usd + sum(probe.cost_usd or 0.0 for probe in probes),
        uncertain_usd=votes.uncertain_usd
        + sum(probe.cost_uncertain_usd or 0.0 for probe in probes)
        + lost_usd
        + usd_out,
        tokens=votes.tokens + sum(usage.input_tokens + usage.output_tokens for usage in used),
        uncertain_tokens=votes.uncertain_tokens
        + sum(usage.uncertain_tokens for usage in used)
        + lost_tokens
        + tokens_out,
        unpriced=votes.unpriced,
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
