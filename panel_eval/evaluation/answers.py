"""The judges' answers beside the people's, for sections that need no panel forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.stats.arrays import IntArray


class Answers(Protocol):
    """What a `Comparison` and `AnsweredItems` have in common."""

    @property
    def humans(self) -> HumanLabels:
        """The labelled items."""

    @property
    def forecasts(self) -> JudgeForecasts:
        """What each judge said about them."""

    @property
    def everything(self) -> Segment:
        """All of them, with their resamples."""


@dataclass(frozen=True)
class AnsweredItems:
    """Items that a judge answered, in the order of their ids.

    Attributes:
        humans: the labelled items.
        forecasts: what each judge said about them.
        everything: all of them, with their resamples.
        n_left_out: items that no judge answered.
        part_note: says so if the items are a random part of those answered.
    """

    humans: HumanLabels
    forecasts: JudgeForecasts
    everything: Segment
    n_left_out: int
    part_note: str | None


def answered_items(
    humans: HumanLabels, forecasts: JudgeForecasts, most: int, seed: list[int], resamples: int
) -> AnsweredItems:
    """The items that a judge answered; about `most` of them, in whole clusters, where there are more.

    Args:
        humans: the labelled items, in any order.
        forecasts: what each judge said about them, in the same order.
        most: most items to keep.
        seed: of the choice of items; its first number seeds the resamples.
        resamples: draws behind each interval.

    Raises:
        ValueError: no judge answered any item.
    """
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    heard = np.asarray(forecasts.answered.any(axis=0))
    answered = by_id[heard[by_id]]
    if not answered.size:
        raise ValueError("no judge answered any item")
    kept = answered[_whole_clusters(humans, answered, most, seed)]
    people = humans.select(kept)
    resampling = make_resampling(people, resamples, seed[0])
    note = f"from {kept.size:,} random items of {answered.size:,}" if kept.size < answered.size else None
    return AnsweredItems(
        people,
        forecasts.select(kept),
        Segment(OVERALL, np.arange(kept.size), resampling),
        n_left_out=len(humans) - answered.size,
        part_note=note,
    )


def _whole_clusters(humans: HumanLabels, rows: IntArray, most: int, seed: list[int]) -> IntArray:
    """Positions in `rows`, rising, of random clusters that hold about `most` items together."""
    if rows.size <= most:
        return np.arange(rows.size)
    names = humans.clusters or humans.item_ids
    cluster = np.unique(np.array(names)[rows], return_inverse=True)[1]
    shuffled = np.random.default_rng(seed).permutation(int(cluster.max()) + 1)
    size = np.bincount(cluster)[shuffled]
    chosen = shuffled[: max(1, int(np.searchsorted(np.cumsum(size), most, side="right")))]
    return np.flatnonzero(np.isin(cluster, chosen))
