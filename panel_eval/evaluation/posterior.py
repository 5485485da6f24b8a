"""What the votes leave open about each item's population: its Dirichlet posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import FloatArray

JEFFREYS = 0.5


@dataclass(frozen=True)
class HumanPosterior:
    """Dirichlet posterior of each item's population distribution: Dir(counts + prior).

    Attributes:
        prior: (n_items, n_labels) prior pseudo-votes of each item, above 0; never made from the item's own votes.
        alpha: (n_items, n_labels) posterior parameters, counts + prior.
        method: "empirical_bayes" or "jeffreys".
        concentration: total pseudo-votes of the prior, s.
        reference_weight: weight w of the recalibrated panel in the prior's centre w r + (1 - w) b; None for
            "jeffreys".
        note: what must be said beside numbers made from it, or None.
    """

    prior: FloatArray
    alpha: FloatArray
    method: str
    concentration: float
    reference_weight: float | None
    note: str | None


def jeffreys_posterior(humans: HumanLabels, note: str | None = None) -> HumanPosterior:
    """The posterior under half a vote for each label: what is left where nothing can be learnt from other items."""
    prior = np.full(humans.counts.shape, JEFFREYS)
    total = JEFFREYS * len(humans.labels)
    return HumanPosterior(prior, humans.counts + prior, "jeffreys", total, None, note)
