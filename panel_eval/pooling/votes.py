"""Votes as arrays: each judge's distribution over labels for each item, and every outcome counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.humans import HumanLabels
from panel_eval.pooling.spending import SpendingTable, tally_spending
from panel_eval.pooling.standing import refuse_unknown_labels, votes_replaced
from panel_eval.pooling.vote_cells import VoteCells, positions
from panel_eval.pooling.vote_columns import VoteColumns
from panel_eval.pooling.vote_table import VoteTable
from panel_eval.schema import CLASS_NAMES, OUTCOMES, Vote
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

UNLABELLED = "unlabelled"
"""What the spending on items without human labels is counted under, in place of a disagreement class."""

_SHOWN_IDS = 5


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
        excluded_unknown_items: {"count", "item_ids"}: votes for items that were not asked for, left out.
        excluded_unknown_judges: {"count", "judges"}: votes of judges that were not asked for, left out.
        spending: cost, tokens and latency of the votes that were kept, by judge, class and outcome.
        kept_aside: outcome to votes on items kept aside; they are in `spending` and nowhere else.
    """

    judge_ids: tuple[str, ...]
    q_raw: FloatArray
    strength: FloatArray
    outcomes: NDArray[np.int32]
    vote_strength: float
    confidence: FloatArray
    excluded_unknown_items: Mapping[str, Any]
    excluded_unknown_judges: Mapping[str, Any]
    spending: SpendingTable
    kept_aside: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> BoolArray:
        """(n_judges, n_items) whether the judge has a valid vote for the item."""
        return self.strength > 0

    def select(self, rows: IntArray) -> JudgeForecasts:
        """The same forecasts with items in the order of `rows`."""
        return replace(
            self,
            q_raw=self.q_raw.take(rows, axis=1),
            strength=self.strength.take(rows, axis=1),
            outcomes=self.outcomes.take(rows, axis=1),
            confidence=self.confidence.take(rows, axis=1),
        )


def collect_votes(
    votes: Iterable[Vote],
    humans: HumanLabels,
    judge_ids: Sequence[str] | None = None,
    strength: float = 20.0,
    aside: Iterable[str] = (),
) -> JudgeForecasts:
    """Turn votes into one distribution per judge and item; the order of votes does not matter.

    Args:
        votes: votes of any judges, failed ones included; a `VoteTable` is read by its columns.
        humans: the labelled items; they give the order of items and labels.
        judge_ids: the judges and their order; default: all that voted, sorted by id.
        strength: how many votes one probability-valued vote counts as.
        aside: ids of items without human labels that the judges were asked about as well. What votes on them cost
            is counted, under the class `UNLABELLED`; they are in no forecast.

    Returns:
        The forecasts, with unusable votes counted by outcome and never renormalised away.

    Raises:
        InputError: a vote names an unknown label, or two votes claim the same item, judge and sample.
    """
    items = _Items(humans.index, humans.labels, _classes(humans), CLASS_NAMES, frozenset(aside))
    return _collect(VoteTable.of(votes), items, judge_ids, strength)


def collect_item_votes(
    votes: Iterable[Vote],
    item_ids: Sequence[str],
    labels: Sequence[str],
    judge_ids: Sequence[str] | None = None,
    strength: float = 20.0,
) -> JudgeForecasts:
    """As `collect_votes`, for items that need not be labelled by people.

    Args:
        votes: votes of any judges, failed ones included.
        item_ids: the items and their order; distinct.
        labels: the label set, in the order of the rubric.
        judge_ids: the judges and their order; default: all that voted on these items, sorted by id.
        strength: how many votes one probability-valued vote counts as.

    Returns:
        The forecasts; all of their spending stands under the class `UNLABELLED`.

    Raises:
        InputError: as for `collect_votes`.
    """
    index = dict(zip(item_ids, range(len(item_ids)), strict=True))
    items = _Items(index, labels, np.zeros(len(index), dtype=np.int64), ())
    return _collect(VoteTable.of(votes), items, judge_ids, strength)


