"""Pools fitted to part of the labels, each scored out of fold on every item with all its votes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.references import JEFFREYS
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.reliability import draw_without_replacement
from panel_eval.stats.soft_regression import assign_folds

FOLDS = 5
_SEED = 1301


@dataclass(frozen=True)
class Labelling:
    """How much of the labels a pool is fitted to.

    Attributes:
        items: how many items, drawn at random; None for all that are not scored by the pool.
        votes: (n_items,) how many of each item's votes, drawn at random; an item of 0 is not fitted on. None for
            all votes of all items.
    """

    items: int | None = None
    votes: IntArray | None = None


@dataclass(frozen=True)
class Drawn:
    """One random draw of folds, of the order in which items are labelled, and of the votes kept.

    Attributes:
        fold: (n_items,) fold of each item, clusters whole.
        order: (n_items,) positions of the items in the order in which they are labelled: fewer items are always
            some of more, so that points of a curve differ by their number alone.
        seed: of the votes kept.
    """

    fold: IntArray
    order: IntArray
    seed: Sequence[int]

    def known(self, number: int, labelling: Labelling) -> IntArray:
        """Positions of the items that the pool which scores fold `number` is fitted to, rising."""
        usable = self.fold[self.order] != number
        if labelling.votes is not None:
            usable &= labelling.votes[self.order] > 0
        return np.sort(self.order[usable][: labelling.items])

    def votes(self, sample: TrainingSample, labelling: Labelling) -> FloatArray:
        """(n_items, n_labels) the votes kept, drawn without replacement."""
        if labelling.votes is None:
            return sample.votes
        whole = np.rint(sample.votes).astype(np.int64)
        kept = draw_without_replacement(whole, labelling.votes, np.random.default_rng([*self.seed, 1]))
        return kept.astype(np.float64)


def draws(sample: TrainingSample, number: int) -> Iterator[Drawn]:
    """Random draws, the same for the same seed of the sample."""
    for draw in range(number):
        seed = (sample.seed, _SEED, draw)
        generator = np.random.default_rng(seed)
        fold = assign_folds(sample.cluster, FOLDS, generator)
        yield Drawn(fold, generator.permutation(len(sample)), seed)


@dataclass(frozen=True)
class OutOfFold:
    """What is said of each item by pools that were fitted to part of the other folds.

    Attributes:
        fitted: (n_items, n_labels) by the learner's pool.
        base_rate: (n_items, n_labels) the label frequencies of the same items.
        items: items fitted to, mean over the folds.
        reviewers: votes of an item fitted to, mean over the folds.
    """

    fitted: FloatArray
    base_rate: FloatArray
    items: float
    reviewers: float


def out_of_fold(sample: TrainingSample, drawn: Drawn, labelling: Labelling, learner: Learner) -> OutOfFold:
    """Fit a pool for each fold to what is labelled of the others, and forecast the fold's items."""
    votes = drawn.votes(sample, labelling)
    kept = replace(sample, votes=votes)
    fitted, base = np.empty(votes.shape), np.empty(votes.shape)
    sizes = []
    for number in range(int(drawn.fold.max()) + 1):
        asked, known = np.flatnonzero(drawn.fold == number), drawn.known(number, labelling)
        fitted[asked] = learner(kept.take(known)).forecast(sample.forecasts.select(asked))
        frequency = votes[known].sum(axis=0) + JEFFREYS
        base[asked] = frequency / frequency.sum()
        sizes.append((len(known), votes[known].sum() / len(known)))
    items, reviewers = np.mean(sizes, axis=0)
    return OutOfFold(fitted, base, float(items), float(reviewers))
