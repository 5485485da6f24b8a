"""What a term weighs: how surprising it is to find it in the evidence of an item."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class TermWeights:
    """In the evidence of how many items each term stands.

    Attributes:
        n_items: items with evidence.
        items_with: term to the number of those items whose evidence holds it.
    """

    n_items: int
    items_with: Mapping[str, int]

    @classmethod
    def of(cls, items: Iterable[Set[str]]) -> TermWeights:
        """Count terms over items, each given as the terms of all evidence on it."""
        counts: Counter[str] = Counter()
        n_items = 0
        for terms in items:
            counts.update(terms)
            n_items += 1
        return cls(n_items, counts)

    def bits(self, term: str) -> float:
        """Weight of a term: -log2((items with it + 1) / (items + 2)), the inverse document frequency.

        The smoothing adds two items, one that holds every term and one that holds none: a term that all evidence
        holds weighs almost nothing, and yet a single item's terms weigh something.
        """
        return math.log2((self.n_items + 2) / (self.items_with.get(term, 0) + 1))
