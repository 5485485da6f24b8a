"""The section `coverage`: which votes are missing, and what the missing ones could hide.

A mean over the answered items is the panel's score only if the unanswered ones are like them. Failures are not: a
judge refuses, runs on or breaks its format where the item is odd. So they are counted by outcome, judge and class,
and the scores are shown with the missing items as bad and as good as they could have been.
"""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import Mean, mean_estimate, segment_means
from panel_eval.evaluation.ratios import base_rate_skill
from panel_eval.evaluation.references import uniform
from panel_eval.schema import CLASS_NAMES, OUTCOMES
from panel_eval.schema.coverage_metrics import (
    Bounds,
    Coverage,
    JudgeCoverage,
    OutcomeRates,
    PanelCoverage,
    Rates,
)
from panel_eval.stats import brier, cross_entropy_bits, entropy_bits, mode_accuracy, mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

Limits = tuple[FloatArray, FloatArray]
"""(n_items,) each: the worst and the best score that any forecast could have."""

_NOTHING_MISSING = "nothing is missing"
_UNLIMITED = "no worst case: a forecast can be wrong by any number of bits"


def coverage_section(comparison: Comparison) -> Coverage:
    """Votes by outcome as counts and rates, the items that nobody answered, and worst-case bounds."""
    forecasts = comparison.forecasts
    table = _outcomes_by_class(comparison)
    judges = forecasts.judge_ids
    by_judge = dict(zip(judges, table.sum(axis=1), strict=True))
    by_class = dict(zip(CLASS_NAMES, table.sum(axis=0), strict=True))
    total = table.sum(axis=(0, 1))
    limits = _accuracy_limits(comparison.humans.distribution)
    return Coverage(
        total=_counts(total),
        by_judge={name: _counts(row) for name, row in by_judge.items()},
        by_class={name: _counts(row) for name, row in by_class.items()},
        rates=OutcomeRates(
            total=_rates(total),
            by_judge={name: _rates(row) for name, row in by_judge.items()},
            by_class={name: _rates(row) for name, row in by_class.items()},
            by_judge_and_class={
                judge: {name: _rates(row) for name, row in zip(CLASS_NAMES, rows, strict=True)}
                for judge, rows in zip(judges, table, strict=True)
            },
        ),
        panel=_panel_coverage(comparison, limits),
        judges={
            judge: _judge_coverage(comparison, forecaster, row, limits)
            for row, (judge, forecaster) in enumerate(zip(judges, comparison.judges, strict=True))
        },
    )


def _outcomes_by_class(comparison: Comparison) -> IntArray:
    """(n_judges, n_classes, n_outcomes) votes."""
    code = np.zeros(len(comparison.humans), dtype=np.int64)
    for position, segment in enumerate(comparison.segments[1:]):
        code[segment.rows] = position
    tables = [
        [np.bincount(code, weights=votes, minlength=len(CLASS_NAMES)) for votes in own.T]
        for own in comparison.forecasts.outcomes
    ]
    shape = (len(tables), len(OUTCOMES), len(CLASS_NAMES))
    return np.array(tables).reshape(shape).swapaxes(1, 2).astype(np.int64)


def _counts(votes: IntArray) -> dict[str, int]:
    return {name: int(count) for name, count in zip(OUTCOMES, votes, strict=True)}


def _rates(votes: IntArray) -> Rates:
    asked = int(votes.sum())
    return {name: int(count) / asked for name, count in zip(OUTCOMES, votes, strict=True)} if asked else {}


