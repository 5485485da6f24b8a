"""How much of the judges' answers and errors is the same: what a further judge can add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from panel_eval.evaluation.agreement_coefficients import top_answers
from panel_eval.evaluation.column_sums import column_sums
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import estimate, finite_or_none
from panel_eval.schema import Estimate, MetricTable
from panel_eval.schema.agreement_metrics import JudgeRedundancy, PairTable
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient
from panel_eval.stats.chance_agreement import agreement_weights, cohen_kappa
from panel_eval.stats.error_correlation import (
    effective_judges,
    effective_judges_eigen,
    error_correlation,
    kappa_p,
    residual_product,
    vote_noise,
)

_MAX_JUDGES = 20
"""Pairs of more judges are not resampled."""
_SINGLE_VOTES = "a judge with one vote an item errs partly by chance, so errors look more independent than they are"
_PER_PAIR = 8


def judge_redundancy(comparison: Comparison) -> JudgeRedundancy:
    """Common errors of the judges, overall and by pair. Needs two judges or more."""
    humans, forecasts = comparison.humans, comparison.forecasts
    judges = forecasts.judge_ids
    pairs = list(combinations(range(len(judges)), 2))
    usable = humans.counts_known & (humans.reviewer_count >= 2)
    q = [_answers(forecasts.q_raw[row]) for row in range(len(judges))]
    note = _interval_note(comparison, usable, len(judges))
    columns = (_pair_columns(q[a], q[b], humans.distribution, humans.reviewer_count, usable) for a, b in pairs)
    sums = column_sums(comparison.everything, columns, resampled=note is None)
    found = [_pair_statistics(sample, len(humans.labels)) for sample in sums.samples()]
    single = _SINGLE_VOTES if (forecasts.strength.max(axis=1, initial=0) <= 1).any() else None
    ordinal = humans.scale == "ordinal"
    weights = agreement_weights(humans.label_values, "quadratic") if ordinal else None
    confusions = _confusions([top_answers(forecasts.q_raw[row]) for row in range(len(judges))], pairs)
    return JudgeRedundancy(
        numbers=_numbers(found, pairs, len(judges), int(usable.sum()), [note, single]),
        error_correlation=_pair_table(judges, pairs, found[0].corrected),
        kappa_p=_pair_table(judges, pairs, found[0].kappa_p),
        cohen_kappa=_pair_table(judges, pairs, cohen_kappa(confusions)),
        weighted_kappa=_pair_table(judges, pairs, cohen_kappa(confusions, weights)) if ordinal else None,
    )


@dataclass(frozen=True)
class _Pairs:
    """Statistics of each pair of judges, (n_pairs,) or (n_resamples, n_pairs)."""

    corrected: FloatArray
    uncorrected: FloatArray
    kappa_p: FloatArray


def _answers(q: FloatArray) -> FloatArray:
    return np.nan_to_num(q) if np.isnan(q).any() else q


def _pair_columns(a: FloatArray, b: FloatArray, p: FloatArray, n: IntArray, usable: BoolArray) -> FloatArray:
    """(n_items, 8): products of residuals ab, aa, bb; noise; overlap; mass of a and b on the truth; 1 if both."""
    both = (a.sum(axis=1) > 0) & (b.sum(axis=1) > 0)
    counted = (both & usable)[:, None]
    residuals = np.column_stack(
        [residual_product(x, y, p) for x, y in ((a, b), (a, a), (b, b))] + [np.nan_to_num(vote_noise(p, n))]
    )
    matches = np.column_stack(
        [np.einsum("ik,ik->i", x, y) for x, y in ((a, b), (a, p), (b, p))] + [np.ones(len(p))]
    )
    return np.hstack([np.where(counted, residuals, 0.0), np.where(both[:, None], matches, 0.0)])


def _pair_statistics(sums: FloatArray, n_labels: int) -> _Pairs:
    by_pair = sums.reshape(*sums.shape[:-1], -1, _PER_PAIR)
    ab, aa, bb, noise, overlap, hit_a, hit_b, both = np.moveaxis(by_pair, -1, 0)
    return _Pairs(
        corrected=error_correlation(ab - noise, aa - noise, bb - noise),
        uncorrected=error_correlation(ab, aa, bb),
        kappa_p=kappa_p(quotient(overlap, both), quotient(hit_a, both), quotient(hit_b, both), n_labels),
    )


def _numbers(
    found: Sequence[_Pairs], pairs: Sequence[tuple[int, int]], n_judges: int, n: int, notes: Sequence[str | None]
) -> MetricTable:
    undefined = "no pair of judges whose errors can be told from the reviewers' noise"

    def number(samples: list[FloatArray], missing: str, *more: str | None) -> Estimate:
        replicates = samples[1] if len(samples) > 1 else None
        return estimate(float(samples[0]), replicates, n, notes[0], *more, undefined=missing)

    rho = [_mean_over_pairs(sample.corrected) for sample in found]
    unclear = int(np.isnan(found[0].corrected).sum())
    left_out = f"{unclear} pairs left out: too close to the reviewers to tell their errors" if unclear else None
    plain = [_mean_over_pairs(sample.uncorrected) for sample in found]
    eigen = [effective_judges_eigen(_matrix(sample.corrected, pairs, n_judges)) for sample in found]
    return {
        "error_correlation": number(rho, undefined, left_out, notes[1]),
        "error_correlation_uncorrected": number(plain, undefined, "holds the reviewers' own noise: too high"),
        "effective_judges": number([effective_judges(mean, n_judges) for mean in rho], undefined, notes[1]),
        "effective_judges_eigen": number(eigen, undefined, notes[1]),
        "kappa_p": number([_mean_over_pairs(sample.kappa_p) for sample in found], "no two judges voted on an item"),
    }


def _mean_over_pairs(values: FloatArray) -> FloatArray:
    return quotient(np.nan_to_num(values).sum(axis=-1), (~np.isnan(values)).sum(axis=-1))


def _matrix(values: FloatArray, pairs: Sequence[tuple[int, int]], n_judges: int) -> FloatArray:
    """(..., n_judges, n_judges), symmetric with ones on the diagonal."""
    matrix = np.ones((*values.shape[:-1], n_judges, n_judges))
    first, second = np.array(pairs).T
    matrix[..., first, second] = values
    matrix[..., second, first] = values
    return matrix


def _confusions(answers: Sequence[FloatArray], pairs: Sequence[tuple[int, int]]) -> FloatArray:
    """(n_pairs, n_labels, n_labels) items by the top answers of both judges."""
    return np.array([answers[a].T @ answers[b] for a, b in pairs])


def _pair_table(judges: Sequence[str], pairs: Sequence[tuple[int, int]], values: FloatArray) -> PairTable:
    table: PairTable = {judge: {} for judge in judges}
    for (a, b), value in zip(pairs, values, strict=True):
        table[judges[a]][judges[b]] = table[judges[b]][judges[a]] = finite_or_none(float(value))
    return table


def _interval_note(comparison: Comparison, usable: BoolArray, n_judges: int) -> str | None:
    if n_judges > _MAX_JUDGES:
        return f"no interval: more than {_MAX_JUDGES} judges"
    return comparison.everything.interval_note(usable)
