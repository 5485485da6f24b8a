"""A prior of populations that is a list of them, each with its chance before any vote is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray

_ROWS = 512


@dataclass(frozen=True)
class PopulationMixture:
    """Populations that the people behind an item may be.

    Attributes:
        populations: (n_populations, n_labels) above 0, rows summing to 1.
        weight: (n_populations,) chance of each, above 0, summing to 1.
    """

    populations: FloatArray
    weight: FloatArray

    def posterior(self, counts: FloatArray) -> FloatArray:
        """Chance of each population given votes.

        Args:
            counts: (n_items, n_labels) votes.

        Returns:
            (n_items, n_populations), rows summing to 1.
        """
        log_chance = counts @ np.log(self.populations).T + np.log(self.weight)
        chance = np.exp(log_chance - log_chance.max(axis=1, keepdims=True))
        return np.asarray(chance / chance.sum(axis=1, keepdims=True))

    def draw(self, counts: FloatArray, points: FloatArray) -> FloatArray:
        """Populations at given places of their posteriors.

        Args:
            counts: (n_items, n_labels) votes.
            points: (n_items, n_draws) on [0, 1).

        Returns:
            (n_items * n_draws, n_labels), item by item.
        """
        chosen = []
        for first in range(0, len(counts), _ROWS):
            upto = np.cumsum(self.posterior(counts[first : first + _ROWS]), axis=1)
            for row, at in zip(upto, points[first : first + _ROWS], strict=True):
                chosen.append(np.minimum(np.searchsorted(row, at, side="right"), len(self.populations) - 1))
        return np.asarray(self.populations[np.concatenate(chosen)])
