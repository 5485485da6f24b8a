"""How much of the judges' answers and errors is the same: what a further judge can add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from panel_eval.evaluation.agreement_coefficients import top_answers
from panel_eval.evaluation.answers import Answers
from panel_eval.evaluation.column_sums import column_sums
from panel_eval.evaluation.means import estimate, finite_or_none
from panel_eval.schema import Estimate, MetricTable
from panel_eval.schema.agreement_metrics import JudgeRedundancy, PairTable
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient
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
_NOT_TOLD = "no pair of judges whose errors can be told from the reviewers' noise"
_AT_ITS_END = "no interval: resampling can only take it down from the number of judges"
_PER_PAIR = 8

Pairs = Sequence[tuple[int, int]]


def judge_redundancy(comparison: Answers) -> JudgeRedundancy:
    """Common errors of the judges, overall and by pair. Needs two judges or more."""
    humans, judges = comparison.humans, comparison.forecasts.judge_ids
    pairs = list(combinations(range(len(judges)), 2))
    usable = humans.counts_known & (humans.reviewer_count >= 2)
    note = _interval_note(comparison, usable)

    def columns(rows: slice) -> FloatArray:
        return _pair_columns(comparison, usable, pairs, rows)

    sums = column_sums(comparison.everything, columns, resampled=note is None)
    found = [_pair_statistics(sample, len(humans.labels)) for sample in sums.samples()]
    confusions = _confusions(comparison, pairs)
    ordinal = humans.scale == "ordinal"
    weights = agreement_weights(humans.label_values, "quadratic") if ordinal else None
    single = (comparison.forecasts.strength.max(axis=1, initial=0) <= 1).any()
    return JudgeRedundancy(
        numbers=_numbers(found, pairs, len(judges), int(usable.sum()), note, _SINGLE_VOTES if single else None),
        error_correlation=_pair_table(judges, pairs, found[0].corrected),
        kappa_p=_pair_table(judges, pairs, found[0].kappa_p),
        cohen_kappa=_pair_table(judges, pairs, cohen_kappa(confusions)),
        weighted_kappa=_pair_table(judges, pairs, cohen_kappa(confusions, weights)) if ordinal else None,
    )


@dataclass(frozen=True)
class _PairStatistics:
    """Statistics of each pair of judges, (n_pairs,) or (n_resamples, n_pairs)."""

    corrected: FloatArray
    uncorrected: FloatArray
    kappa_p: FloatArray


def _pair_columns(comparison: Answers, usable: BoolArray, pairs: Pairs, rows: slice) -> FloatArray:
    """For each pair of judges (n, 8).

    Products of residuals ab, aa, bb and the reviewers' noise, on items that both answered and that have known
    counts; mass on the same label, mass of a and of b on the reviewers' labels, and 1, on items both answered.
    """
    humans, q = comparison.humans, comparison.forecasts.q_raw[:, rows]
    p, answered = humans.distribution[rows], ~np.isnan(q[:, :, 0])
    noise = np.nan_to_num(vote_noise(p, humans.reviewer_count[rows]))
    own = [residual_product(judge, judge, p) for judge in q]
    hit = [np.einsum("ik,ik->i", judge, p) for judge in q]
    table = np.empty((len(p), len(pairs), _PER_PAIR))
    for column, (a, b) in enumerate(pairs):
        both = answered[a] & answered[b]
        counted = both & usable[rows]
        overlap = np.einsum("ik,ik->i", q[a], q[b])
        errors = (residual_product(q[a], q[b], p), own[a], own[b], noise)
        matches = (overlap, hit[a], hit[b], np.ones(len(p)))
        for place, values in enumerate(errors):
            table[:, column, place] = np.where(counted, values, 0.0)
        for place, values in enumerate(matches, len(errors)):
            table[:, column, place] = np.where(both, values, 0.0)
    return table.reshape(len(p), -1)


def _pair_statistics(sums: FloatArray, n_labels: int) -> _PairStatistics:
    by_pair = sums.reshape(*sums.shape[:-1], -1, _PER_PAIR)
    ab, aa, bb, noise, overlap, hit_a, hit_b, both = np.moveaxis(by_pair, -1, 0)
    return _PairStatistics(
        corrected=error_correlation(ab - noise, aa - noise, bb - noise),
        uncorrected=error_correlation(ab, aa, bb),
        kappa_p=kappa_p(quotient(overlap, both), quotient(hit_a, both), quotient(hit_b, both), n_labels),
    )


def _numbers(
    found: Sequence[_PairStatistics], pairs: Pairs, n_judges: int, n: int, note: str | None, single: str | None
) -> MetricTable:
    def number(samples: list[FloatArray], missing: str, *notes: str | None) -> Estimate:
        replicates = samples[1] if len(samples) > 1 else None
        return estimate(float(samples[0]), replicates, n, note, *notes, undefined=missing)

    unclear = int(np.isnan(found[0].corrected).sum())
    left_out = f"{unclear} pairs left out: too close to the reviewers to tell their errors" if unclear else None
    rho = [_mean_over_pairs(sample.corrected) for sample in found]
    plain = [_mean_over_pairs(sample.uncorrected) for sample in found]
    eigen = [effective_judges_eigen(_matrix(sample.corrected, pairs, n_judges)) for sample in found]
    return {
        "error_correlation": number(rho, _NOT_TOLD, left_out, single),
        "error_correlation_uncorrected": number(plain, _NOT_TOLD, "holds the reviewers' own noise: too high"),
        "effective_judges": number([effective_judges(mean, n_judges) for mean in rho], _NOT_TOLD, left_out, single),
        "effective_judges_eigen": number(eigen[:1], _NOT_TOLD, single, _AT_ITS_END),
        "kappa_p": number([_mean_over_pairs(sample.kappa_p) for sample in found], "no two judges voted on an item"),
    }


def _mean_over_pairs(values: FloatArray) -> FloatArray:
    return quotient(np.nan_to_num(values).sum(axis=-1), (~np.isnan(values)).sum(axis=-1))


def _matrix(values: FloatArray, pairs: Pairs, n_judges: int) -> FloatArray:
    """(..., n_judges, n_judges), symmetric with ones on the diagonal."""
    matrix = np.ones((*values.shape[:-1], n_judges, n_judges))
    first, second = np.array(pairs).T
    matrix[..., first, second] = values
    matrix[..., second, first] = values
    return matrix


def _confusions(comparison: Answers, pairs: Pairs) -> FloatArray:
    """(n_pairs, n_labels, n_labels) items by the top answers of both judges."""
    q, size = comparison.forecasts.q_raw, len(comparison.humans.labels)

    def columns(rows: slice) -> FloatArray:
        answers = [top_answers(judge[rows]) for judge in q]
        tables = [answers[a][:, :, None] * answers[b][:, None, :] for a, b in pairs]
        return np.hstack([table.reshape(len(table), -1) for table in tables])

    return column_sums(comparison.everything, columns, resampled=False).value.reshape(-1, size, size)


def _pair_table(judges: Sequence[str], pairs: Pairs, values: FloatArray) -> PairTable:
    table: PairTable = {judge: {} for judge in judges}
    for (a, b), value in zip(pairs, values, strict=True):
        table[judges[a]][judges[b]] = table[judges[b]][judges[a]] = finite_or_none(float(value))
    return table


def _interval_note(comparison: Answers, usable: BoolArray) -> str | None:
    if len(comparison.forecasts.judge_ids) > _MAX_JUDGES:
        return f"no interval: more than {_MAX_JUDGES} judges"
    return comparison.everything.interval_note(usable)
