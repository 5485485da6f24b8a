"""What a run has spent so far, all its sessions together: on votes, and besides them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from panel_eval.engine.batch.batch_log import read_batches
from panel_eval.engine.batch.out import money_out
from panel_eval.engine.holding import LEDGER_NAME, Holding, read_lost
from panel_eval.engine.journal_lines import Spent
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.run_directory import earlier_manifest
from panel_eval.engine.stored_votes import StoredVotes
from panel_eval.schema import Budget, Probe


def spent_in(run: Path, votes: Spent) -> Spent:
    """What a run has spent, as a session that went on with it would count it. Nothing is written.

    Args:
        run: its directory.
        votes: what the lines of its journal cost.

    Raises:
        InputError: a file of the run is damaged.
    """
    manifest = earlier_manifest(run)
    told = _told(run, votes, [] if manifest is None else manifest.probes)
    lost_usd, lost_tokens = read_lost(run / LEDGER_NAME, told)
    return Spent.sum_of([told, Spent(uncertain_usd=lost_usd, uncertain_tokens=lost_tokens)])


def open_ledger(run: Path, budget: Budget | None, stored: StoredVotes, probes: Sequence[Probe] = ()) -> Ledger:
    """The run's account book: what its votes have cost, and besides them probes, killed sessions and batches.

    Args:
        run: its directory, under its lock.
        budget: what it may spend.
        stored: its votes.
        probes: its calls before the first vote.

    Raises:
        InputError: a file of the run is damaged or cannot be written.
    """
    told = _told(run, stored.spent, probes)
    holding = Holding(run / LEDGER_NAME, told, budget)
    lost = Spent(uncertain_usd=holding.lost_usd, uncertain_tokens=holding.lost_tokens)
    return Ledger(budget, Spent.sum_of([told, lost]), holding)


def _told(run: Path, votes: Spent, probes: Iterable[Probe]) -> Spent:
    """What votes, probes and batches tell of."""
    usd_out, tokens_out = money_out(read_batches(run))
    out = Spent(uncertain_usd=usd_out, uncertain_tokens=tokens_out)
    return Spent.sum_of([votes, out, *map(_probed, probes)])


def _probed(probe: Probe) -> Spent:
    spent = Spent(usd=probe.cost_usd or 0.0, uncertain_usd=probe.cost_uncertain_usd or 0.0)
    if probe.usage is not None:
        spent.tokens = probe.usage.input_tokens + probe.usage.output_tokens
        spent.uncertain_tokens = probe.usage.uncertain_tokens
    return spent
