"""How split each item's reviewers are, held against a split of two to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.posterior_expectations import expected_entropy_bits

DEAD_ZONE: Final = 0.25
"""Part of the deviation from a cut-off within which an item is on neither side of it (METHODS 7.5)."""
LEAST_ZONE: Final = 0.005
"""So close to a cut-off, over log2 labels, nothing is told apart, however alike the items are."""
TIE: Final = 1e-9


@dataclass(frozen=True)
class Splits:
    """Each item's expected entropy and its cut-off, both over log2 of the number of labels.

    Attributes:
        entropy: (n_items,) posterior expected entropy h, from 0 to 1.
        cut: (n_items,) the same if the item's votes had split two to one.
        split_zone, agreed_zone: so close above or below its cut-off an item is neither split nor agreed.
        several: (n_items,) whether two or more reviewers were asked: one cannot disagree.
    """

    entropy: FloatArray
    cut: FloatArray
    split_zone: float
    agreed_zone: float
    several: BoolArray

    @property
    def split(self) -> BoolArray:
        """(n_items,) more split than two to one."""
        return self.several & (self.entropy - self.cut > self.split_zone + TIE)

    @property
    def agreed(self) -> BoolArray:
        """(n_items,) less split than two to one."""
        return self.several & (self.entropy - self.cut < -self.agreed_zone - TIE)


def vote_splits(humans: HumanLabels, posterior: HumanPosterior) -> Splits:
    """The expected entropy of each item's population, and that of a two-to-one split of as many votes.

    The cut-off moves two thirds of the item's votes to its most chosen label and one third to the next (of equally
    chosen ones those that the prior favours), under the same prior: it asks whether the item is more or less split
    than that, whatever its number of reviewers.

    Args:
        humans: the labelled items.
        posterior: of their populations.

    References:
        METHODS 7.5 and 2.3.
    """
    most = np.log2(len(humans.labels))
    entropy = expected_entropy_bits(posterior.alpha) / most
    cut = expected_entropy_bits(_two_to_one(humans.counts, posterior.prior) + posterior.prior) / most
    several = np.asarray(humans.reviewer_count >= 2)
    apart = (entropy - cut)[several]
    return Splits(entropy, cut, _zone(apart[apart > TIE]), _zone(apart[apart < -TIE]), several)


def _zone(apart: FloatArray) -> float:
    """Part of the root mean square distance from the cut-off, of the items on one side of it.

    Of each side apart, as entropy has an end: of two labels, an even split lies but 0.08 above one of two to one,
    and a deviation taken over both sides would leave no item split. Never below `LEAST_ZONE`: where all items have
    the same population, as if reviewers drew lots, entropies differ in the fourth decimal.
    """
    return max(LEAST_ZONE, DEAD_ZONE * float(np.sqrt(np.mean(apart * apart)))) if apart.size else LEAST_ZONE


def _two_to_one(counts: FloatArray, prior: FloatArray) -> FloatArray:
    """(n_items, n_labels) the votes of each item, split two to one between its two leading labels."""
    rows = np.arange(len(counts))
    # Votes first, then the prior: a prior is worth less than all votes, so that a part of it only breaks ties.
    favour = counts + prior * (1e-6 / prior.sum(axis=1, keepdims=True))
    first = favour.argmax(axis=1)
    favour[rows, first] = -1.0
    second = favour.argmax(axis=1)
    total = counts.sum(axis=1)
    split = np.zeros(counts.shape)
    split[rows, first] = total * (2.0 / 3.0)
    split[rows, second] = total / 3.0
    return split
