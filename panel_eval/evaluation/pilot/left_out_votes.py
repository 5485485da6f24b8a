"""Each item as it would look with one vote left out, and the vote that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.pilot.usable import Votes, units_of
from panel_eval.stats.arrays import FloatArray, IntArray, row_sums


@dataclass(frozen=True)
class LeftOutVotes:
    """One row for each item and each label that was chosen on it: a vote on the label is left out.

    Attributes:
        n_items: of the comparison.
        item: (n_rows,) position of the item.
        label: (n_rows,) the label of the vote that is left out.
        weight: (n_rows,) share of the item's votes that are on the label; sums to 1 over an item's rows.
        others: the item's other votes.
        expected: (n_rows, n_labels) what the others and the prior make of the next vote: (c' + prior) / (n' + s).
        prior: (n_rows, n_labels) the prior's pseudo-votes, never made from the item's own votes.
        base: (n_rows, n_labels) label shares of all other items.
        unit: (n_rows,) item or cluster.
    """

    n_items: int
    item: IntArray
    label: IntArray
    weight: FloatArray
    others: Votes
    expected: FloatArray
    prior: FloatArray
    base: FloatArray
    unit: IntArray

    @classmethod
    def of(cls, sample: Comparison, fewest: int) -> LeftOutVotes:
        """Of the items with at least so many votes.

        Args:
            sample: the reviewers beside the base rate.
            fewest: votes that an item needs.
        """
        counts = sample.humans.counts
        item, label = np.nonzero((counts > 0) & (row_sums(counts) >= fewest)[:, None])
        others = counts[item].copy()
        others[np.arange(item.size), label] -= 1.0
        prior = sample.posterior.prior[item]
        alpha = others + prior
        return cls(
            n_items=len(counts),
            item=item,
            label=label,
            weight=counts[item, label] / row_sums(counts[item]),
            others=Votes(others),
            expected=alpha / row_sums(alpha)[:, None],
            prior=prior,
            base=sample.base_rate[item],
            unit=units_of(sample.everything)[item],
        )

    @cached_property
    def cast(self) -> FloatArray:
        """(n_rows, n_labels) the vote that was left out, with its weight."""
        table = np.zeros(self.expected.shape)
        table[np.arange(self.item.size), self.label] = self.weight
        return table

    def surprise_bits(self, q: FloatArray) -> FloatArray:
        """(n_rows,) bits by which a forecast is surprised by the vote that was left out."""
        return np.asarray(-np.log2(q[np.arange(self.item.size), self.label]))

    def per_item(self, values: FloatArray, part: FloatArray | None = None) -> FloatArray:
        """(n_items,) weighted mean of the values over an item's rows; NaN for items without any.

        Args:
            values: (n_rows,).
            part: (n_rows,) 0 or 1, rows to sum; the weights of the others still count, as zeros.
        """
        weighted = self.weight * values if part is None else self.weight * part * values
        sums = np.bincount(self.item, weighted, minlength=self.n_items)
        there = np.bincount(self.item, minlength=self.n_items) > 0
        return np.asarray(np.where(there, sums, np.nan))

    def columns(self, forecasts: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Name of a forecast to (n_items,) bits a held-out vote."""
        return {name: self.per_item(self.surprise_bits(q)) for name, q in forecasts.items()}
