"""Planning a run: what it would buy, what that costs and how long it takes, what it could show. Nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from panel_eval.api.loading import PanelFile
from panel_eval.api.preparing import Prepared, prepare, read_inputs
from panel_eval.api.run_options import RunOptions
from panel_eval.api.taking_over import runs_to_reuse
from panel_eval.engine import JOURNAL_NAME, StoredVotes, read_stored
from panel_eval.engine.batch.batch_log import read_batches
from panel_eval.engine.batch.out import votes_out
from panel_eval.engine.earlier_usage import EarlierVotes, read_earlier
from panel_eval.engine.estimating import (
    BYTES_PER_TOKEN,
    LATENCY_S,
    OUTPUT_TOKENS,
    RENDERED,
    Estimator,
    Purchase,
    at_shared_limits,
    total_span,
)
from panel_eval.engine.journal_lines import Spent
from panel_eval.engine.reuse import Reusable, reusable_votes
from panel_eval.engine.spending import spent_in
from panel_eval.evaluation.detectable import CLUSTER_ICC, SD_BITS, detectable_differences
from panel_eval.judges import Judge, build_judges, setup_problems
from panel_eval.schema import Budget, Panel
from panel_eval.schema.plan_estimate import BudgetCheck, JudgeEstimate, PlanEstimate, Span, VotesEstimate


def plan(
    panel: str | Path | PanelFile | Panel,
    *,
    results: str | Path = "results",
    reuse: Sequence[str | Path] = (),
    retry_failed: bool = False,
    batch: bool = False,
    budget: Budget | None = None,
) -> PlanEstimate:
    """Say what a run of a panel would take and show. Nothing is sent, and no key is needed.

    Args:
        panel: a panel file, or a panel made in Python.
        results: folder in which an unfinished run is looked for, as `run` does.
        reuse: run directories whose votes would be taken over.
        retry_failed: plan to ask again for stored votes that ended in an error.
        batch: plan for provider batches: the budget is held against their prices.
        budget: what the run may spend; limits that are None are the panel's.

    Raises:
        InputError: with every problem of the panel, rubric, labels or prompts, or of a run to reuse.
        JudgeSetupError: a judge cannot be made (weights, scripts or recorded votes are missing).
    """
    inputs = read_inputs(panel, budget)
    file = inputs.file
    prepared = prepare(inputs, build_judges(file.panel, inputs.rubric, file.folder, sending=False))
    options = RunOptions(results=Path(results), reuse=tuple(map(Path, reuse)), retry_failed=retry_failed)
    had = _had(prepared, prepared.unfinished_run(options.results), runs_to_reuse(prepared, options), retry_failed)
    judges = _estimates(prepared, had)
    total = _total(judges)
    return PlanEstimate(
        panel=file.panel.panel,
        items=len(inputs.humans),
        unlabelled=len(inputs.unlabelled),
        goes_on_with=None if had.run is None else str(had.run),
        reuses=[source.run_id for source in had.taken.sources],
        judges=judges,
        total=total,
        unpriced=[judge.judge for judge in judges if judge.usd is None],
        budget=_budget(file.panel, had, judges, batch),
        detectable=detectable_differences(inputs.humans),
        sd_bits=SD_BITS,
        batch=batch,
        assumptions=_assumptions(judges, clustered=inputs.humans.clusters is not None),
        problems=[*setup_problems(file.panel, file.folder), *_unbounded(file.panel, judges)],
    )


@dataclass(frozen=True)
class _Had:
    """What is paid for already.

    Attributes:
        run: the unfinished run that would be gone on with.
        is_open, out: (n_votes,) votes that it has not stored; those of them that are out in batches.
        taken: votes of other runs that would be taken over.
        spent_usd, spent_tokens: what it has spent, uncertain spend included.
        earlier: votes whose tokens are known.
    """

    run: Path | None
    is_open: NDArray[np.bool_]
    out: NDArray[np.bool_]
    taken: Reusable
    spent_usd: float
    spent_tokens: int
    earlier: EarlierVotes


def _had(prepared: Prepared, run: Path | None, reuse: Sequence[Path], retry_failed: bool) -> _Had:
    plan = prepared.plan
    is_open, out = np.zeros(len(plan), dtype=np.bool_), np.zeros(len(plan), dtype=np.bool_)
    stored, journals, spent = StoredVotes.none_of(plan), [], Spent()
    if run is not None:
        stored, out = read_stored(run / JOURNAL_NAME, plan), votes_out(run, plan, read_batches(run))
        journals, spent = [run / JOURNAL_NAME], spent_in(run, stored.spent)
    is_open[stored.open_positions(retry_failed)] = True
    taken = reusable_votes(reuse, stored, retry_failed=retry_failed)
    return _Had(
        run,
        is_open,
        out & is_open,
        taken,
        spent_usd=spent.usd + spent.uncertain_usd,
        spent_tokens=spent.tokens + spent.uncertain_tokens,
        earlier=read_earlier([*journals, *(source.journal for source in taken.sources)], plan),
    )


def _estimates(prepared: Prepared, had: _Had) -> list[JudgeEstimate]:
    """Each judge's estimate, in the panel's order."""
    plan, to_ask = prepared.plan, had.is_open & ~had.out
    reusable = to_ask & (had.taken.run >= 0)
    estimator = Estimator(plan, prepared.rubric)
    places = {judge_id: place for place, judge_id in enumerate(plan.judge_ids)}

    def estimate(judge: Judge) -> JudgeEstimate:
        place = places[judge.id]
        own = plan.judge == place
        purchase = Purchase(
            judge=judge,
            stored=int((own & ~had.is_open).sum()),
            out=int((own & had.out).sum()),
            reusable=int((own & reusable).sum()),
            positions=np.flatnonzero(own & to_ask & ~reusable),
            earlier=had.earlier.of_judge(plan, place),
        )
        return estimator.estimate(purchase)

    return at_shared_limits([estimate(judge) for judge in prepared.judges], prepared.judges)


def _total(judges: Sequence[JudgeEstimate]) -> VotesEstimate:
    """All judges together; they work side by side, so the slowest one decides the time."""
    known = [judge.usd for judge in judges if judge.usd is not None]
    times = [judge.seconds for judge in judges if judge.seconds is not None]
    return VotesEstimate(
        votes=sum(judge.votes for judge in judges),
        stored=sum(judge.stored for judge in judges),
        out=sum(judge.out for judge in judges),
        reusable=sum(judge.reusable for judge in judges),
        to_buy=sum(judge.to_buy for judge in judges),
        input_tokens=total_span([judge.input_tokens for judge in judges]),
        output_tokens=total_span([judge.output_tokens for judge in judges]),
        usd=total_span(known) if known else None,
        batch_usd=_total_in_batches(judges),
        seconds=max(times) if times else None,
    )


def _total_in_batches(judges: Sequence[JudgeEstimate]) -> Span | None:
    """Judges with a batch price at that, the others at their live one; None if there is no batch price at all."""
    if not any(judge.batch_usd is not None for judge in judges):
        return None
    return total_span([span for judge in judges if (span := judge.batch_usd or judge.usd) is not None])


def _budget(panel: Panel, had: _Had, judges: Sequence[JudgeEstimate], batch: bool) -> list[BudgetCheck]:
    limits = panel.budget
    if limits is None:
        return []
    checks = []
    if limits.usd is not None:
        known = [(judge.batch_usd if batch else None) or judge.usd for judge in judges]
        cost = total_span([span for span in known if span is not None])
        checks.append(_check("usd", limits.usd, had.spent_usd, cost))
    if limits.tokens is not None:
        tokens = total_span([span for judge in judges for span in (judge.input_tokens, judge.output_tokens)])
        checks.append(_check("tokens", limits.tokens, had.spent_tokens, tokens))
    return checks


def _unbounded(panel: Panel, judges: Sequence[JudgeEstimate]) -> list[str]:
    """Judges that a budget in US dollars cannot hold back."""
    if panel.budget is None or panel.budget.usd is None:
        return []
    return [
        f"judge {judge.judge!r} has no known price, and the budget is in US dollars: give it a `price`, or run "
        "with --allow-unpriced and a budget in tokens"
        for judge in judges
        if judge.usd is None
    ]


def _check(unit: Literal["usd", "tokens"], limit: float, spent: float, cost: Span) -> BudgetCheck:
    left = max(limit - spent, 0.0)
    fits: Literal["worst", "expected", "no"] = (
        "worst" if cost.worst <= left else "expected" if cost.expected <= left else "no"
    )
    share = min(left / cost.expected, 1.0) if cost.expected > 0.0 else 1.0
    return BudgetCheck(
        unit=unit, limit=limit, spent=spent, expected=cost.expected, worst=cost.worst, fits=fits, share=share
    )


def _assumptions(judges: Sequence[JudgeEstimate], clustered: bool) -> list[str]:
    """What the estimate rests on, in sentences."""
    buying = [judge for judge in judges if judge.to_buy]
    guessed = [judge.judge for judge in buying if not judge.earlier_votes]
    known = [judge.judge for judge in buying if judge.earlier_votes]
    timed = [judge.judge for judge in buying if not judge.earlier_votes and judge.latency_s is not None]
    said = []
    if known:
        said.append(f"Tokens and time of {_names(known)}: as in earlier votes of the same judge.")
    if guessed:
        said.append(
            f"Tokens of {_names(guessed)}: assumed, {BYTES_PER_TOKEN:g} bytes of prompt a token "
            f"(of up to {RENDERED} rendered prompts, the rest by the length of their items) and answers of "
            f"{OUTPUT_TOKENS['vote'][0]:g} tokens (distributions {OUTPUT_TOKENS['distribution'][0]:g} and "
            f"{OUTPUT_TOKENS['distribution'][1]:g} a label, log-probabilities {OUTPUT_TOKENS['logprobs'][0]:g}). "
            "A reasoning model writes many more, up to its max_tokens."
        )
    if timed:
        said.append(f"Seconds of a request to {_names(timed)}: assumed, {LATENCY_S:g}.")
    if buying:
        said.append(
            "Worst: every byte of a prompt is a token, and every answer takes all of max_tokens and is repaired. "
            "Requests that time out may be billed on top; a budget stops those too."
        )
    said.append(
        f"Differences are between two versions asked about the same items, found four times in five at the 5% "
        f"level; their standard deviation between items is assumed: {SD_BITS:.2f} bits, as on ChaosNLI."
        + (f" Items of a cluster are assumed to be alike: correlation {CLUSTER_ICC:g}." if clustered else "")
    )
    return said


def _names(judges: Sequence[str]) -> str:
    return ", ".join(judges[:5]) + (f" and {len(judges) - 5} more" if judges[5:] else "")
