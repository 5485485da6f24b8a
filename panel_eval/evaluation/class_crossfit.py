"""Scores by class on votes that had no say in the class: leave one out, class the item by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import estimate, infinite_note, null
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.humans import disagreement_codes
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.stats.arrays import FloatArray, IntArray, quotient, row_sums
from panel_eval.stats.crossfit import classes_without_one_vote, left_out_loss

_NO_COUNTS = "no item's votes are known one by one"
_NOBODY = (
    "no item is of this class once one of its reviewers is left out (that takes four reviewers, and five for major "
    "on a nominal scale)"
)
_ENOUGH = "no item has fewer than four reviewers: three are left to make a class"
_NEVER_WRONG = "undefined: the base rate is never surprised here"


@dataclass(frozen=True)
class ClassPart:
    """The items that fall in a class when one of their votes is left out.

    Attributes:
        segment: those items, with the resamples of all.
        part: (n_rows, n_labels) share of the item's votes on a label, if leaving one of them out gives the class.
        base_loss: (n_rows,) loss of the base rate on those votes, in bits.
    """

    segment: Segment
    part: FloatArray
    base_loss: FloatArray


Membership = Mapping[str, ClassPart]
"""Class name to its items; the same for every forecaster."""


def leave_one_out(comparison: Comparison) -> Membership:
    """Into which class each item falls when one of its votes is left out, and how often.

    Only items whose votes are known one by one. With fewer than three votes left the class is `insufficient`.
    """
    humans = comparison.humans
    votes = np.rint(np.where(humans.counts_known[:, None], humans.counts, 0.0)).astype(np.int64)
    classes = classes_without_one_vote(votes, lambda rows: disagreement_codes(rows, humans.scale)[0])
    membership = {}
    for code, name in enumerate(CLASS_NAMES):
        inside = classes == code
        segment = comparison.everything.take(inside.any(axis=1))
        part = np.where(inside[segment.rows], humans.distribution[segment.rows], 0.0)
        membership[name] = ClassPart(
            segment, part, left_out_loss(part, -np.log2(comparison.base_rate[segment.rows]))
        )
    return membership


def crossfit_estimates(
    comparison: Comparison, membership: Membership, forecaster: Forecaster
) -> dict[str, dict[str, Estimate]]:
    """Cross-fitted cross-entropy and skill of a forecaster, overall and by class.

    The value of a class is the sum of the losses on votes left out over the sum of the items' weights there, a
    ratio that is resampled whole. An item's weight is the share of its votes whose leaving puts it in the class.

    Args:
        comparison: what it is compared with.
        membership: from `leave_one_out`.
        forecaster: what is scored.

    Returns:
        "overall" and each class to `ce_crossfit_bits` and `ce_crossfit_skill`. The overall value is the plain
        cross-entropy of the items whose votes are known one by one.
    """
    sums = {name: _sums(own, forecaster) for name, own in membership.items()}
    known = forecaster.scored & comparison.humans.counts_known
    overall = _together(list(sums.values()), known, comparison.everything.interval_note(known))
    return {
        OVERALL: _estimates(overall, _NO_COUNTS),
        **{name: _estimates(own, _ENOUGH if name == "insufficient" else _NOBODY) for name, own in sums.items()},
    }


@dataclass(frozen=True)
class _Sums:
    """Sums over the items of a class: of weight, of loss and of the base rate's loss, in this order.

    Attributes:
        value: (3,) the sums.
        replicates: (n_resamples, 3) the sums in each resample.
        n: items behind them.
        infinite: items whose loss is infinite; they are not in the sums.
        interval_note: why no interval can be given, or None.
    """

    value: FloatArray
    replicates: FloatArray
    n: int
    infinite: IntArray
    interval_note: str | None


def _sums(own: ClassPart, forecaster: Forecaster) -> _Sums:
    rows = own.segment.rows
    scored = forecaster.scored[rows]
    part = np.where(scored[:, None], own.part, 0.0)
    with np.errstate(divide="ignore"):
        loss = left_out_loss(part, -np.log2(forecaster.q[rows]))
    finite = np.isfinite(loss)
    table = np.column_stack([row_sums(part), np.where(finite, loss, 0.0), np.where(scored, own.base_loss, 0.0)])
    return _Sums(
        value=table.sum(axis=0),
        replicates=own.segment.sums(table),
        n=int(scored.sum()),
        infinite=rows[~finite],
        interval_note=own.segment.interval_note(scored),
    )


def _together(classes: Sequence[_Sums], known: np.ndarray, interval_note: str | None) -> _Sums:
    """The sums over all classes: an item's parts in them add up to the whole item."""
    return _Sums(
        value=np.sum([own.value for own in classes], axis=0),
        replicates=np.sum([own.replicates for own in classes], axis=0),
        n=int(known.sum()),
        infinite=np.unique(np.concatenate([own.infinite for own in classes])),
        interval_note=interval_note,
    )


def _estimates(sums: _Sums, missing: str) -> dict[str, Estimate]:
    names = ("ce_crossfit_bits", "ce_crossfit_skill")
    if sums.n == 0:
        return dict.fromkeys(names, null(missing))
    if sums.infinite.size:
        return dict.fromkeys(names, null(infinite_note(sums.infinite.size), sums.n))
    draws = None if sums.interval_note else sums.replicates.T
    numbers = {}
    for name, ratio in zip(names, (_cross_entropy, _skill), strict=True):
        replicates = None if draws is None else ratio(draws)
        numbers[name] = estimate(
            float(ratio(sums.value)), replicates, sums.n, sums.interval_note, undefined=_NEVER_WRONG
        )
    return numbers


def _cross_entropy(sums: FloatArray) -> FloatArray:
    return quotient(sums[1], sums[0])


def _skill(sums: FloatArray) -> FloatArray:
    return 1.0 - quotient(sums[1], sums[2])
