"""Votes as arrays: each judge's distribution over labels for each item, and every outcome counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.humans import HumanLabels
from panel_eval.pooling.spending import Spending, tally_spending
from panel_eval.pooling.standing import refuse_unknown_labels, standing_votes
from panel_eval.schema import OUTCOMES, Vote
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

_SHOWN_IDS = 5
_OUTCOME_CODE = {name: code for code, name in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class JudgeForecasts:
    """What each judge said about each item, before pooling and smoothing.

    Attributes:
        judge_ids: the judges, in the order of the first axis.
        q_raw: (n_judges, n_items, n_labels) mean of the judge's valid votes; NaN rows where it has none.
        strength: (n_judges, n_items) effective votes: 1 for a label, `vote_strength` for a distribution.
        outcomes: (n_judges, n_items, n_outcomes) votes by outcome, in the order of `schema.OUTCOMES`.
        vote_strength: how many votes a probability-valued vote counts as.
        confidence: (n_judges, n_items) mean self-reported confidence of the judge's valid votes, in [0, 1]; NaN
            where it reported none.
        excluded_unknown_items: {"count", "item_ids"}: votes for items without human labels, left out.
        excluded_unknown_judges: {"count", "judges"}: votes of judges that were not asked for, left out.
        spending: cost, tokens and latency of the votes that were kept.
    """

    judge_ids: tuple[str, ...]
    q_raw: FloatArray
    strength: FloatArray
    outcomes: IntArray
    vote_strength: float
    confidence: FloatArray
    excluded_unknown_items: Mapping[str, Any]
    excluded_unknown_judges: Mapping[str, Any]
    spending: Spending

    @property
    def answered(self) -> BoolArray:
        """(n_judges, n_items) whether the judge has a valid vote for the item."""
        return self.strength > 0

    def select(self, rows: IntArray) -> JudgeForecasts:
        """The same forecasts with items in the order of `rows`."""
        return replace(
            self,
            q_raw=self.q_raw[:, rows],
            strength=self.strength[:, rows],
            outcomes=self.outcomes[:, rows],
            confidence=self.confidence[:, rows],
        )


def collect_votes(
    votes: Iterable[Vote],
    humans: HumanLabels,
    judge_ids: Sequence[str] | None = None,
    strength: float = 20.0,
) -> JudgeForecasts:
    """Turn votes into one distribution per judge and item; the order of votes does not matter.

    Args:
        votes: votes of any judges, failed ones included.
        humans: the labelled items; they give the order of items and labels.
        judge_ids: the judges and their order; default: all that voted, sorted by id.
        strength: how many votes one probability-valued vote counts as.

    Returns:
        The forecasts, with unusable votes counted by outcome and never renormalised away.

    Raises:
        InputError: a vote names an unknown label, or two votes claim the same item, judge and sample.
    """
    everything = list(votes)
    on_items = [vote for vote in everything if vote.item_id in humans.index]
    judges = tuple(sorted({vote.judge for vote in on_items}) if judge_ids is None else judge_ids)
    wanted = frozenset(judges)
    kept = [vote for vote in on_items if vote.judge in wanted]
    refuse_unknown_labels(kept, humans.labels)
    standing, replaced = standing_votes(kept)
    q_raw, strengths, outcomes, confidence = _as_arrays(standing, humans, judges, strength)
    lost_items = [vote.item_id for vote in everything if vote.item_id not in humans.index]
    lost_judges = [vote.judge for vote in on_items if vote.judge not in wanted]
    return JudgeForecasts(
        judges,
        q_raw,
        strengths,
        outcomes,
        vote_strength=strength,
        confidence=confidence,
        excluded_unknown_items={"count": len(lost_items), "item_ids": sorted(set(lost_items))[:_SHOWN_IDS]},
        excluded_unknown_judges={"count": len(lost_judges), "judges": sorted(set(lost_judges))[:_SHOWN_IDS]},
        spending=tally_spending(standing + replaced),
    )


def _as_arrays(
    votes: Sequence[Vote], humans: HumanLabels, judges: Sequence[str], strength: float
) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
    """Sum the votes into (q_raw, strength, outcomes, confidence); see `JudgeForecasts`."""
    n_judges, n_items, n_labels = len(judges), len(humans), len(humans.labels)
    judge_row = {judge: row for row, judge in enumerate(judges)}
    item = np.array([humans.index[vote.item_id] for vote in votes], dtype=np.int64)
    judge = np.array([judge_row[vote.judge] for vote in votes], dtype=np.int64)
    outcome = np.array([_OUTCOME_CODE[vote.outcome] for vote in votes], dtype=np.int64)
    cell = judge * n_items + item
    n_cells = n_judges * n_items
    mass, valid = _label_votes(votes, cell, humans.labels, n_cells)
    spread, n_spread = _distribution_votes(votes, cell, humans.labels, n_cells)
    with np.errstate(invalid="ignore"):
        q_raw = (mass + spread) / (valid + n_spread)[:, None]
    outcomes = np.bincount(cell * len(OUTCOMES) + outcome, minlength=n_cells * len(OUTCOMES))
    return (
        q_raw.reshape(n_judges, n_items, n_labels),
        (valid + strength * n_spread).reshape(n_judges, n_items),
        outcomes.reshape(n_judges, n_items, len(OUTCOMES)),
        _mean_confidence(votes, cell, n_cells).reshape(n_judges, n_items),
    )


def _mean_confidence(votes: Sequence[Vote], cell: NDArray[np.int64], n_cells: int) -> FloatArray:
    """Mean confidence that the valid votes of each cell report (n_cells,); NaN where none does."""
    stated = [
        (row, vote.sample, vote.confidence)
        for row, vote in enumerate(votes)
        if vote.outcome == "ok" and vote.confidence is not None
    ]
    if not stated:
        return np.full(n_cells, np.nan)
    rows, samples, confidence = (np.array(column) for column in zip(*stated, strict=True))
    # As below: by the sample number, so that any order of lines gives the same sum to the last bit.
    order = np.lexsort((samples, cell[rows]))
    total = np.bincount(cell[rows][order], weights=confidence[order], minlength=n_cells)
    with np.errstate(invalid="ignore"):
        return total / np.bincount(cell[rows], minlength=n_cells)


def _label_votes(
    votes: Sequence[Vote], cell: NDArray[np.int64], labels: Sequence[str], n_cells: int
) -> tuple[FloatArray, FloatArray]:
    """Votes for each label in each cell (n_cells, n_labels), and their number (n_cells,)."""
    column = {label: code for code, label in enumerate(labels)}
    code = np.array([-1 if vote.label is None else column[vote.label] for vote in votes], dtype=np.int64)
    chosen = code >= 0
    flat = np.bincount(cell[chosen] * len(labels) + code[chosen], minlength=n_cells * len(labels))
    mass = flat.reshape(n_cells, len(labels)).astype(np.float64)
    return mass, mass.sum(axis=1)


def _distribution_votes(
    votes: Sequence[Vote], cell: NDArray[np.int64], labels: Sequence[str], n_cells: int
) -> tuple[FloatArray, FloatArray]:
    """Sum of the probability-valued votes in each cell (n_cells, n_labels), and their number (n_cells,)."""
    mass, number = np.zeros((n_cells, len(labels))), np.zeros(n_cells)
    given = [(row, vote.sample, vote.distribution) for row, vote in enumerate(votes) if vote.distribution]
    if not given:
        return mass, number
    rows = np.array([row for row, _, _ in given])
    table = np.array([[shares.get(label, 0.0) for label in labels] for _, _, shares in given])
    # Sums of floats depend on their order; the sample number makes it the same for any order of lines.
    order = np.lexsort((np.array([sample for _, sample, _ in given]), cell[rows]))
    np.add.at(mass, cell[rows][order], (table / table.sum(axis=1, keepdims=True))[order])
    np.add.at(number, cell[rows], 1.0)
    return mass, number
