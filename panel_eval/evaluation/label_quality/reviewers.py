"""Each reviewer beside the others of the same items: agreement, severity, use of labels, confidence, gold items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.label_quality.pass_rates import Gold
from panel_eval.evaluation.means import finite_or_none, null
from panel_eval.schema import Estimate
from panel_eval.schema.reviewer_quality import ReviewerQuality, Reviewers
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient
from panel_eval.stats.multiplicity import benjamini_hochberg
from panel_eval.stats.rater_agreement import GroupMeans, against_others, auroc_interval, group_means, group_sums
from panel_eval.stats.slips import slip_rates

LEVEL = 0.05
"""Of the adjusted p-values: of the reviewers flagged, one in twenty is expected to be no different."""
FEWEST_ITEMS = 10
"""Reviewers with fewer comparable items are not tested."""
BASE_SLIP_RATE = 0.02
"""Slips assumed of a reviewer of whom nothing is known; a convention, no measurement."""
SLIP_WORTH = 20.0
"""Votes that the base rate is worth against a reviewer's own."""
MOST_LISTED = 300
_FEWEST_EACH = 5
"""Votes with and without the others' label that an AUROC of confidence needs."""
_ADJUSTMENT = (
    "Benjamini-Hochberg over the tested reviewers: of those flagged, an expected share of at most the level is no "
    "different from the others"
)
_NOT_NAMED = (
    "the file does not name who cast which vote (rationales with a reviewer for every vote): nothing can be said "
    "of single reviewers"
)
_NO_THREE = "no item of the reviewer has two other reviewers"


@dataclass(frozen=True)
class People:
    """The named reviewers.

    Attributes:
        section: as it stands in the document.
        slip_rate: (n_reviewers,) assumed in the search for slips; empty where nobody is named.
        deviates: (n_reviewers,) who agrees too little.
        everyone: each of them, in the order of their codes.
    """

    section: Reviewers
    slip_rate: FloatArray
    deviates: BoolArray
    everyone: tuple[ReviewerQuality, ...] = ()


@dataclass(frozen=True)
class _Tested:
    """Means by reviewer with adjusted p-values, NaN where not tested."""

    means: GroupMeans
    p_adjusted: FloatArray


def reviewers_of(delivery: Delivery, gold: Gold, chance: FloatArray) -> People:
    """What is known of each named reviewer.

    Args:
        delivery: the items with their votes by reviewer.
        gold: pass rates.
        chance: (n_items, n_labels) of each chosen label by the other votes of the item.
    """
    named = delivery.named
    if named is None:
        return People(reviewers_section(None, [], _NOT_NAMED), np.zeros(0), np.zeros(0, dtype=np.bool_))
    votes = named.votes
    size, n_labels = len(votes.reviewers), len(delivery.humans.labels)
    own_chance = chance[votes.item, votes.label]
    told = np.isfinite(own_chance)  # nothing is told of the vote of who labelled an item alone
    rates = slip_rates(own_chance[told], votes.reviewer[told], size, n_labels, BASE_SLIP_RATE, SLIP_WORTH)
    beside = _beside_others(delivery, named)
    held = _told(delivery, named)
    everyone = [
        ReviewerQuality(
            reviewer=name,
            **beside.of(code),
            **held.of(code, delivery.humans.labels),
            slip_rate=float(rates[code]),
            gold=gold.rates[code],
        )
        for code, name in enumerate(votes.reviewers)
    ]
    tested = int(np.isfinite(beside.difference.p_adjusted).sum())
    return People(reviewers_section(named, everyone, None, tested), rates, beside.deviates, tuple(everyone))


@dataclass(frozen=True)
class _BesideOthers:
    """Each reviewer beside the others of the same items."""

    agreement: GroupMeans
    expected: GroupMeans
    difference: _Tested
    severity: _Tested | None
    deviates: BoolArray

    def of(self, code: int) -> dict[str, Any]:
        """The fields of one reviewer."""
        steps = self.severity
        return {
            "comparable": int(self.agreement.n[code]),
            "agreement": _estimate(self.agreement, code),
            "expected": _estimate(self.expected, code),
            "difference": _estimate(self.difference.means, code),
            "p_adjusted": finite_or_none(self.difference.p_adjusted[code]),
            "deviates": bool(self.deviates[code]),
            "severity": None if steps is None else _estimate(steps.means, code),
            "severity_p_adjusted": None if steps is None else finite_or_none(steps.p_adjusted[code]),
        }


def _beside_others(delivery: Delivery, named: NamedVotes) -> _BesideOthers:
    votes, humans = named.votes, delivery.humans
    versus = against_others(humans.counts, votes.item, votes.label)
    comparable = np.where(np.isnan(versus.expected), np.nan, versus.agreement)
    difference = _tested(_by_reviewer(delivery, named, versus.agreement - versus.expected))
    ordinal = humans.scale == "ordinal"
    return _BesideOthers(
        agreement=_by_reviewer(delivery, named, comparable),
        expected=_by_reviewer(delivery, named, versus.expected),
        difference=difference,
        severity=_tested(_by_reviewer(delivery, named, steps_above_others(delivery, named))) if ordinal else None,
        deviates=(difference.p_adjusted <= LEVEL) & (difference.means.mean < 0),
    )


