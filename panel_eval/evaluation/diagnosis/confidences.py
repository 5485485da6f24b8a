"""How sure the reviewers said they were, on one scale for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.humans.mentions import rows_naming
from panel_eval.humans.records import ItemRecords
from panel_eval.schema import ReviewerConfidence, SoftLabel
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient

MAX_ITEMS = 50_000
"""Most items whose records are read for confidences."""
FEWEST_OWN = 20
"""Answers from which a reviewer's confidence is compared with the reviewer's own others (METHODS 7.5)."""
_SEED = 75
_NOBODY = ""
_CONSTANT = 1e-12


@dataclass(frozen=True)
class Confidences:
    """Self-reported confidences, one entry a statement.

    Attributes:
        reviewers: (n_reviewers,) names, sorted.
        item: (n,) row of the item.
        reviewer: (n,) code of the reviewer, -1 where the file does not name one.
        value: (n,) from 0 to 1.
        read: (n_items,) items of which all that is stated is known.
    """

    reviewers: tuple[str, ...]
    item: IntArray
    reviewer: IntArray
    value: FloatArray
    read: BoolArray

    @property
    def own(self) -> BoolArray:
        """(n_reviewers,) who stated enough confidences to be compared with themselves."""
        named = self.reviewer[self.reviewer >= 0]
        return np.asarray(np.bincount(named, minlength=len(self.reviewers)) >= FEWEST_OWN)


def stated_confidences(humans: HumanLabels, seed: int) -> Confidences | None:
    """The confidences of all items, or of `MAX_ITEMS` random ones if more state any; None if there are none.

    Args:
        humans: the labelled items, in the order of their ids.
        seed: picks the items that are read where there are more.
    """
    rows, read = _may_state(humans.records), np.ones(len(humans), dtype=np.bool_)
    if rows.size > MAX_ITEMS:
        read[:] = False
        read[np.random.default_rng([seed, _SEED]).choice(len(humans), MAX_ITEMS, replace=False)] = True
        rows = rows[read[rows]]
    stated = [(row, *one) for row in rows.tolist() for one in sorted(item_confidences(humans.records[row]))]
    if not stated:
        return None
    item, name, value = zip(*stated, strict=True)
    names = np.array(name)
    reviewers = np.unique(names[names != _NOBODY])
    code = np.where(names == _NOBODY, -1, np.searchsorted(reviewers, names))
    return Confidences(
        tuple(reviewers.tolist()),
        np.array(item, dtype=np.int64),
        code.astype(np.int64),
        np.array(value, dtype=np.float64),
        read,
    )


def _may_state(records: Sequence[SoftLabel]) -> IntArray:
    """Rows whose record may state a confidence, its own or a rationale's; all others surely state none."""
    if isinstance(records, ItemRecords):
        return rows_naming(records, "confidence")
    stating = [row for row, record in enumerate(records) if any(item_confidences(record))]
    return np.array(stating, dtype=np.int64)


def item_confidences(record: SoftLabel) -> Iterator[tuple[str, float]]:
    """(reviewer, confidence) of each statement about an item; "" for a reviewer who is not named.

    Numbers without names belong to the reviewers of the rationales, in their order, if there are as many. A
    reviewer's confidence in a rationale counts where the item's list does not have one of that reviewer.
    """
    listed: Sequence[ReviewerConfidence | float] = record.confidence or []
    reviewers = [rationale.reviewer for rationale in record.rationales]
    in_order = len(reviewers) == len(listed)
    named: set[str] = set()
    for place, stated in enumerate(listed):
        if isinstance(stated, (int, float)):
            reviewer, value = reviewers[place] if in_order else _NOBODY, float(stated)
        else:
            reviewer, value = stated.reviewer, stated.value
        named.add(reviewer)
        yield reviewer, value
    if _NOBODY in named:  # they may be the very same statements
        return
    for rationale in record.rationales:
        if rationale.confidence is not None and rationale.reviewer not in named:
            yield rationale.reviewer, rationale.confidence


def standardised(confidences: Confidences) -> FloatArray:
    """(n,) each confidence less its mean, over its standard deviation: 0 = as sure as on average.

    Mean and deviation are the reviewer's own from `FEWEST_OWN` statements on, for scales of self-report differ
    from person to person; of all other statements together for the rest, which leaves their order and distances
    as they were stated. Who is always equally sure tells nothing and gets 0.
    """
    named, others = confidences.reviewer >= 0, len(confidences.reviewers)
    own = np.append(confidences.own, False)  # so that -1, nobody, is not compared with itself
    group = np.where(named & own[confidences.reviewer], confidences.reviewer, others)
    n = np.bincount(group, minlength=others + 1)

    def mean(values: FloatArray) -> FloatArray:
        total: FloatArray = np.bincount(group, values, others + 1).astype(np.float64)
        return quotient(total, n, 0.0)[group]

    apart = confidences.value - mean(confidences.value)
    deviation = np.sqrt(mean(apart * apart))
    return quotient(apart, np.where(deviation > _CONSTANT, deviation, 0.0), 0.0)


def item_means(confidences: Confidences, n_items: int) -> FloatArray:
    """(n_items,) mean standardised confidence of each item's reviewers, NaN where none is stated."""
    total = np.bincount(confidences.item, standardised(confidences), n_items).astype(np.float64)
    return quotient(total, np.bincount(confidences.item, minlength=n_items))
