"""Risk and coverage if people did the ranking: the panel's labels, kept where fresh reviewers differ least."""

from __future__ import annotations

from typing import Final

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.risk_curves import risk_at
from panel_eval.schema.deferral_metrics import HumanRiskCurve
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.posterior_predictive import draw_populations, draw_votes

REVIEWERS: Final = (None, 3)
MAX_ITEMS: Final = 20_000
"""Most items that fresh reviewers are drawn for."""
_SEED: Final = 613
_DRAWS, _MOST_DRAWS = 60_000, 200
"""Items times draws, and most draws of an item."""


def human_risk_curves(
    comparison: Comparison, loss: FloatArray, coverage: FloatArray
) -> list[HumanRiskCurve] | None:
    """The risk of the panel's labels if items were ranked by the spread of fresh reviewers.

    Populations are drawn from each item's posterior given its votes, fresh votes from the populations: the risk is
    the expectation over what other reviewers would say, so that people are ranked by votes other than those that
    the loss is made of.

    Args:
        comparison: the panel beside the people.
        loss: (n_items,) of deciding each item by the panel's label; NaN where it has none.
        coverage: (n_points,) shares of items kept.

    Returns:
        A curve for each group of `REVIEWERS`; None where there is nothing to rank.
    """
    known = np.isfinite(loss)
    rows = np.flatnonzero(random_part(known, MAX_ITEMS, [comparison.seed, _SEED]))
    if rows.size < 2 or not coverage.size:
        return None
    n_known = int(known.sum())
    note = f"from {MAX_ITEMS:,} random items of {n_known:,}" if rows.size < n_known else None
    alpha, own = comparison.posterior.alpha[rows], comparison.humans.reviewer_count[rows]
    sizes = [own if n is None else np.full(rows.size, n) for n in REVIEWERS]
    generator = np.random.default_rng([comparison.seed, _SEED, 1])
    risks = fresh_risk(alpha, sizes, loss[rows], coverage, generator)
    return [
        HumanRiskCurve(reviewers=n, risk=risk.tolist(), note=note) for n, risk in zip(REVIEWERS, risks, strict=True)
    ]


def fresh_risk(
    alpha: FloatArray,
    sizes: list[IntArray],
    loss: FloatArray,
    coverage: FloatArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Mean loss among the items kept by the spread of fresh reviewers, averaged over draws of them.

    Args:
        alpha: (n_items, n_labels) Dirichlet posterior of each item's population.
        sizes: for each group (n_items,) how many reviewers of an item are drawn.
        loss: (n_items,) of deciding the item.
        coverage: (n_points,) shares of items kept; items of equal spread enter in random order.
        generator: draws.

    Returns:
        (n_groups, n_points).
    """
    n_draws = int(np.clip(_DRAWS // loss.size, 1, _MOST_DRAWS))
    total = np.zeros((len(sizes), coverage.size))
    for _ in range(n_draws):
        populations = draw_populations(alpha, generator)
        for place, n in enumerate(sizes):
            votes = draw_votes(populations, n, generator)
            spread = entropy_bits(votes / votes.sum(axis=1, keepdims=True))
            total[place] += risk_at(-spread, loss, coverage)
    return total / n_draws