@dataclass(frozen=True)
class _Told:
    """What the file holds of each reviewer: label use (n_reviewers, n_labels), confidences and evidence."""

    uses: IntArray
    confidence: FloatArray
    n_confidence: IntArray
    aurocs: list[Estimate]
    with_evidence: IntArray

    def of(self, code: int, labels: tuple[str, ...]) -> dict[str, Any]:
        """The fields of one reviewer."""
        return {
            "votes": int(self.uses[code].sum()),
            "label_counts": dict(zip(labels, self.uses[code].tolist(), strict=True)),
            "mean_confidence": finite_or_none(self.confidence[code]),
            "n_confidence": int(self.n_confidence[code]),
            "confidence_auroc": self.aurocs[code],
            "with_evidence": int(self.with_evidence[code]),
        }


def _told(delivery: Delivery, named: NamedVotes) -> _Told:
    votes, size, n_labels = named.votes, len(named.votes.reviewers), len(delivery.humans.labels)
    used = np.bincount(votes.reviewer * n_labels + votes.label, minlength=size * n_labels)
    stated = ~np.isnan(named.confidence)
    n_stated = np.bincount(votes.reviewer[stated], minlength=size)
    return _Told(
        uses=used.reshape(size, n_labels),
        confidence=quotient(group_sums(votes.reviewer[stated], named.confidence[stated], size), n_stated),
        n_confidence=n_stated,
        aurocs=_confidence_aurocs(delivery, named),
        with_evidence=np.bincount(votes.reviewer[named.evidence], minlength=size),
    )


def reviewers_section(
    named: NamedVotes | None, everyone: list[ReviewerQuality], note: str | None, tested: int = 0
) -> Reviewers:
    """The section of the document, those who agree least beyond what is expected first."""
    worst_first = sorted(everyone, key=lambda one: (_rank(one), one.reviewer))
    said = [note] if note else []
    if len(everyone) > MOST_LISTED:
        said.append(f"the {MOST_LISTED} who agree least beyond what is expected are listed, of {len(everyone):,}")
    if untested := len(everyone) - tested:
        said.append(f"{untested:,} reviewers with fewer than {FEWEST_ITEMS} comparable items are not tested")
    return Reviewers(
        n_named=len(everyone),
        items_read=0 if named is None else named.votes.n_read,
        items_used=0 if named is None else named.votes.n_items,
        adjustment=_ADJUSTMENT,
        level=LEVEL,
        fewest_items=FEWEST_ITEMS,
        tested=tested,
        deviating=[one.reviewer for one in worst_first if one.deviates],
        reviewers=worst_first[:MOST_LISTED],
        note="; ".join(said) or None,
    )


def _rank(one: ReviewerQuality) -> float:
    return np.inf if one.difference.estimate is None else one.difference.estimate


def _by_reviewer(delivery: Delivery, named: NamedVotes, score: FloatArray) -> GroupMeans:
    votes = named.votes
    return group_means(score, votes.reviewer, delivery.cluster[votes.item], len(votes.reviewers))


def _tested(means: GroupMeans) -> _Tested:
    able = (means.n >= FEWEST_ITEMS) & np.isfinite(means.p_value)
    adjusted = np.full(able.size, np.nan)
    adjusted[able] = benjamini_hochberg(means.p_value[able])
    return _Tested(means, adjusted)


def steps_above_others(delivery: Delivery, named: NamedVotes) -> FloatArray:
    """(n_votes,) steps of the scale that each vote stands above the mean of the other votes of its item."""
    votes, humans = named.votes, delivery.humans
    place = np.arange(len(humans.labels), dtype=np.float64)
    total = (humans.counts @ place)[votes.item] - place[votes.label]
    return place[votes.label] - quotient(total, humans.reviewer_count[votes.item] - 1)


def _estimate(means: GroupMeans, code: int) -> Estimate:
    if not means.n[code]:
        return null(_NO_THREE)
    low, high = finite_or_none(means.low[code]), finite_or_none(means.high[code])
    note = None if low is not None else "no interval: fewer than two items, or items of one origin only"
    return Estimate(estimate=float(means.mean[code]), low=low, high=high, n=int(means.n[code]), note=note)


def _confidence_aurocs(delivery: Delivery, named: NamedVotes) -> list[Estimate]:
    """Whether each reviewer was surer of votes with the others' most frequent label than of other votes."""
    votes, counts = named.votes, delivery.humans.counts
    stated = ~np.isnan(named.confidence) & (delivery.humans.reviewer_count[votes.item] > 1)
    missing = null("no confidences are stated")
    if not stated.any():
        return [missing] * len(votes.reviewers)
    others = counts[votes.item]
    others[np.arange(votes.item.size), votes.label] -= 1.0
    with_others = mode_sets(others / np.maximum(others.sum(axis=1, keepdims=True), 1.0))
    agrees = with_others[np.arange(votes.item.size), votes.label]
    order = np.argsort(votes.reviewer, kind="stable")
    ends = np.cumsum(np.bincount(votes.reviewer, minlength=len(votes.reviewers)))
    return [
        _auroc(named.confidence[own[stated[own]]], agrees[own[stated[own]]]) for own in np.split(order, ends[:-1])
    ]


def _auroc(confidence: FloatArray, agrees: BoolArray) -> Estimate:
    n, positive = agrees.size, int(agrees.sum())
    if min(positive, n - positive) < _FEWEST_EACH:
        return null(f"fewer than {_FEWEST_EACH} votes with a confidence on either side of the others", n)
    value, low, high = auroc_interval(confidence, agrees)
    return Estimate(estimate=value, low=finite_or_none(low), high=finite_or_none(high), n=n)
