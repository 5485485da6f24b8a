"""The panel's reliability diagram, with what chance alone would do to it."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema.calibration_metrics import ReliabilityBin
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.bootstrap import percentile_interval
from panel_eval.stats.calibration import TopLabel, equal_mass_bins, top_label_calibration
from panel_eval.stats.consistency_bars import consistency_bars
from panel_eval.stats.mode import mode_sets

FEWEST_ITEMS = 100
"""Below this no bar is drawn: bins of so few items suggest more than they say (METHODS §1.11)."""


def reliability_bins(humans: HumanLabels, q: FloatArray, part: Segment) -> list[ReliabilityBin]:
    """Confidence against agreement in bins of equal mass, with bars from `FEWEST_ITEMS` items on.

    Args:
        humans: the labelled items.
        q: (n_items, n_labels) the forecast.
        part: the items that have one, with their resamples.
    """
    if not part.rows.size:
        return []
    top = top_label_calibration(humans.distribution[part.rows], q[part.rows])
    bins = np.unique(equal_mass_bins(top.confidence), return_inverse=True)[1]
    bars, observed = _bars(humans, q, part, top, bins)
    diagram = []
    for code in range(int(bins.max()) + 1):
        inside = bins == code
        diagram.append(
            ReliabilityBin(
                low=float(top.confidence[inside].min()),
                high=float(top.confidence[inside].max()),
                n=int(inside.sum()),
                confidence=float(top.confidence[inside].mean()),
                soft_accuracy=float(top.soft_hit[inside].mean()),
                hard_accuracy=float(top.hard_hit[inside].mean()),
                consistency_low=_finite(bars[0][code]),
                consistency_high=_finite(bars[1][code]),
                soft_accuracy_low=_finite(observed[0][code]),
                soft_accuracy_high=_finite(observed[1][code]),
            )
        )
    return diagram


def binning_words(n_items: int, n_bins: int) -> str:
    """How the bins of the diagram were made, and what may be read from them."""
    few = (
        f" Fewer than {FEWEST_ITEMS} items: the diagram has no bars, and no bin of it should be read alone."
        if n_items < FEWEST_ITEMS
        else ""
    )
    return (
        f"{n_bins} bins of nearly equal numbers of items, by the mass on the panel's top label; about 20 items a "
        f"bin at least, 15 bins at most.{few}"
    )


def _bars(
    humans: HumanLabels, q: FloatArray, part: Segment, top: TopLabel, bins: IntArray
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """(low, high) of each bin under perfect calibration, and of its mean share of reviewers; NaN: no bar."""
    n_bins, n = int(bins.max()) + 1, part.rows.size
    none = (np.full(n_bins, np.nan), np.full(n_bins, np.nan))
    if n < FEWEST_ITEMS:
        return none, none
    tied = mode_sets(q[part.rows]).sum(axis=1)
    chance = consistency_bars(top.confidence, humans.reviewer_count[part.rows], tied, bins)
    if part.interval_note():
        return chance, none
    hits, items = (part.drawn(part.unit_sums(values, bins, n_bins)) for values in (top.soft_hit, np.ones(n)))
    return chance, percentile_interval(quotient(hits, items))


def _finite(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