def _panel_coverage(comparison: Comparison, limits: Limits) -> PanelCoverage:
    humans, panel, p = comparison.humans, comparison.panel, comparison.humans.distribution
    missing = ~panel.scored
    asked = comparison.forecasts.outcomes.any(axis=(0, 2))
    heard = comparison.forecasts.answered.sum(axis=0)
    everyone = np.ones(len(humans), dtype=np.bool_)
    base_rate = _filled(comparison, comparison.base_rate)
    by_chance = _filled(comparison, uniform(humans)) if missing.any() else base_rate
    return PanelCoverage(
        items=len(humans),
        unanswered=int(missing.sum()),
        never_asked=int((missing & ~asked).sum()),
        unanswered_by_class={segment.name: int(missing[segment.rows].sum()) for segment in comparison.segments[1:]},
        fewer_judges=int((panel.scored & (heard < len(comparison.judges))).sum()),
        items_by_judges_heard={str(number): int(items) for number, items in enumerate(np.bincount(heard)) if items},
        mode_accuracy=_bounds(mode_accuracy(p, panel.q), *limits, everyone),
        brier=_bounds(brier(p, panel.q), *brier_limits(p), everyone),
        ce_bits=_bounds(cross_entropy_bits(p, panel.q), np.full(len(p), np.inf), entropy_bits(p), everyone),
        ce_bits_as_base_rate=mean_estimate(base_rate["ce"]),
        ce_bits_as_uniform=mean_estimate(by_chance["ce"]),
        ce_skill_as_base_rate=base_rate_skill(base_rate["ce"], base_rate["base"]),
    )


def _judge_coverage(comparison: Comparison, judge: Forecaster, row: int, limits: Limits) -> JudgeCoverage:
    p = comparison.humans.distribution
    asked = comparison.forecasts.outcomes[row].any(axis=1) | judge.scored
    return JudgeCoverage(
        asked=int(asked.sum()),
        unanswered=int((asked & ~judge.scored).sum()),
        not_asked=int((~asked).sum()),
        mode_accuracy=_bounds(mode_accuracy(p, judge.q), *limits, asked),
    )


def _accuracy_limits(p: FloatArray) -> Limits:
    """(n_items,) lowest and highest mode accuracy that any forecast could have.

    Where reviewers tie between m labels the best forecast scores 1 / m, as ties are drawn at random; where all
    labels tie every forecast does.
    """
    tied = mode_sets(p).sum(axis=1)
    best = 1.0 / tied
    return np.where(tied == p.shape[1], best, 0.0), best


def brier_limits(p: FloatArray) -> Limits:
    """(n_items,) highest and lowest Brier score that any forecast could have: all on the rarest label, and p."""
    return 2.0 - 2.0 * p.min(axis=1), brier(p, p)


def _bounds(scores: FloatArray, worst: FloatArray, best: FloatArray, asked: BoolArray) -> Bounds:
    """The mean score of the items in `asked` where it is known, and with the unknown ones at their limits."""
    known = asked & ~np.isnan(scores)
    n, n_missing = int(asked.sum()), int((asked & ~known).sum())
    if n == 0:
        return Bounds(scored=None, worst=None, best=None, n=0, n_missing=0, note="no items")
    ends = [_mean(np.where(known, scores, limit)[asked]) for limit in (worst, best)]
    notes = [] if n_missing else [_NOTHING_MISSING]
    if n_missing and np.isinf(worst).any():
        notes.append(_UNLIMITED)
    if np.isinf(scores[known]).any():
        notes.append("infinite where a label that reviewers chose was given probability 0")
    return Bounds(
        scored=_mean(scores[known]),
        worst=ends[0],
        best=ends[1],
        n=n,
        n_missing=n_missing,
        note="; ".join(notes) or None,
    )


def _mean(values: FloatArray) -> float | None:
    """The mean, or None where there is none or it is infinite."""
    if not values.size or not np.isfinite(mean := values.mean()):
        return None
    return float(mean)


def _filled(comparison: Comparison, instead: FloatArray) -> dict[str, Mean]:
    """Cross-entropy of the panel over all items, with another forecast where it has none; and the base rate's."""
    p, panel = comparison.humans.distribution, comparison.panel
    q = np.where(panel.scored[:, None], panel.q, instead)
    scores = {"ce": cross_entropy_bits(p, q), "base": cross_entropy_bits(p, comparison.base_rate)}
    return segment_means(scores, comparison.everything)
