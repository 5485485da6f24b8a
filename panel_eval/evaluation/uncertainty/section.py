"""The section `uncertainty`: the judges' votes on an item, and why they differ."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panel_eval.errors import shorten
from panel_eval.evaluation.answers import AnsweredItems, answered_items
from panel_eval.evaluation.means import null
from panel_eval.evaluation.recorded_votes import NO_ORDER, RecordedVotes, recorded_votes
from panel_eval.evaluation.spread import spread_section
from panel_eval.evaluation.uncertainty.advice import advice
from panel_eval.evaluation.uncertainty.designs import UsableVotes
from panel_eval.evaluation.uncertainty.parts import Parts, variance_parts
from panel_eval.evaluation.uncertainty.position import NO_ORDERS, ONE_ORDER, position_biases
from panel_eval.evaluation.uncertainty.remedies import BETWEEN_JUDGE, WITHIN_JUDGE
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, VoteTable
from panel_eval.schema.uncertainty_metrics import Uncertainty

_MOST_ITEMS = 20_000
_SEED = 9301
_NOBODY = "no judge answered any item"
_BELOW_ZERO = "a part below 0 is an unbiased estimate of little or nothing; it is not cut off at 0"


def uncertainty_section(
    humans: HumanLabels,
    votes: VoteTable,
    forecasts: JudgeForecasts,
    *,
    seed: int,
    resamples: int,
    models: Mapping[str, str] | None = None,
) -> Uncertainty:
    """Split the variance of votes on an item by judges, prompts, label orders and samples.

    Where there are more than 20,000 items a random part of them is used, in whole clusters. The result depends on
    the order of neither items nor votes.

    Args:
        humans: the labelled items; their labels are not used, but for `spread`.
        votes: the votes.
        forecasts: what each judge said, collected from them, items as in `humans`.
        seed: of the resamples and of the random part.
        resamples: draws behind each interval.
        models: judge to the name of its model (with its settings): judges of one model differ in their prompts.
            None where that is not known.
    """
    if not forecasts.answered.any():
        return _nothing()
    items = answered_items(humans, forecasts, _MOST_ITEMS, [seed, _SEED], resamples)
    judge_ids = items.forecasts.judge_ids
    recorded = recorded_votes(votes, items.humans, judge_ids)
    usable, known = _usable(recorded, items)
    model = None if models is None else [models.get(judge, judge) for judge in judge_ids]
    found = variance_parts(usable, model, items.everything)
    biases = position_biases(known, recorded.orders, judge_ids, items.everything)
    return Uncertainty(
        n_items=len(items.humans),
        n_votes=len(usable),
        total=found.total,
        parts=found.parts,
        not_told=found.not_told,
        position_bias=biases,
        position_note=None if biases else (ONE_ORDER if len(recorded.orders) else NO_ORDERS),
        spread=spread_section(items),
        within_judge_remedy=WITHIN_JUDGE,
        between_judge_remedy=BETWEEN_JUDGE,
        notes=_notes(items, found),
        advice=advice(found.total, found.parts),
    )


def _notes(items: AnsweredItems, found: Parts) -> list[str]:
    said = [items.part_note] if items.part_note else []
    if any((part.variance.estimate or 0.0) < 0 for part in found.parts):
        said.append(_BELOW_ZERO)
    if found.lone_judges:
        lone = [shorten(items.forecasts.judge_ids[row], 40) for row in found.lone_judges]
        said.append(f"judges with one vote an item are left out of the parts: {', '.join(lone)}")
    return said


def _nothing() -> Uncertainty:
    return Uncertainty(
        n_items=0,
        n_votes=0,
        total=null(_NOBODY),
        parts=[],
        not_told={},
        position_bias={},
        position_note=_NOBODY,
        spread=None,
        within_judge_remedy=WITHIN_JUDGE,
        between_judge_remedy=BETWEEN_JUDGE,
        notes=[_NOBODY],
        advice=f"Why the panel is unsure cannot be told: {_NOBODY}.",
    )


def _usable(recorded: RecordedVotes, items: AnsweredItems) -> tuple[UsableVotes, UsableVotes]:
    """The votes that say something, and those of them whose label order is known."""
    shares = recorded.shares(items.humans.labels)
    says = ~np.isnan(shares[:, 0])
    both = (says, says & (recorded.order != NO_ORDER))
    usable, known = (
        UsableVotes(shares[which], recorded.item[which], recorded.judge[which], recorded.order[which])
        for which in both
    )
    return usable, known
