"""Sums over items as the numbers of metrics.json, resampled over items or clusters."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import Segment
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.rationale_metrics import EvidenceCoverage
from panel_eval.stats.arrays import FloatArray, quotient

_NO_PIECE = "no such evidence on an item with a judge's rationale"
_NOBODY_ELSE = "no other item with rationales to compare with"
_MENTIONED, _BY_CHANCE, _PIECES = range(3)


def evidence_coverage(table: FloatArray, items: Segment, note: str | None = None) -> EvidenceCoverage:
    """Coverage, chance and lift of some pieces of evidence; each piece counts once.

    Args:
        table: (n_rows, 3) from `Tally.table`.
        items: the items, with their resamples.
        note: remark on all numbers.
    """
    part = table[:, _PIECES] > 0
    n, refusal = int(part.sum()), items.interval_note(part)
    if not n:
        nothing = null(_NO_PIECE)
        return EvidenceCoverage(pieces=0, coverage=nothing, chance=nothing, lift=nothing)
    values, drawn = _means(table.sum(axis=0)), _means(items.sums(table))

    def number(value: float, replicates: FloatArray, undefined: str = "undefined") -> Estimate:
        return estimate(value, None if refusal else replicates, n, note, refusal, undefined=undefined)

    return EvidenceCoverage(
        pieces=round(float(table[:, _PIECES].sum())),
        coverage=number(float(values[0]), drawn[:, 0]),
        chance=number(float(values[1]), drawn[:, 1], _NOBODY_ELSE),
        lift=number(float(_lift(values)), _lift(drawn), _NOBODY_ELSE),
    )


def coverage_gap(more: FloatArray, less: FloatArray, items: Segment, note: str | None = None) -> Estimate:
    """Coverage of some pieces less that of others, over the same resamples.

    Args:
        more: (n_rows, 3) table of some pieces.
        less: the same of others.
        items: the items, with their resamples.
        note: remark on the number.
    """
    part = less[:, _PIECES] > 0
    if not part.any() or not more[:, _PIECES].any():
        return null("no evidence of both, the majority and dissenters")
    value = float(_means(more.sum(axis=0))[0] - _means(less.sum(axis=0))[0])
    drawn = _means(items.sums(more))[:, 0] - _means(items.sums(less))[:, 0]
    refusal = items.interval_note(part)
    return estimate(value, None if refusal else drawn, int(part.sum()), note, refusal)


def item_mean(values: FloatArray, items: Segment, note: str | None = None, missing: str = "no items") -> Estimate:
    """Mean over items: (n_rows,) values, NaN where an item has none."""
    part = ~np.isnan(values)
    if not part.any():
        return null(missing)
    refusal = items.interval_note(part)
    drawn = None if refusal else items.means(values[:, None])[:, 0]
    return estimate(float(values[part].mean()), drawn, int(part.sum()), note, refusal)


def _means(sums: FloatArray) -> FloatArray:
    """(..., 3) sums -> (..., 2): mean coverage and mean chance of a piece."""
    return quotient(sums[..., :_PIECES], sums[..., _PIECES:])


def _lift(means: FloatArray) -> FloatArray:
    coverage, chance = means[..., _MENTIONED], means[..., _BY_CHANCE]
    return quotient(coverage - chance, 1.0 - chance)
