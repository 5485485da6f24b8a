"""Which sources of uncertainty the votes at hand can tell apart, and the groups of votes that tell them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.segments import MIN_ITEMS
from panel_eval.schema.uncertainty_metrics import Source
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.variance_components import NestedVariances, nested_variances

Block = tuple[Source, ...]
"""Sources that are not told apart from each other."""

_JUDGES: Block = ("judges", "prompts")


@dataclass(frozen=True)
class UsableVotes:
    """Usable votes, by item, judge and sample.

    Attributes:
        shares: (n_votes, n_labels) what each says.
        item: (n_votes,) row of the item.
        judge: (n_votes,) row of the judge.
        order: (n_votes,) code of the label order; votes that name none share one.
    """

    shares: FloatArray
    item: IntArray
    judge: IntArray
    order: IntArray

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Split:
    """Blocks of sources, the coarsest first, and the parts of each item's variance that come from them."""

    blocks: tuple[Block, ...]
    variances: NestedVariances

    @property
    def told(self) -> bool:
        """Whether every block has groups to compare on enough items."""
        return bool(((~np.isnan(self.variances.parts)).sum(axis=0) >= MIN_ITEMS).all())


def best_split(votes: UsableVotes, model: Sequence[str] | None) -> Split | None:
    """The split that tells most sources apart; None if these votes tell nothing at all.

    Args:
        votes: the usable votes, at least one.
        model: of each judge; None where it is not known, or where no two judges share one.
    """
    several_orders = bool((votes.order != votes.order[0]).any())
    splits = (_split(votes, model, blocks) for blocks in _designs(model is not None, several_orders))
    return next((split for split in splits if split.told), None)


def _designs(several_prompts: bool, several_orders: bool) -> Iterator[tuple[Block, ...]]:
    """Ways to tell sources apart, the best first; those without judges are for a single judge."""
    prompts: Block = ("prompts",) if several_prompts else ()
    orders: Block = ("label_orders",) if several_orders else ()
    joined: list[tuple[Block, ...]] = [(("judges",), prompts)] if prompts else []
    joined.append((("judges", *prompts),))
    finer: list[tuple[Block, ...]] = (
        [(orders, ("samples",)), ((*orders, "samples"),)] if orders else [(("samples",),)]
    )
    for fine in finer:
        yield from ((*coarse, *fine) for coarse in joined)
    for hidden, fine in ((orders, (("samples",),)), ((*orders, "samples"), ())):
        yield from ((*coarse[:-1], (*coarse[-1], *hidden), *fine) for coarse in joined)
    yield from finer


def _split(votes: UsableVotes, model: Sequence[str] | None, blocks: tuple[Block, ...]) -> Split:
    codes: dict[Source, IntArray] = {
        "judges": votes.judge,
        "prompts": votes.judge,
        "label_orders": votes.order,
        "samples": np.arange(len(votes)),
    }
    if ("prompts",) in [block[:1] for block in blocks]:
        codes["judges"] = np.unique(np.array(model), return_inverse=True)[1][votes.judge]
    rows, above = np.arange(len(votes)), votes.item
    for block in blocks:
        above = _within(above, codes[block[0]][rows])
        for hidden in block[1:]:
            # What is not told apart varies between the block's groups only: one of it is kept in each.
            only = _first_groups(above, _within(above, codes[hidden][rows]))
            rows, above = rows[only], above[only]
    groups, above = [], votes.item[rows]
    for block in blocks:
        above = _within(above, codes[block[0]][rows])
        groups.append(above)
    populations = [_population(votes, block) for block in blocks]
    return Split(blocks, nested_variances(votes.shares[rows], votes.item[rows], groups, populations))


def _population(votes: UsableVotes, block: Block) -> float:
    """How many label orders there are to draw from; without end for everything else.

    Where an order's own effect is not told from that of a sample, what varies is taken for the orders' if judges
    state distributions (asked again they say nearly the same), and for the samples' if they draw labels.
    """
    if block[0] != "label_orders":
        return np.inf
    repeated = votes_in_cell(votes) > 1
    stated = float((votes.shares[repeated].max(axis=1, initial=0.0) < 1.0).mean()) if repeated.any() else 0.0
    return float(np.unique(votes.order).size) if len(block) == 1 or stated > 0.5 else np.inf


def votes_in_cell(votes: UsableVotes) -> IntArray:
    """(n_votes,) how many votes the same judge cast on the same item."""
    cell = _within(votes.item, votes.judge)
    number: IntArray = np.bincount(cell, minlength=1)[cell]
    return number


def _within(above: IntArray, code: IntArray) -> IntArray:
    """Codes of the groups within the groups above, from 0."""
    pairs: IntArray = np.unique(above * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
    return pairs


def _first_groups(above: IntArray, group: IntArray) -> BoolArray:
    """(n_votes,) the votes of the first group in each group above."""
    lowest = np.full(int(above.max(initial=-1)) + 1, group.size)
    np.minimum.at(lowest, above, group)
    return np.asarray(group == lowest[above])
