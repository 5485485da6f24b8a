"""What a run may cost. A cost that is not known is not free: it passes no limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panel_eval.evaluation.gate.words import exact, number
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.economics_metrics import Economics
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import CheckStatus, GateCheck
from panel_eval.schema.gate_settings import GateSettings

_PRICE = "give the judges a `price` in the panel, or take the limit out"
_CHEAPER = "see in `panel-eval fit` which judges would do, or raise the limit if it is worth it"


def cost_checks(economics: Economics, baseline: ComparedRun | None, settings: GateSettings) -> list[GateCheck]:
    """Hold what votes cost to the limits of the gate.

    Args:
        economics: of the run.
        baseline: facts of the baseline; None where there is none.
        settings: the limits.
    """
    return list(_checks(economics, baseline, settings))


def _checks(economics: Economics, baseline: ComparedRun | None, settings: GateSettings) -> Iterator[GateCheck]:
    limits, votes = settings.cost, economics.votes
    if limits.usd is not None:
        yield _whole(economics, limits.usd)
    per_vote = None if economics.votes_unpriced else _per_vote(economics)
    if limits.usd_per_vote is not None:
        yield _bounded(_Amount("cost per vote", per_vote, "a vote costs", votes), limits.usd_per_vote)
    if limits.times_baseline is not None:
        yield _beside(
            _Amount("cost beside baseline", per_vote, "a vote costs", votes), baseline, limits.times_baseline
        )


def _per_vote(economics: Economics) -> float | None:
    """Mean cost of a vote; of votes that were all taken over, what they cost when they were bought."""
    if economics.cost_per_vote_usd is not None or economics.votes_paid:
        return economics.cost_per_vote_usd
    return economics.cost_usd if economics.reused is None else economics.reused.cost_per_vote_usd


@dataclass(frozen=True)
class _Amount:
    """A cost as a check tells of it: US dollars, None = not known."""

    name: str
    usd: float | None
    words: str
    n: int

    def check(self, status: CheckStatus, threshold: float | None, text: str, fix: str | None) -> GateCheck:
        value = Estimate(
            estimate=self.usd, n=self.n, note="not all votes have a price" if self.usd is None else None
        )
        return GateCheck(
            name=self.name, kind="cost", status=status, value=value, threshold=threshold, text=text, fix=fix
        )


def _whole(economics: Economics, limit: float) -> GateCheck:
    """The whole run: what is surely billed decides a failure, what may be billed at most a pass."""
    known, more = economics.cost_known_usd, economics.cost_uncertain_usd
    amount = _Amount("cost of the run", economics.cost_usd, "the run cost", economics.votes)
    if known is not None and known > limit:
        text = f"The run cost at least ${number(known, limit)}; at most ${exact(limit)} is allowed."
        return amount.check("FAIL", limit, text, _CHEAPER)
    if economics.cost_usd is None:
        return _unknown(amount, limit)
    most = economics.cost_usd + (more or 0.0)
    if more is None or most > limit:
        uncertain = "an unknown amount" if more is None else f"up to ${number(more)}"
        text = (
            f"The run cost ${number(economics.cost_usd, limit)}, and {uncertain} more may be billed for requests "
        )
        text += f"without an answer; at most ${exact(limit)} is allowed."
        return amount.check("INCONCLUSIVE", limit, text, "look up what the provider billed")
    text = f"The run cost ${number(economics.cost_usd, limit)}; at most ${exact(limit)} is allowed."
    return amount.check("PASS", limit, text, None)


def _bounded(amount: _Amount, limit: float) -> GateCheck:
    if amount.usd is None:
        return _unknown(amount, limit)
    text = (
        f"{amount.words.capitalize()} ${number(amount.usd, limit, digits=6)}; at most ${exact(limit)} is allowed."
    )
    kept = amount.usd <= limit
    return amount.check("PASS" if kept else "FAIL", limit, text, None if kept else _CHEAPER)


def _beside(amount: _Amount, baseline: ComparedRun | None, times: float) -> GateCheck:
    if baseline is None:
        text = "Cost is not held beside the baseline's: there is no baseline."
        return amount.check("SKIPPED", None, text, None)
    theirs = baseline.cost_per_vote_usd
    if amount.usd is None or theirs is None:
        whose = "this run" if amount.usd is None else "the baseline"
        text = (
            f"What a vote of {whose} costs is not known; it cannot be held to {exact(times)} times the baseline's."
        )
        return amount.check("INCONCLUSIVE", None, text, _PRICE)
    limit = times * theirs
    text = (
        f"A vote costs ${number(amount.usd, limit, digits=6)}, one of the baseline ${number(theirs, digits=6)}; "
        f"at most {exact(times)} times as much is allowed."
    )
    kept = amount.usd <= limit
    return amount.check("PASS" if kept else "FAIL", limit, text, None if kept else _CHEAPER)


def _unknown(amount: _Amount, limit: float) -> GateCheck:
    text = (
        f"What {amount.words.removesuffix(' cost').removesuffix(' costs')} costs is not known: some votes have no "
    )
    text += f"price. At most ${exact(limit)} is allowed, and unknown is not free."
    return amount.check("INCONCLUSIVE", limit, text, _PRICE)
