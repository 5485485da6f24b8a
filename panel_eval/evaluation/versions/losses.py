"""What a vote for each label costs a forecast, and which votes speak for a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.segments import OVERALL
from panel_eval.humans import HumanLabels, disagreement_codes
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.crossfit import classes_without_one_vote, left_out_loss

TESTED_CLASSES: Final = tuple(name for name in CLASS_NAMES if name != "insufficient")
TOO_FEW_REVIEWERS: Final = (
    "no item has four reviewers whose votes are known one by one: a class made by the very votes that score would "
    "favour one panel"
)


def label_losses(q: FloatArray) -> Mapping[str, FloatArray]:
    """Primary metric to (n_items, n_labels): what a vote for each label adds to it, up to what no forecast changes.

    Of the debiased Brier score it is the Brier score of the vote: they differ by the reviewers' own spread, which
    is the same for every forecast, so their differences are equal.
    """
    with np.errstate(divide="ignore"):
        surprise = -np.log2(q)
    return {"ce_bits": surprise, "brier_debiased": 1.0 - 2.0 * q + np.square(q).sum(axis=1, keepdims=True)}


@dataclass(frozen=True)
class Share:
    """Which votes speak for a segment.

    Attributes:
        segment: overall, or a disagreement class.
        part: (n_items, n_labels) the share of an item's votes that does; row sums at most 1.
        note: why no vote speaks for it, or None.
    """

    segment: str
    part: FloatArray
    note: str | None = None


def segment_shares(humans: HumanLabels) -> list[Share]:
    """All items, then each tested class.

    A class is given the votes without which the other votes put the item in it. That takes four reviewers, and
    votes that are known one by one; other items have no part in a class. Where that leaves no item at all, no
    class has a number: among items whose votes agree the sharper of two equally good panels is always the better
    one, among split ones the worse (METHODS 0.1).
    """
    votes = np.rint(np.where(humans.counts_known[:, None], humans.counts, 0.0)).astype(np.int64)
    classes = classes_without_one_vote(votes, lambda rows: disagreement_codes(rows, humans.scale)[0])
    classed = np.isin(classes, [CLASS_NAMES.index(name) for name in TESTED_CLASSES]).any()
    note = None if classed else TOO_FEW_REVIEWERS
    return [
        Share(OVERALL, humans.distribution),
        *(
            Share(name, np.where(classes == CLASS_NAMES.index(name), humans.distribution, 0.0), note)
            for name in TESTED_CLASSES
        ),
    ]


@dataclass(frozen=True)
class PairedLosses:
    """One metric on one segment, item by item, each (n_items,).

    Attributes:
        weight: the part of each item's votes that counts.
        base, candidate: their losses, times the weight.
    """

    weight: FloatArray
    base: FloatArray
    candidate: FloatArray

    @classmethod
    def of(cls, share: Share, base: FloatArray, candidate: FloatArray) -> PairedLosses:
        """The losses of both sides, (n_items, n_labels), on the votes that speak for a segment."""
        return cls(share.part.sum(axis=1), left_out_loss(share.part, base), left_out_loss(share.part, candidate))

    @property
    def infinite(self) -> tuple[int, int]:
        """Items on which the baseline's loss is infinite, and the candidate's."""
        return int(np.isinf(self.base).sum()), int(np.isinf(self.candidate).sum())

    def means(self) -> tuple[float, float]:
        """Mean loss of both sides; NaN without votes."""
        total = self.weight.sum()
        if not total:
            return np.nan, np.nan
        return float(self.base.sum() / total), float(self.candidate.sum() / total)
