"""The slices that are scored: all items, and each disagreement class, with their resamples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats import resampling_weights
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

OVERALL = "overall"
MIN_ITEMS = 10
"""Fewest items that anything is correlated or ranked over."""
MIN_UNITS = 8
"""Fewest items (or clusters) that an interval is made from; below it a bootstrap says too little (METHODS §3.1)."""


@dataclass(frozen=True)
class Segment:
    """Some of the items, with how often each is drawn in each resample of all items.

    Attributes:
        name: "overall" or the derived disagreement class.
        rows: (n_rows,) positions of the items.
        draws: (n_resamples, n_rows) how often each is drawn; each item's draws lie together in memory.
        clusters: (n_rows,) code of the cluster of each item; the items' own positions where there are none.
        unit: "items" or "clusters": what is drawn.
    """

    name: str
    rows: IntArray
    draws: FloatArray
    clusters: IntArray
    unit: str

    def draws_of(self, part: BoolArray) -> FloatArray:
        """(n_resamples, n_part) the draws of the rows in `part` (a mask)."""
        return self.draws if part.all() else self.draws.T[part].T

    def interval_note(self, part: BoolArray) -> str | None:
        """Why an interval over the rows in `part` (a mask) would say too little, or None if it is fine."""
        units = part.sum() if self.unit == "items" else np.unique(self.clusters[part]).size
        if units >= MIN_UNITS:
            return None
        return f"no interval: fewer than {MIN_UNITS} {self.unit}"


def make_segments(humans: HumanLabels, resamples: int, seed: int) -> list[Segment]:
    """All items, then each class, sharing one set of resamples of items (of clusters where there are any).

    Args:
        humans: the labelled items.
        resamples: number of bootstrap draws.
        seed: seeds them.
    """
    if humans.clusters is None:
        codes, unit = np.arange(len(humans)), "items"
    else:
        codes, unit = np.unique(np.array(humans.clusters), return_inverse=True)[1], "clusters"
    clusters = None if humans.clusters is None else codes
    # Items first in memory: the statistics sort and sum over items, and would turn the draws at every call.
    draws = np.asfortranarray(resampling_weights(len(humans), resamples, seed, clusters))
    classes = np.array(humans.derived_class)
    segments = [Segment(OVERALL, np.arange(len(humans)), draws, codes, unit)]
    for name in CLASS_NAMES:
        rows = np.flatnonzero(classes == name)
        segments.append(Segment(name, rows, draws.T[rows].T, codes[rows], unit))
    return segments
