"""A policy at work on a run or on votes made elsewhere: item by item decided, or handed to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from panel_eval.api.folders import replace_file
from panel_eval.api.panel_forecasts import panel_facts
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.vote_files import load_votes
from panel_eval.errors import InputError, Problem
from panel_eval.evaluation.policy import REASON_WORDS, Decisions, decide
from panel_eval.pooling import (
    PanelFacts,
    PanelPooling,
    VoteTable,
    collect_item_votes,
    refuse_other_panel,
    share_fitted_on,
    share_listed,
)
from panel_eval.schema import FittedPool, Vote, read_json
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.schema.policy_decision import PolicyDecision
from panel_eval.stats.arrays import FloatArray

_OWN_ITEMS = (
    "about {:.0%} of the items had a part in making the policy, fitted to or calibrated on: its promise is "
    "for the others"
)
_UNCHECKED = "nothing tells how the judges of a vote file were asked: see to it that they are those of the policy"


@dataclass(frozen=True)
class Applied:
    """What a policy does with some items.

    Attributes:
        policy: the policy.
        item_ids: (n_items,) the items.
        q: (n_items, n_labels) the panel's forecasts.
        decisions: what becomes of each item.
        notes: what must be known to use them.
        path: the file they were written to, or None.
    """

    policy: DeferralPolicy
    item_ids: Sequence[str]
    q: FloatArray
    decisions: Decisions
    notes: tuple[str, ...]
    path: Path | None = None

    def reasons_in_words(self) -> dict[str, int]:
        """How many items were decided or handed over for which reason."""
        counts = Counter(self.decisions.reason)
        return {words: counts[reason] for reason, words in REASON_WORDS.items() if counts[reason]}

    def records(self) -> Iterator[PolicyDecision]:
        """One record for each item, in order."""
        found, labels, threshold = self.decisions, self.policy.labels, self.policy.threshold
        for row, item_id in enumerate(self.item_ids):
            decided, known = bool(found.decided[row]), found.label[row] >= 0
            yield PolicyDecision(
                item_id=item_id,
                decision="decide" if decided else "defer",
                label=labels[found.label[row]] if decided else None,
                distribution=dict(zip(labels, self.q[row].tolist(), strict=True)) if known else None,
                score=float(found.score[row]) if np.isfinite(found.score[row]) else None,
                threshold=threshold,
                set=[label for label, held in zip(labels, found.sets[row], strict=True) if held],
                reason=REASON_WORDS[found.reason[row]],
            )

    def lines(self) -> Iterator[bytes]:
        """The records as lines of JSON."""
        return (record.model_dump_json().encode() + b"\n" for record in self.records())


def apply_policy(
    run: str | Path | RunResult | None,
    policy: str | Path | DeferralPolicy,
    *,
    votes: str | Path | Sequence[Vote] | None = None,
    out: str | Path | None = None,
) -> Applied:
    """Decide the items of a run, or of a vote file, or hand them over. No model is asked.

    Args:
        run: a run directory, or a run in memory: its labelled items, then its unlabelled ones, in their order.
        policy: policy.json of `panel-eval fit`, or a policy in memory.
        votes: votes made elsewhere, instead of a run: their items, in the order of their ids.
        out: file to write the decisions to, one a line (JSONL); nothing is written if absent.

    Raises:
        InputError: a file is not what it should be, both or neither of run and votes are given, or the file
            cannot be written.
        NotComparableError: task, scale, labels, rubric or judges are not those of the policy.
    """
    if (run is None) == (votes is None):
        raise InputError("name either a run or a vote file to apply the policy to")
    document = policy if isinstance(policy, DeferralPolicy) else read_json(Path(policy), DeferralPolicy)
    if run is None:
        assert votes is not None  # checked above
        table = load_votes(votes) if isinstance(votes, str | Path) else VoteTable.of(votes)
        items = _items_of_votes(table, document)
        notes = (_UNCHECKED, *_own_items(document, items))
    else:
        result = run if isinstance(run, RunResult) else open_run(run)
        _refuse_other(document, panel_facts(result))
        table = VoteTable.of(result.votes)
        items = (*result.humans.item_ids, *result.unlabelled.item_ids)
        notes = _own_items(document, items)
    applied = _applied(document, table, items, notes)
    return applied if out is None else _written(applied, Path(out))


def _items_of_votes(table: VoteTable, policy: DeferralPolicy) -> tuple[str, ...]:
    if not len(table):
        raise InputError("there are no votes to apply the policy to")
    columns = table.columns
    judges = tuple(sorted(columns.judges[code] for code in np.unique(columns.judge).tolist()))
    # A vote file tells neither task nor scale.
    _refuse_other(policy, PanelFacts(policy.task, policy.labels, policy.scale, judges))
    return tuple(sorted(columns.item_ids[code] for code in np.unique(columns.item).tolist()))


def _own_items(policy: DeferralPolicy, items: Sequence[str]) -> tuple[str, ...]:
    """What to say of items whose labels had a part in making the policy, if there are any."""
    share = share_listed(policy.calibration.item_digests, items)
    if isinstance(policy.pooling, FittedPool):
        share += share_fitted_on(policy.pooling, items)  # never items of its calibration
    return (_OWN_ITEMS.format(share),) if share else ()


def _refuse_other(policy: DeferralPolicy, facts: PanelFacts) -> None:
    refuse_other_panel(policy, facts, "the policy")
    if isinstance(policy.pooling, FittedPool):
        refuse_other_panel(policy.pooling, facts, "the policy's fitted pool")


def _applied(policy: DeferralPolicy, votes: VoteTable, items: Sequence[str], notes: tuple[str, ...]) -> Applied:
    fitted = policy.pooling if isinstance(policy.pooling, FittedPool) else None
    pooling = PanelPooling(policy.smoothing, policy.weights, fitted)
    judges = [judge.id for judge in policy.judges]
    forecasts = collect_item_votes(votes, items, policy.labels, judges, pooling.vote_strength)
    q = pooling.forecast(forecasts, policy.labels)
    return Applied(policy, items, q, decide(policy, q, forecasts), notes)


def _written(applied: Applied, path: Path) -> Applied:
    try:
        replace_file(path, lambda file: file.writelines(applied.lines()))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    return replace(applied, path=path)
