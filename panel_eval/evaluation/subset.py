"""A comparison cut down to some of its items: those that the panel answered, and no more than can be drawn for."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.comparison import Comparison

MAX_DRAWN = 20_000
"""Most items that fresh reviewers are drawn for; more tell no more than a random choice of as many."""
MAX_RANKED = 100_000
"""Most items that are ranked, paired and spread; the thousandths of a percent that more would tell are not read."""
_SEED = 31


def drawn_items(comparison: Comparison) -> tuple[Comparison, str | None]:
    """The items the panel is scored on, a random choice of `MAX_DRAWN` where there are more.

    Returns:
        The comparison of those items, and a note that says how many were chosen (None if all are there).
    """
    rows = np.flatnonzero(comparison.panel.scored)
    if rows.size <= MAX_DRAWN:
        return comparison.take(rows), None
    chosen = np.random.default_rng([comparison.seed, _SEED]).choice(rows, MAX_DRAWN, replace=False)
    note = f"from {MAX_DRAWN:,} random items of {rows.size:,}"
    return comparison.take(np.sort(chosen)), note


def ranked_items(comparison: Comparison) -> Comparison:
    """The comparison, or `MAX_RANKED` random items of it, for sections whose cost is in ranking and pairing."""
    n_items = len(comparison.humans)
    if n_items <= MAX_RANKED:
        return comparison
    chosen = np.random.default_rng([comparison.seed, _SEED, 1]).choice(n_items, MAX_RANKED, replace=False)
    return comparison.take(np.sort(chosen))
