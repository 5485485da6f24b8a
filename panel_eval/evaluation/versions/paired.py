"""The tests of a comparison: differences of unbiased scores, paired by item, overall and by disagreement class.

Both scores are means over votes of a loss on each label, so they differ by a sum over labels: unbiased for any
number of reviewers. By class the vote that scores had no say in the class (`stats.crossfit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.detectable import LARGE_BITS
from panel_eval.evaluation.means import finite_or_none
from panel_eval.evaluation.segments import MIN_UNITS, OVERALL
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import VersionPair
from panel_eval.humans import HumanLabels, disagreement_codes
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.comparison import PRIMARY_METRICS, Difference, Verdict
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.crossfit import classes_without_one_vote
from panel_eval.stats.multiplicity import holm
from panel_eval.stats.paired_means import PairedMeans, paired_means
from panel_eval.stats.power import minimum_detectable_effect
from panel_eval.stats.sign_flip import sign_flip_test

TESTED_CLASSES: Final = tuple(name for name in CLASS_NAMES if name != "insufficient")
_LARGE: Final = {"ce_bits": LARGE_BITS, "brier_debiased": 0.1}
"""A class that would miss differences as large as this tests nothing."""


def label_losses(q: FloatArray) -> Mapping[str, FloatArray]:
    """Primary metric to (n_items, n_labels): what a vote for each label adds to it, up to what no forecast changes.

    Of the debiased Brier score it is the Brier score of the vote: they differ by the reviewers' own spread, which
    is the same for every forecast, so their differences are equal.
    """
    with np.errstate(divide="ignore"):
        surprise = -np.log2(q)
    return {"ce_bits": surprise, "brier_debiased": 1.0 - 2.0 * q + np.square(q).sum(axis=1, keepdims=True)}


def segment_shares(humans: HumanLabels) -> dict[str, FloatArray]:
    """For all items and each tested class, (n_items, n_labels): the share of an item's votes that speaks for it.

    Of a class, the votes without which the others put the item in it. Items whose votes are not known one by one
    have no part in a class.
    """
    votes = np.rint(np.where(humans.counts_known[:, None], humans.counts, 0.0)).astype(np.int64)
    classes = classes_without_one_vote(votes, lambda rows: disagreement_codes(rows, humans.scale)[0])
    shares = {OVERALL: humans.distribution}
    for name in TESTED_CLASSES:
        shares[name] = np.where(classes == CLASS_NAMES.index(name), humans.distribution, 0.0)
    return shares


def paired_tests(pair: VersionPair, settings: ComparisonSettings) -> list[Difference]:
    """The whole family: each primary metric, overall and by class, adjusted by Holm within each metric."""
    both = np.flatnonzero(pair.both)
    humans, unit = pair.humans.select(both), np.unique(pair.unit[both], return_inverse=True)[1]
    base, candidate = label_losses(pair.base_q[both]), label_losses(pair.candidate_q[both])
    shares = segment_shares(humans)
    tests = []
    for metric in PRIMARY_METRICS:
        sums = [_sums(share, base[metric], candidate[metric]) for share in shares.values()]
        tests += _tested(metric, list(shares), sums, unit, settings)
    return tests


@dataclass(frozen=True)
class _Sums:
    """(n_items,) each: weight, and weight times loss of both sides."""

    weight: FloatArray
    base: FloatArray
    candidate: FloatArray
    infinite: int


def _sums(share: FloatArray, base: FloatArray, candidate: FloatArray) -> _Sums:
    with np.errstate(invalid="ignore"):
        ours = np.where(share > 0, share * base, 0.0).sum(axis=1)
        theirs = np.where(share > 0, share * candidate, 0.0).sum(axis=1)
    return _Sums(share.sum(axis=1), ours, theirs, int((~np.isfinite(ours) | ~np.isfinite(theirs)).sum()))


def _tested(
    metric: str, names: list[str], sums: list[_Sums], unit: np.ndarray, settings: ComparisonSettings
) -> list[Difference]:
    finite = [
        own if not own.infinite else _Sums(own.weight * 0, own.weight * 0, own.weight * 0, own.infinite)
        for own in sums
    ]
    values = np.column_stack([own.candidate - own.base for own in finite])
    weights = np.column_stack([own.weight for own in finite])
    means = paired_means(values, weights, unit)
    flipped = sign_flip_test(means.sums, flips=settings.flips, seed=settings.seed)
    detectable = [
        minimum_detectable_effect(float(error), 1.0) if np.isfinite(error) else None
        for error in means.standard_error
    ]
    testable = [
        units >= MIN_UNITS and smallest is not None and smallest <= _LARGE[metric]
        for units, smallest in zip(means.n_units.tolist(), detectable, strict=True)
    ]
    family = np.flatnonzero(testable)
    adjusted = np.full(len(names), np.nan)
    adjusted[family] = holm(flipped.two_sided[family])
    found = []
    for column, name in enumerate(names):
        own = finite[column]
        value = float(means.mean[column])
        found.append(
            Difference(
                metric=metric,
                segment=name,
                base=finite_or_none(_mean(own.base, own.weight)),
                candidate=finite_or_none(_mean(own.candidate, own.weight)),
                difference=_estimate(means, column, sums[column].infinite),
                units=int(means.n_units[column]),
                standard_error=finite_or_none(means.standard_error[column]),
                p=finite_or_none(flipped.two_sided[column]) if means.n_units[column] else None,
                p_worse=finite_or_none(flipped.above[column]) if means.n_units[column] else None,
                p_holm=finite_or_none(adjusted[column]),
                detectable=detectable[column],
                testable=testable[column],
                verdict=_verdict(testable[column], adjusted[column], value, settings.alpha),
            )
        )
    return found


def _mean(values: FloatArray, weight: FloatArray) -> float:
    total = weight.sum()
    return float(values.sum() / total) if total > 0 else float("nan")


def _estimate(means: PairedMeans, column: int, infinite: int) -> Estimate:
    n = int(means.n_items[column])
    if infinite:
        return Estimate(estimate=None, n=n, note=f"infinite on {infinite} items")
    if not np.isfinite(means.mean[column]):
        return Estimate(estimate=None, n=n, note="no items")
    few = means.n_units[column] < MIN_UNITS
    return Estimate(
        estimate=float(means.mean[column]),
        low=None if few else finite_or_none(means.low[column]),
        high=None if few else finite_or_none(means.high[column]),
        n=n,
        note=f"no interval: fewer than {MIN_UNITS} independent units" if few else None,
    )


def _verdict(testable: bool, adjusted: float, value: float, alpha: float) -> Verdict:
    if not testable:
        return "not testable"
    if adjusted > alpha:
        return "no difference shown"
    return "worse" if value > 0 else "better"
