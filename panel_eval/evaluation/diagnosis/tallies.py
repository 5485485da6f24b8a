"""Items of each kind counted, overall and by disagreement class, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from panel_eval.evaluation.means import null
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.diagnosis import CountedShare, Tally
from panel_eval.stats.arrays import BoolArray, IntArray
from panel_eval.stats.wilson import clustered_wilson_interval

NameT = TypeVar("NameT", bound=str)


@dataclass(frozen=True)
class Counting:
    """The items that kinds are counted among.

    Attributes:
        classes: class to the rows of its items, for each class that occurs.
        cluster: (n_items,) code of each item's cluster; None where items are independent.
        n_items: number of items.
    """

    classes: Mapping[str, IntArray]
    cluster: IntArray | None
    n_items: int

    @classmethod
    def of(cls, humans: HumanLabels, everything: Segment) -> Counting:
        """All items of some labels."""
        derived = np.array(humans.derived_class)
        rows = {name: np.flatnonzero(derived == name) for name in CLASS_NAMES}
        clustered = everything.resampling.drawn == "clusters"
        return cls(
            {name: own for name, own in rows.items() if own.size},
            everything.resampling.cluster if clustered else None,
            len(humans),
        )

    def among(self, part: BoolArray) -> Counting:
        """Some of the items, in the same order."""
        place = np.cumsum(part) - 1
        own = {name: place[rows[part[rows]]] for name, rows in self.classes.items()}
        return Counting(
            {name: rows for name, rows in own.items() if rows.size},
            None if self.cluster is None else self.cluster[part],
            int(part.sum()),
        )

    def tallies(
        self, kinds: IntArray, names: Sequence[NameT], words: Mapping[NameT, tuple[str, str | None]]
    ) -> dict[NameT, Tally]:
        """How many items are of each kind.

        Args:
            kinds: (n_items,) positions in `names`.
            names: of the kinds.
            words: meaning and advice of each.
        """
        return {name: self._tally(kinds == code, *words[name]) for code, name in enumerate(names)}

    def _tally(self, hit: BoolArray, meaning: str, advice: str | None) -> Tally:
        everyone = self._share(hit, self.cluster)
        by_class = {
            name: self._share(hit[rows], None if self.cluster is None else self.cluster[rows])
            for name, rows in self.classes.items()
        }
        return Tally(items=everyone.items, share=everyone.share, meaning=meaning, advice=advice, by_class=by_class)

    @staticmethod
    def _share(hit: BoolArray, cluster: IntArray | None) -> CountedShare:
        items, n = int(hit.sum()), hit.size
        if not n:
            return CountedShare(items=0, share=null("no items"))
        low, high = clustered_wilson_interval(hit, cluster)
        return CountedShare(items=items, share=Estimate(estimate=items / n, low=low, high=high, n=n))
