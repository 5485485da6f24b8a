"""What fewer samples of each judge, or votes in one label order only, would have done, from the votes recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import mean_estimate, segment_means
from panel_eval.evaluation.panel_value.sub_panels import SubPanels
from panel_eval.evaluation.recorded_votes import NO_ORDER, RecordedVotes
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.pooling import collect_votes
from panel_eval.schema.panel_value_metrics import LabelOrderUse, SamplesUsed
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

DRAWS = 4
"""Random choices of votes that a loss is averaged over."""
_STEPS = (1, 2, 3, 5, 8, 13, 21, 50, 100)
_MOST_ORDERS = 12
_NEARLY_ALL = 0.9
_SEED = 9204
ONCE = "each judge voted once on each item"
NO_VOTES = "the votes themselves are not at hand"
_NO_ORDERS = "the votes do not say in which order labels were listed"
_FEW_ORDERS = "needs judges that were asked about nearly all of their items in the same two label orders or more"


@dataclass(frozen=True)
class FewerVotes:
    """The votes behind a panel, and the panel's fits.

    Attributes:
        votes: on the items of the panel.
        humans: these items.
        panels: fits whatever answers are left.
        everything: the items, with their resamples.
        seed: of the choices of votes.
    """

    votes: RecordedVotes
    humans: HumanLabels
    panels: SubPanels
    everything: Segment
    seed: int

    def samples_used(self) -> tuple[list[SamplesUsed] | None, str | None]:
        """The panel with at most 1, 2, … votes of each judge and item, or why that cannot be said."""
        cell = self.votes.cell
        most = int(np.bincount(cell, minlength=1).max())
        if most <= 1:
            return None, ONCE
        everyone = self._losses(np.ones(len(cell), dtype=bool))
        ranks = [_random_ranks(cell, np.random.default_rng([self.seed, _SEED, draw])) for draw in range(DRAWS)]
        rows = []
        for samples in [step for step in _STEPS if step < most] + [most]:
            kept = [rank < samples for rank in ranks] if samples < most else [np.ones(len(cell), dtype=bool)]
            losses = np.mean([self._losses(which) for which in kept], axis=0) if samples < most else everyone
            numbers = segment_means({"ce": losses, "behind": losses - everyone}, self.everything)
            rows.append(
                SamplesUsed(
                    samples=samples,
                    votes_per_item=float(kept[0].sum()) / len(self.humans),
                    ce_bits=mean_estimate(numbers["ce"]),
                    behind_all_bits=mean_estimate(numbers["behind"]),
                )
            )
        return rows, None

    def label_order_use(self) -> tuple[LabelOrderUse | None, str | None]:
        """One label order against as many votes in mixed orders, or why that cannot be said."""
        orders = self.votes.orders
        if not len(orders):
            return None, _NO_ORDERS
        votes, cell = self.votes, self.votes.cell
        apart = _asked_in_several_orders(votes, cell)
        asked = [(votes.order == code) & apart for code in range(len(orders))]
        fewest = max(_NEARLY_ALL * np.unique(cell[apart]).size, 1.0)
        common = [which for which in asked if np.unique(cell[which]).size >= fewest][:_MOST_ORDERS]
        if len(common) < 2:
            return None, _FEW_ORDERS
        names = [_order_name(orders[votes.order[which][0]], self.humans.labels) for which in common]
        any_order = np.asarray(np.any(common, axis=0))
        one = [self._losses(which | ~apart) for which in common]
        mixed = [
            self._losses(
                ~apart | _as_many(which, any_order, cell, np.random.default_rng([self.seed, _SEED, 100, place]))
            )
            for place, which in enumerate(common)
        ]
        columns = {"one": np.mean(one, axis=0), "mixed": np.mean(mixed, axis=0)}
        columns["gain"] = columns["one"] - columns["mixed"]
        numbers = segment_means(
            columns | {f"order {name}": own for name, own in zip(names, one, strict=True)}, self.everything
        )
        return LabelOrderUse(
            orders=len(common),
            one_order_ce_bits=mean_estimate(numbers["one"]),
            mixed_orders_ce_bits=mean_estimate(numbers["mixed"]),
            gain_of_mixing_bits=mean_estimate(numbers["gain"]),
            by_order={name: mean_estimate(numbers[f"order {name}"]) for name in names},
        ), None

    def _losses(self, which: BoolArray) -> FloatArray:
        """(n_items,) out-of-fold losses of the panel with some of the votes only."""
        known = self.panels.sample.forecasts
        kept = self.votes.take(which).table
        return self.panels.losses_of(collect_votes(kept, self.humans, known.judge_ids, known.vote_strength))


def _random_ranks(cell: IntArray, generator: np.random.Generator) -> IntArray:
    """(n_votes,) place of each vote in a random order of its cell's votes, from 0."""
    order = np.lexsort((generator.random(cell.size), cell))
    starts = np.searchsorted(cell[order], cell[order])
    ranks = np.empty(cell.size, dtype=np.int64)
    ranks[order] = np.arange(cell.size) - starts
    return ranks


def _asked_in_several_orders(votes: RecordedVotes, cell: IntArray) -> BoolArray:
    """(n_votes,) whether the judge was asked about the item in more than one label order."""
    known = votes.order != NO_ORDER
    pairs = np.unique(np.stack([cell[known], votes.order[known]]), axis=1)
    orders = np.bincount(pairs[0], minlength=int(cell.max()) + 1)
    return np.asarray(known & (orders[cell] > 1))


def _as_many(which: BoolArray, among: BoolArray, cell: IntArray, generator: np.random.Generator) -> BoolArray:
    """As many random votes of each cell as `which` has there, drawn from those in `among`."""
    wanted = np.bincount(cell[which], minlength=int(cell.max()) + 1)
    rows = np.flatnonzero(among)
    chosen = np.zeros(cell.size, dtype=bool)
    chosen[rows] = _random_ranks(cell[rows], generator) < wanted[cell[rows]]
    return chosen


def _order_name(order: IntArray, labels: tuple[str, ...]) -> str:
    return " > ".join(labels[place] for place in order.tolist())
