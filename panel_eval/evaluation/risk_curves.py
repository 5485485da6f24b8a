"""Risk-coverage curves of the panel's ranking, with the areas and points that are read off them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import null
from panel_eval.evaluation.replicated import Replicated, replicated
from panel_eval.evaluation.segments import Segment
from panel_eval.schema.deferral_metrics import AccuracyAtCoverage, CoverageAtRisk, RiskCoverageCurve
from panel_eval.schema.estimate import Estimate
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.selective import (
    RankedLosses,
    asymptotic_aurc_optimum,
    rank_losses,
    risk_coverage,
    selective_areas,
)
from panel_eval.stats.selective_points import coverage_at_risk, risk_at_coverage

MAX_POINTS = 200
COVERAGES = (0.5, 0.8, 0.9, 0.95)
RISKS = (0.05, 0.1, 0.2)

_CONVENTION = "mean of selective risk over all prefixes"
_ONLY_BINARY = "only for 0/1 losses: no formula for the best order of shares of reviewers"
_SHARED = "{} items with tied labels count as part of a failure; the formula's optimum cannot be reached with them"
_NO_FAILURE = "undefined: nothing, or everything, is a failure"
_AREAS = (
    "aurc",
    "aurc_trapezoid",
    "e_aurc_oracle",
    "e_aurc_asymptotic",
    "augrc",
    "e_augrc",
    "auroc_failure",
)


@dataclass(frozen=True)
class Loss:
    """A loss of deciding an item.

    Attributes:
        name: tells its statistics apart.
        words: what it is, in plain words.
        of_items: (n_items,) losses in [0, 1]; NaN where the panel has no forecast.
        binary: whether the loss is 0/1 but for ties.
    """

    name: str
    words: str
    of_items: FloatArray
    binary: bool


def risk_curves(uncertainty: FloatArray, losses: tuple[Loss, ...], everything: Segment) -> list[RiskCoverageCurve]:
    """The curve of each loss under one ranking of the items.

    Args:
        uncertainty: (n_items,) higher = handed over sooner; NaN where the panel has no forecast.
        losses: what is lost by deciding.
        everything: the segment of all items.
    """
    table = np.column_stack([loss.of_items for loss in losses])

    def statistics(rows: IntArray, w: FloatArray | None) -> FloatArray:
        ranked = rank_losses(-uncertainty[rows], table[rows], w)
        best = [selective_areas(rank_losses(-loss, loss, w)) for loss in table[rows].T]
        return _columns(
            ranked, np.stack([area.aurc[0] for area in best]), np.stack([area.augrc[0] for area in best])
        )

    names = tuple(f"{loss.name} {column}" for column in _column_names() for loss in losses)
    numbers = replicated(names, statistics, np.isfinite(uncertainty), everything, fewest=1)
    return [_curve(uncertainty, loss, numbers) for loss in losses]


def _column_names() -> list[str]:
    return [*_AREAS, *(f"accuracy at {share}" for share in COVERAGES), *(f"coverage at {risk}" for risk in RISKS)]


def _columns(ranked: RankedLosses, best_aurc: FloatArray, best_augrc: FloatArray) -> FloatArray:
    """(..., n_columns): every column of `_column_names` for each loss in turn."""
    areas = selective_areas(ranked)
    by_name = {
        "aurc": areas.aurc,
        "aurc_trapezoid": areas.aurc_trapezoid,
        "e_aurc_oracle": np.maximum(areas.aurc - best_aurc, 0.0),
        "e_aurc_asymptotic": areas.aurc_trapezoid - asymptotic_aurc_optimum(areas.mean_loss),
        "augrc": areas.augrc,
        "e_augrc": np.maximum(areas.augrc - best_augrc, 0.0),
        "auroc_failure": areas.auroc_failure,
    }
    accuracy = np.moveaxis(1.0 - risk_at_coverage(ranked, COVERAGES), 1, 0)
    coverage = np.moveaxis(coverage_at_risk(ranked, RISKS), 1, 0)
    columns = np.concatenate([np.stack([by_name[name] for name in _AREAS]), accuracy, coverage])
    return np.moveaxis(columns.reshape(-1, *columns.shape[2:]), 0, -1)


def _curve(uncertainty: FloatArray, loss: Loss, numbers: Replicated) -> RiskCoverageCurve:
    curve = risk_coverage(-uncertainty, loss.of_items)
    points = _thinned(curve.coverage.size)
    coverage = curve.coverage[points]

    def number(column: str, *notes: str | None, undefined: str = "undefined") -> Estimate:
        return numbers.number(f"{loss.name} {column}", *notes, undefined=undefined)

    return RiskCoverageCurve(
        coverage=coverage.tolist(),
        selective_risk=curve.selective_risk[points].tolist(),
        oracle_risk=risk_at(-loss.of_items, loss.of_items, coverage).tolist(),
        aurc=number("aurc", _CONVENTION),
        aurc_trapezoid=number("aurc_trapezoid"),
        e_aurc_oracle=number("e_aurc_oracle"),
        e_aurc_asymptotic=_asymptotic(loss, number("e_aurc_asymptotic", _shared(loss))),
        augrc=number("augrc"),
        e_augrc=number("e_augrc"),
        auroc_failure=number("auroc_failure", undefined=_NO_FAILURE),
        accuracy_at_coverage=[
            AccuracyAtCoverage(coverage=share, accuracy=number(f"accuracy at {share}")) for share in COVERAGES
        ],
        coverage_at_risk=[
            CoverageAtRisk(risk=risk, coverage=_within_risk(loss.name, risk, numbers)) for risk in RISKS
        ],
        loss=loss.words,
    )


def _asymptotic(loss: Loss, number: Estimate) -> Estimate:
    return number if loss.binary else null(_ONLY_BINARY, number.n)


def _shared(loss: Loss) -> str | None:
    shared = int(((loss.of_items > 0) & (loss.of_items < 1)).sum())
    return _SHARED.format(shared) if loss.binary and shared else None


def _within_risk(loss: str, risk: float, numbers: Replicated) -> Estimate:
    """The coverage at a risk; says why it is 0."""
    name = f"{loss} coverage at {risk}"
    value, replicates = numbers.value(name), np.clip(numbers.resampled(name), 0.0, 1.0)
    reason = f"no coverage: even the items the panel is surest of lose more than {risk:g} on average"
    return numbers.number_of(value, replicates, reason if value == 0 else None)


def risk_at(confidence: FloatArray, loss: FloatArray, coverage: FloatArray) -> FloatArray:
    """Selective risk of a ranking at the given coverages.

    Between two points the generalized risk runs straight, as tied items enter in random order.

    Args:
        confidence: (n_items,) higher = kept longer.
        loss: (n_items,) of deciding the item.
        coverage: (n_points,) shares of items kept, above 0.
    """
    if not coverage.size:
        return coverage
    curve = risk_coverage(confidence, loss)
    known = np.concatenate([[0.0], curve.coverage])
    lost = np.concatenate([[0.0], curve.generalized_risk])
    risk: FloatArray = np.interp(coverage, known, lost) / coverage
    return risk


def _thinned(n_points: int) -> IntArray:
    """Positions of at most `MAX_POINTS` points, evenly spread, the first and the last among them."""
    if n_points <= MAX_POINTS:
        return np.arange(n_points)
    return np.linspace(0, n_points - 1, MAX_POINTS).round().astype(np.int64)