@dataclass(frozen=True)
class _Items:
    """The item axis of forecasts.

    Attributes:
        index: item id to row.
        labels: the label set.
        item_class: (n_items,) position in `classes` of what each item's spending is counted under.
        classes: their names; the position after the last one is `UNLABELLED`.
        aside: ids of items that are in no forecast, but whose spending is counted.
    """

    index: Mapping[str, int]
    labels: Sequence[str]
    item_class: IntArray
    classes: Sequence[str]
    aside: Set[str] = frozenset()


def _collect(table: VoteTable, items: _Items, judge_ids: Sequence[str] | None, strength: float) -> JudgeForecasts:
    item_row = positions(table.columns.item_ids, items.index)
    on_items = item_row[table.columns.item] >= 0
    known = on_items | _named_in(items.aside, table.columns.item_ids)[table.columns.item]
    heard = np.unique(table.columns.judge[on_items]).tolist()
    judges = tuple(sorted(table.columns.judges[code] for code in heard) if judge_ids is None else judge_ids)
    judge_row = positions(table.columns.judges, {name: row for row, name in enumerate(judges)})
    wanted = judge_row[table.columns.judge] >= 0
    lost_items = _left_out("item_ids", table.columns.item_ids, table.columns.item[~known])
    lost_judges = _left_out("judges", table.columns.judges, table.columns.judge[on_items & ~wanted])
    kept = _kept(table, known & wanted)
    refuse_unknown_labels(kept.columns, items.labels)
    standing, paid = _standing(kept)
    item_class = np.append(items.item_class, len(items.classes))[item_row[paid.item]]  # row -1: kept aside
    spending = tally_spending(paid, judge_row[paid.judge], judges, item_class, (*items.classes, UNLABELLED))
    columns, kept_aside = _parted(standing, item_row[standing.item] >= 0)
    cell = judge_row.astype(np.int64)[columns.judge]
    cell *= len(items.index)
    cell += item_row[columns.item]
    cells = VoteCells(columns, cell, len(judges), len(items.index))
    q_raw, strengths = cells.shares(items.labels, strength)
    return JudgeForecasts(
        judges,
        q_raw,
        strengths,
        cells.outcomes(),
        vote_strength=strength,
        confidence=cells.confidence(),
        excluded_unknown_items=lost_items,
        excluded_unknown_judges=lost_judges,
        spending=spending,
        kept_aside=kept_aside,
    )


def _named_in(names: Set[str], item_ids: Sequence[str]) -> BoolArray:
    """(n_ids,) which of the ids are among the names."""
    return np.fromiter(map(names.__contains__, item_ids), dtype=bool, count=len(item_ids))


def _parted(standing: VoteColumns, on_items: BoolArray) -> tuple[VoteColumns, Mapping[str, int]]:
    """The votes on items of the forecasts, and outcome to how many votes are on items kept aside."""
    if on_items.all():
        return standing, {}
    counts = np.bincount(standing.outcome[~on_items], minlength=len(OUTCOMES)).tolist()
    return standing.take(np.flatnonzero(on_items)), {name: n for name, n in zip(OUTCOMES, counts, strict=True) if n}


def _kept(table: VoteTable, which: BoolArray) -> VoteTable:
    return table if which.all() else table.take(np.flatnonzero(which))


def _classes(humans: HumanLabels) -> IntArray:
    """(n_items,) position of each item's disagreement class in `CLASS_NAMES`."""
    position = {name: code for code, name in enumerate(CLASS_NAMES)}
    return np.fromiter(map(position.__getitem__, humans.derived_class), dtype=np.int64, count=len(humans))


def _standing(table: VoteTable) -> tuple[VoteColumns, VoteColumns]:
    """The votes that stand, and the votes that were paid for, those included that were replaced."""
    replaced, copies = votes_replaced(table)
    columns = paid = table.columns
    if len(replaced) or len(copies):
        rows = np.arange(len(table))
        paid = table.columns.take(np.delete(rows, copies))
        columns = table.columns.take(np.delete(rows, np.concatenate([replaced, copies])))
    return columns, paid


def _left_out(key: str, names: Sequence[str], codes: NDArray[Any]) -> dict[str, Any]:
    """How many votes were left out, and the first few names of what they were about."""
    different = sorted(names[code] for code in np.unique(codes).tolist())
    return {"count": len(codes), key: different[:_SHOWN_IDS]}
