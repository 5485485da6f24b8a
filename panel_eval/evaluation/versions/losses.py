"""What a vote for each label costs a forecast, and which votes speak for a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.segments import OVERALL
from panel_eval.humans import HumanLabels, disagreement_codes
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.crossfit import classes_without_one_vote, left_out_loss

TESTED_CLASSES: Final = tuple(name for name in CLASS_NAMES if name != "insufficient")
CIRCULAR: Final = (
    "the class is made by the same votes, as no item has enough reviewers to leave one out: the size of the "
    "difference is biased, the test of no difference is not"
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
        note: what must be known of it, or None.
    """

    segment: str
    part: FloatArray
    note: str | None = None


def segment_shares(humans: HumanLabels) -> list[Share]:
    """All items, then each tested class.

    A class is given the votes without which the other votes put the item in it. Where that classes no item at all
    (it takes four reviewers) all votes of an item speak for the class that they make. Items whose votes are not
    known one by one have no part in a class that leaves one out.
    """
    votes = np.rint(np.where(humans.counts_known[:, None], humans.counts, 0.0)).astype(np.int64)
    classes = classes_without_one_vote(votes, lambda rows: disagreement_codes(rows, humans.scale)[0])
    note = None
    if not np.isin(classes, [CLASS_NAMES.index(name) for name in TESTED_CLASSES]).any():
        classes, note = _own_classes(humans), CIRCULAR
    return [
        Share(OVERALL, humans.distribution),
        *(
            Share(name, np.where(classes == CLASS_NAMES.index(name), humans.distribution, 0.0), note)
            for name in TESTED_CLASSES
        ),
    ]


def _own_classes(humans: HumanLabels) -> IntArray:
    """(n_items, 1) the class that all of an item's votes make."""
    codes: IntArray = np.array([CLASS_NAMES.index(name) for name in humans.derived_class], dtype=np.int64)
    return codes[:, None]


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
