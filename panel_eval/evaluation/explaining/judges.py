"""The judges' side of one item: what each says, what each vote was, and who stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from panel_eval.evaluation.explaining.people import kept
from panel_eval.evaluation.recorded_votes import NO_ORDER, RecordedVotes
from panel_eval.evaluation.spread import votes_cast
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import OUTCOMES, Vote
from panel_eval.schema.explanation import JudgeOnItem, VoteOnItem
from panel_eval.stats import entropy_bits, mode_sets
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.panel_spread import corrected_spread

MOST_LISTED: Final = 300
"""Most votes that are listed."""
_OK = OUTCOMES.index("ok")
_SAME: Final = 1e-6


def judge_answers(forecasts: JudgeForecasts, labels: Sequence[str]) -> list[JudgeOnItem]:
    """What each judge says on the one item of the forecasts."""
    q, answered = forecasts.q_raw[:, 0], forecasts.answered[:, 0]
    entropies, modes = entropy_bits(q), mode_sets(q)
    without = _between_without(forecasts)
    return [
        JudgeOnItem(
            judge=name,
            distribution=dict(zip(labels, q[j].tolist(), strict=True)) if answered[j] else None,
            favours=[label for label, favoured in zip(labels, modes[j], strict=True) if favoured],
            usable=int(forecasts.outcomes[j, 0, _OK]),
            unusable={
                outcome: int(number)
                for outcome, number in zip(OUTCOMES, forecasts.outcomes[j, 0], strict=True)
                if number and outcome != "ok"
            },
            entropy_bits=float(entropies[j]) if forecasts.strength[j, 0] > 1 else None,
            between_without_bits=without[j],
        )
        for j, name in enumerate(forecasts.judge_ids)
    ]


def stands_apart(judges: Sequence[JudgeOnItem], between: float) -> str | None:
    """The judge whose leaving lowers the spread between the others most; None where none does, or two do alike."""
    fall = sorted(
        ((between - one.between_without_bits, one.judge) for one in judges if one.between_without_bits is not None),
        reverse=True,
    )
    if not fall or fall[0][0] <= _SAME or (len(fall) > 1 and fall[0][0] - fall[1][0] <= _SAME):
        return None
    return fall[0][1]


def listed_votes(votes: RecordedVotes, shares: FloatArray, labels: Sequence[str]) -> list[VoteOnItem]:
    """Each vote on the item, judge by judge, at most `MOST_LISTED`."""
    return [
        _listed(votes.table[row], shares[row], int(votes.order[row]), votes.orders, labels)
        for row in range(min(len(votes), MOST_LISTED))
    ]


def _listed(vote: Vote, shares: FloatArray, order: int, orders: IntArray, labels: Sequence[str]) -> VoteOnItem:
    place = None
    if order != NO_ORDER and vote.outcome == "ok":
        modes = np.flatnonzero(mode_sets(shares[None])[0])
        place = int(np.flatnonzero(orders[order] == modes[0])[0]) + 1 if modes.size == 1 else None
    return VoteOnItem(
        judge=vote.judge,
        sample=vote.sample,
        outcome=vote.outcome,
        label=vote.label,
        distribution=vote.distribution,
        label_order=None if order == NO_ORDER else [labels[k] for k in orders[order]],
        place=place,
        confidence=vote.confidence,
        rationale=kept(vote.rationale) if vote.rationale else None,
        problem=_problem(vote),
    )


def _problem(vote: Vote) -> str | None:
    if vote.error is not None:
        return kept(f"{vote.error.kind}: {vote.error.message}")
    if vote.outcome not in ("ok", "abstain") and vote.raw:
        return kept(f"answer as received: {vote.raw}")
    return None


def _between_without(forecasts: JudgeForecasts) -> list[float | None]:
    """Spread between the other judges when each is left out; None where fewer than two others answered."""
    answered, votes = forecasts.answered[:, 0], votes_cast(forecasts)
    without: list[float | None] = []
    for judge, own in enumerate(answered):
        others = np.delete(np.arange(answered.size), judge)
        if not own or answered[others].sum() < 2:
            without.append(None)
            continue
        spread = corrected_spread(forecasts.q_raw[others], votes[others])
        without.append(max(0.0, float(spread.between[0])))
    return without
