"""Populations that the votes of each item allow, drawn from its posterior, and what panels of them would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.pilot.usable import Votes
from panel_eval.stats.arrays import FloatArray, IntArray, row_sums
from panel_eval.stats.latent_classes import fit_latent_classes
from panel_eval.stats.logistic_normal import fit_logistic_normal
from panel_eval.stats.majority import majority_chances, majority_work
from panel_eval.stats.posterior_predictive import populations_at, spread_points

MOST_PEOPLE = 25
"""Larger panels are taken as so many people: their hard label is no more certain than that of this many."""
_DRAWS = 32_768
"""Populations drawn in all, shared among the posteriors that differ."""
_FEWEST_DRAWS, _MOST_DRAWS = 4, 4_096
_MOST_WORK = 4e9
"""Multiplications for one size of panels; sizes that take more are left out."""
_MANY_PEOPLE = 20
_FITTED = 5_000
"""Items that the other forms of the prior are fitted to where there are more."""
_GRID = 2_048
"""Populations that stand for the logistic normal."""
_SEED = 812


@dataclass(frozen=True)
class Populations:
    """Draws of each item's population; items with the same posterior share theirs.

    Attributes:
        code: (n_items,) which of the posteriors is the item's.
        first: (n_distinct,) an item that has it.
        draws: of each posterior.
        p: (n_distinct * draws, n_labels) populations, posterior by posterior.
        votes: of the items in `first`.
    """

    code: IntArray
    first: IntArray
    draws: int
    p: FloatArray
    votes: Votes

    @classmethod
    def of(cls, sample: Comparison) -> Populations:
        """Drawn with the comparison's seed, at the same places of their distributions under every prior."""
        alpha = sample.posterior.alpha
        _, first, code = np.unique(sample.humans.counts, axis=0, return_index=True, return_inverse=True)
        if sample.humans.clusters is not None:  # the base rate, and so the prior, leaves out the item's cluster
            first, code = np.arange(len(alpha)), np.arange(len(alpha))
        draws = 1 << int(np.log2(np.clip(_DRAWS / first.size, _FEWEST_DRAWS, _MOST_DRAWS)))
        points = spread_points(first.size, draws, alpha.shape[1], [sample.seed, _SEED])
        p = populations_at(np.repeat(alpha[first], draws, axis=0), points)
        return cls(code.reshape(-1), first, draws, p, Votes(sample.humans.counts[first]))

    def under_other_forms(self, sample: Comparison) -> list[Populations]:
        """The same items with populations drawn under other forms that a prior may have.

        They are the logistic normal and a few kinds of items. There are none where no prior was fitted, or where
        people are so many that its form hardly matters.
        """
        humans, fit = sample.humans, sample.posterior.fit
        if fit is None or humans.reviewer_count.mean() > _MANY_PEOPLE:
            return []
        base, counts = sample.base_rate.mean(axis=0), humans.counts[fit.used][:_FITTED]
        forms = (fit_logistic_normal(counts, base, _GRID, sample.seed), fit_latent_classes(counts))
        points = spread_points(self.first.size, self.draws, 1, [sample.seed, _SEED, 1])
        places = points.reshape(self.first.size, self.draws)
        return [replace(self, p=form.draw(self.votes.counts, places)) for form in forms]

    @cached_property
    def sizes(self) -> IntArray:
        """(n_distinct * draws,) people behind each row's item, at most `MOST_PEOPLE`."""
        n = np.minimum(row_sums(self.votes.counts), MOST_PEOPLE).astype(np.int64)
        return np.repeat(n, self.draws)

    @cached_property
    def kept(self) -> FloatArray:
        """(n_distinct * draws, n_labels) chance of each label to be the one kept of the item's votes."""
        return np.repeat(self.votes.kept, self.draws, axis=0)

    def can_ask(self, n: int) -> bool:
        """Whether what panels of n people decide can be computed in reasonable time."""
        return majority_work(n, self.p.shape[1]) * len(self.p) <= _MOST_WORK

    def decided(self, n: int) -> FloatArray:
        """Chance of each label to be the hard label of n people of each population."""
        return majority_chances(self.p, n)

    def decided_by_as_many(self, halved: bool = False) -> FloatArray:
        """`decided` by as many people as each item has, or half of them."""
        sizes = np.maximum(self.sizes // 2, 1) if halved else self.sizes
        found = np.empty(self.p.shape)
        for n in np.unique(sizes).tolist():
            found[sizes == n] = majority_chances(self.p[sizes == n], n)
        return found

    def per_item(self, values: FloatArray) -> FloatArray:
        """(n_items,) mean of values of populations over the draws of an item."""
        means = np.asarray(values).reshape(self.first.size, self.draws).mean(axis=1)
        return np.asarray(means[self.code])
