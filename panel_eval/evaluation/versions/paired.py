"""The tests of a comparison: differences of unbiased scores, paired by item, overall and by disagreement class.

Both scores are means over votes of a loss on each label, so they differ by a sum over labels: unbiased for any
number of reviewers. By class the vote that scores had no say in the class (`stats.crossfit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.detectable import LARGE_BITS, SD_BITS
from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.means import finite_or_none, null
from panel_eval.evaluation.segments import MIN_UNITS, OVERALL
from panel_eval.evaluation.versions.losses import PairedLosses, Share, label_losses, segment_shares
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import VersionPair
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.schema.comparison import PRIMARY_METRICS, Difference, Verdict
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.multiplicity import holm
from panel_eval.stats.paired_means import PairedMeans, paired_means
from panel_eval.stats.power import minimum_detectable_effect
from panel_eval.stats.sign_flip import SignFlip, sign_flip_test

_LARGE: Final = {"ce_bits": LARGE_BITS, "brier_debiased": 0.1}
"""A class that would miss differences as large as this tests nothing."""


def paired_tests(pair: VersionPair, settings: ComparisonSettings) -> list[Difference]:
    """The whole family: each primary metric, overall and by class, adjusted by Holm within each metric."""
    rows = np.flatnonzero(pair.both)
    humans = pair.humans.select(rows)
    tests = _tests(
        humans, pair.unit[rows], pair.base_q[rows], pair.candidate_q[rows], segment_shares(humans), settings
    )
    return adjust_together([tests], settings.alpha)[0]


def judge_tests(
    pair: VersionPair, base_q: FloatArray, candidate_q: FloatArray, settings: ComparisonSettings
) -> list[Difference]:
    """Both primary metrics of one judge overall, outside the family: the verdict is by its own p-value.

    Args:
        pair: the items.
        base_q: (n_items, n_labels) the judge's forecast in the baseline; NaN rows where it has none.
        candidate_q: the same in the candidate.
        settings: how differences are tested.

    Returns:
        The differences; none where no item has both forecasts.
    """
    rows = np.flatnonzero(_present(base_q) & _present(candidate_q))
    if not rows.size:
        return []
    humans = pair.humans.select(rows)
    shares = [Share(OVERALL, humans.distribution)]
    tests = _tests(humans, pair.unit[rows], base_q[rows], candidate_q[rows], shares, settings)
    return [_judged(test, test.p, settings.alpha) for test in tests]


def adjust_together(tests: Sequence[Sequence[Difference]], alpha: float) -> list[list[Difference]]:
    """Adjust the tests of several candidates as one family for each metric, and judge them.

    Args:
        tests: each candidate's; what was adjusted before is adjusted anew, from `p`.
        alpha: chance of calling any difference of a family where there is none.
    """
    adjusted: dict[tuple[int, int], float] = {}
    for metric in PRIMARY_METRICS:
        family = [
            (candidate, row, test.p)
            for candidate, own in enumerate(tests)
            for row, test in enumerate(own)
            if test.metric == metric and test.testable and test.p is not None
        ]
        values = holm([p for _, _, p in family]).tolist()
        adjusted |= {(candidate, row): p for (candidate, row, _), p in zip(family, values, strict=True)}
    return [
        [
            _judged(test, p := adjusted.get((candidate, row)), alpha).model_copy(update={"p_holm": p})
            for row, test in enumerate(own)
        ]
        for candidate, own in enumerate(tests)
    ]


def mean_difference(means: PairedMeans, column: int, note: str | None = None) -> Estimate:
    """A mean of paired differences with its interval, if there are units enough for one."""
    n = int(means.n_items[column])
    if not n:
        return null(note or "no items")
    few = f"no interval: fewer than {MIN_UNITS} independent units" if means.n_units[column] < MIN_UNITS else None
    return Estimate(
        estimate=float(means.mean[column]),
        low=None if few else finite_or_none(means.low[column]),
        high=None if few else finite_or_none(means.high[column]),
        n=n,
        note="; ".join(filter(None, (few, note))) or None,
    )


def enough_units(units: int) -> bool:
    """Whether so many independent units show a large difference, as `panel-eval plan` says before any vote.

    By their number alone: a loss that differs from item to item is noisy however large it is, and must not hide
    behind its own noise.
    """
    return minimum_detectable_effect(SD_BITS, units) <= LARGE_BITS


def _judged(test: Difference, p: float | None, alpha: float) -> Difference:
    verdict: Verdict = "not testable"
    if test.testable and p is not None:
        verdict = "no difference shown"
        if p <= alpha and test.difference.estimate:
            verdict = "worse" if test.difference.estimate > 0 else "better"
    return test.model_copy(update={"verdict": verdict})


def _present(q: FloatArray) -> BoolArray:
    return np.isfinite(q[:, 0])


@dataclass(frozen=True)
class _Tested:
    """All columns that are tested together, one for each metric and segment.

    Attributes:
        means: of the differences.
        flips: the sign-flip test, with the same random signs for every column.
    """

    means: PairedMeans
    flips: SignFlip

    @classmethod
    def of(cls, losses: Sequence[PairedLosses], unit: IntArray, settings: ComparisonSettings) -> _Tested:
        finite = [not any(own.infinite) for own in losses]
        nothing = np.zeros(unit.size)
        with np.errstate(invalid="ignore"):
            values = [
                own.candidate - own.base if good else nothing for own, good in zip(losses, finite, strict=True)
            ]
        weights = [own.weight if good else nothing for own, good in zip(losses, finite, strict=True)]
        codes = np.unique(unit, return_inverse=True)[1]
        means = paired_means(np.column_stack(values), np.column_stack(weights), codes)
        return cls(means, sign_flip_test(means.sums, flips=settings.flips, seed=settings.seed))


def _tests(
    humans: HumanLabels,
    unit: IntArray,
    base_q: FloatArray,
    candidate_q: FloatArray,
    shares: Sequence[Share],
    settings: ComparisonSettings,
) -> list[Difference]:
    """Each primary metric on each segment, not adjusted and not judged."""
    base, candidate = label_losses(base_q), label_losses(candidate_q)
    places = [(metric, share) for metric in PRIMARY_METRICS for share in shares]
    losses = [PairedLosses.of(share, base[metric], candidate[metric]) for metric, share in places]
    tested = _Tested.of(losses, unit, settings)
    return [
        _difference(metric, share, _levels(metric, share, own, humans), own, tested, column)
        for column, ((metric, share), own) in enumerate(zip(places, losses, strict=True))
    ]


_Levels = tuple[float, float, str | None]
"""Mean score of the baseline and of the candidate, and what must be known of them."""


def _levels(metric: str, share: Share, losses: PairedLosses, humans: HumanLabels) -> _Levels:
    """Mean score of both sides; NaN where only the difference is unbiased."""
    if metric == "ce_bits":
        return *losses.means(), None
    impurity = human_impurity(humans)
    known = np.isfinite(impurity)
    if share.segment != OVERALL or not known.any():
        return np.nan, np.nan, None
    # The Brier score of a vote less the reviewers' own spread is the debiased distance.
    spread = float(impurity[known].mean())
    note = None
    if not known.all():
        note = f"both scores are over the {known.sum():,} of {known.size:,} items with two known votes"
    return float(losses.base[known].mean()) - spread, float(losses.candidate[known].mean()) - spread, note


def _difference(
    metric: str, share: Share, levels: _Levels, losses: PairedLosses, tested: _Tested, column: int
) -> Difference:
    means, units = tested.means, int(tested.means.n_units[column])
    error = float(means.standard_error[column])
    detectable = minimum_detectable_effect(error, 1.0) if np.isfinite(error) else None
    small = detectable is not None and detectable <= _LARGE[metric]
    fine = share.segment == OVERALL or enough_units(units) or small
    base, candidate, note = levels
    return Difference(
        metric=metric,
        segment=share.segment,
        base=finite_or_none(base),
        candidate=finite_or_none(candidate),
        difference=_estimate(means, column, losses.infinite, share.note or note),
        units=units,
        standard_error=finite_or_none(error),
        p=finite_or_none(tested.flips.two_sided[column]) if units else None,
        p_worse=finite_or_none(tested.flips.above[column]) if units else None,
        detectable=detectable,
        testable=units >= MIN_UNITS and fine,
        verdict="not testable",
    )


def _estimate(means: PairedMeans, column: int, infinite: tuple[int, int], note: str | None) -> Estimate:
    if any(infinite):
        ours, theirs = infinite
        why = "a label that reviewers chose was given probability 0"
        told = f"infinite on {ours} items of the baseline and {theirs} of the candidate: {why}"
        return null(told, int(means.n_items[column]))
    return mean_difference(means, column, note)
