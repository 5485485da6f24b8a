"""What the votes cost: money, tokens and time. An unknown price stays unknown; it is never counted as nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.pooling.vote_columns import TOKENS, VoteColumns
from panel_eval.schema import OUTCOMES
from panel_eval.stats.arrays import FloatArray, IntArray

_NO_TOKENS = (0,) * len(TOKENS)


@dataclass(frozen=True)
class Spending:
    """Cost, tokens and latency of a set of votes.

    Attributes:
        votes: votes counted, re-asked ones each time.
        asked: those of them for which a request was sent.
        priced: those of `asked` whose cost is known.
        known_usd: US dollars over the votes whose cost is known.
        uncertain_usd: at most so much more may be billed, for requests without a readable answer.
        uncertain_unknown: votes with such requests at an unknown price.
        metered: votes that reported tokens.
        tokens: input, output, cached, cache-write, reasoning and uncertain tokens.
        timed, latency_s: votes that recorded a latency, and its sum.
    """

    votes: int = 0
    asked: int = 0
    priced: int = 0
    known_usd: float = 0.0
    uncertain_usd: float = 0.0
    uncertain_unknown: int = 0
    metered: int = 0
    tokens: tuple[int, ...] = _NO_TOKENS
    timed: int = 0
    latency_s: float = 0.0

    @property
    def unpriced(self) -> int:
        """Votes that may have cost something, nobody knows what."""
        return self.asked - self.priced

    @property
    def cost_known_usd(self) -> float | None:
        """US dollars over the votes whose cost is known; None where something was asked and no cost is known."""
        return self.known_usd if self.priced or not self.asked else None

    @property
    def cost_usd(self) -> float | None:
        """The whole cost in US dollars, or None if that of any vote is unknown."""
        return None if self.unpriced else self.cost_known_usd


Cell = tuple[str, str, str, bool]
"""Judge, disagreement class of the item, outcome, and whether the vote was reused from an earlier run."""


@dataclass(frozen=True)
class SpendingTable:
    """Spending by judge, disagreement class and outcome.

    Attributes:
        cells: what was spent in each cell; cells without votes are left out.
    """

    cells: Mapping[Cell, Spending]

    @property
    def total(self) -> Spending:
        """All votes that were paid for now."""
        return together(own for cell, own in self.cells.items() if not cell[3])

    @property
    def reused(self) -> Spending:
        """The votes of earlier runs: what they cost then."""
        return together(own for cell, own in self.cells.items() if cell[3])

    def by_judge(self, judges: Sequence[str]) -> dict[str, Spending]:
        """Judge to what its votes cost, in the given order; judges without votes are left out."""
        return self._by(0, judges)

    def by_class(self, classes: Sequence[str]) -> dict[str, Spending]:
        """Disagreement class to what votes on its items cost."""
        return self._by(1, classes)

    def by_outcome(self) -> dict[str, Spending]:
        """Outcome to what votes that ended in it cost."""
        return self._by(2, OUTCOMES)

    def _by(self, axis: int, names: Sequence[str]) -> dict[str, Spending]:
        found: dict[object, list[Spending]] = {}
        for cell, own in self.cells.items():
            if not cell[3]:
                found.setdefault(cell[axis], []).append(own)
        return {name: together(found[name]) for name in names if name in found}


def together(parts: Iterable[Spending]) -> Spending:
    """The spending of several sets of votes."""
    known = list(parts)
    return Spending(
        votes=sum(each.votes for each in known),
        asked=sum(each.asked for each in known),
        priced=sum(each.priced for each in known),
        known_usd=math.fsum(each.known_usd for each in known),
        uncertain_usd=math.fsum(each.uncertain_usd for each in known),
        uncertain_unknown=sum(each.uncertain_unknown for each in known),
        metered=sum(each.metered for each in known),
        tokens=tuple(map(sum, zip(*(each.tokens for each in known), strict=True))) or _NO_TOKENS,
        timed=sum(each.timed for each in known),
        latency_s=math.fsum(each.latency_s for each in known),
    )


def tally_spending(
    columns: VoteColumns,
    judge: NDArray[Any],
    judges: Sequence[str],
    item_class: NDArray[Any],
    classes: Sequence[str],
) -> SpendingTable:
    """Add up what votes cost. The order of votes does not matter, not even to the last digit.

    Args:
        columns: the votes, those asked again each time.
        judge: (n_votes,) position in `judges`.
        judges: the judges.
        item_class: (n_votes,) position in `classes` of the class of the vote's item.
        classes: the disagreement classes.
    """
    shape = len(judges), len(classes), len(OUTCOMES), 2
    cell = np.ravel_multi_index((judge, item_class, columns.outcome, columns.reused.astype(np.int64)), shape)
    sums = _CellSums(cell, math.prod(shape))
    # Nothing was sent for a vote without an attempt, so it has cost nothing, whatever the price.
    known = ~np.isnan(columns.cost_usd)
    asked = columns.attempted & ~((columns.outcome == OUTCOMES.index("over_budget")) & ~known)
    metered = columns.tokens[:, 0] >= 0
    tables = {
        "votes": sums.count(None),
        "asked": sums.count(asked),
        "priced": sums.count(asked & known),
        "known_usd": sums.add(columns.cost_usd),
        "uncertain_usd": sums.add(columns.cost_uncertain_usd),
        "uncertain_unknown": sums.count(np.isnan(columns.cost_uncertain_usd)),
        "metered": sums.count(metered),
        "timed": sums.count(~np.isnan(columns.latency_s)),
        "latency_s": sums.add(columns.latency_s),
    }
    tokens = np.stack([sums.count(metered, column) for column in columns.tokens.T], axis=1)
    return SpendingTable(
        {
            _cell(at, shape, judges, classes): Spending(
                **{name: table[at].item() for name, table in tables.items()}, tokens=tuple(tokens[at].tolist())
            )
            for at in np.flatnonzero(tables["votes"]).tolist()
        }
    )


def _cell(at: int, shape: tuple[int, ...], judges: Sequence[str], classes: Sequence[str]) -> Cell:
    judge, item_class, outcome, reused = (int(axis) for axis in np.unravel_index(at, shape))
    return judges[judge], classes[item_class], OUTCOMES[outcome], bool(reused)


@dataclass(frozen=True)
class _CellSums:
    """Sums over the votes of each cell.

    Attributes:
        cell: (n_votes,) the cell of each vote.
        n_cells: how many cells there are.
    """

    cell: NDArray[Any]
    n_cells: int

    def count(self, which: NDArray[np.bool_] | None, weights: IntArray | None = None) -> IntArray:
        """(n_cells,) how many votes are in `which` (None: all), or the sum of their whole-number weights."""
        if which is not None and not which.any():
            return np.zeros(self.n_cells, dtype=np.int64)
        cell = self.cell if which is None else self.cell[which]
        own = None if weights is None or which is None else weights[which]
        return np.bincount(cell, weights=own, minlength=self.n_cells).astype(np.int64)

    def add(self, values: FloatArray) -> FloatArray:
        """(n_cells,) sums without NaN; each cell is summed in the order of its values."""
        sums = np.zeros(self.n_cells)
        rows = np.flatnonzero(values > 0.0)
        if len(rows):
            order = rows[np.lexsort((values[rows], self.cell[rows]))]
            cells, starts = np.unique(self.cell[order], return_index=True)
            sums[cells] = np.add.reduceat(values[order], starts)
        return sums
