"""The level of KL: unbiased cross-entropy minus one entropy of the reviewers, shared by all forecasters.

The prior behind that entropy is fitted again in each resample, to second order: replicates are sums over items.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import estimate, infinite_note, null
from panel_eval.evaluation.posterior import HumanPosterior, PriorFit, concentration_note, weight_note
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.schema import Estimate
from panel_eval.schema.entropy_metrics import EntropyEstimator, HumanEntropy
from panel_eval.stats import cross_entropy_bits, entropy_bits
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient, row_sums
from panel_eval.stats.dirichlet_multinomial import (
    HIGHEST,
    LOWEST,
    concentration,
    newton_steps,
    posterior_cross_entropy_bits,
    posterior_entropy_bits,
)
from panel_eval.stats.divergence import LN2
from panel_eval.stats.entropy_estimators import (
    dirichlet_entropy_bits,
    dirichlet_entropy_sd_bits,
    miller_madow_bits,
    nsb_entropy_bits,
)

MODEL_BASED = (
    "model-based: what a model fitted to the votes of all items expects; the votes of the class alone cannot tell, "
    "as they define it"
)
_BELOW_ZERO = "below zero: closer to the reviewers than this many votes can tell from perfect"
_JEFFREYS = 0.5
_NO_ITEMS = "no items"
_NOT_FITTED = "no prior was fitted"
_SEED = 232
_MAX_ITEMS = 50_000
"""Items that the slower estimators of the sensitivity table are computed on where there are more."""


@dataclass(frozen=True)
class EntropyLevel:
    """The reviewers' own entropy, shared by every forecaster.

    Attributes:
        posterior: what it is made from.
        table: (n_items, 6) posterior mean entropy in bits and its derivatives by the prior's theta; (n_items, 1)
            where the prior is fixed.
        powers: (n_resamples, 6) what a table's columns are multiplied with in each resample, where theta moves by
            d: 1, d, and d d / 2; (n_resamples, 1) ones where the prior is fixed.
    """

    posterior: HumanPosterior
    table: FloatArray
    powers: FloatArray


def entropy_level(comparison: Comparison) -> EntropyLevel:
    """The reviewers' entropy item by item, and how the prior behind it moves from resample to resample."""
    posterior, humans = comparison.posterior, comparison.humans
    fit = posterior.fit
    if fit is None:
        n_resamples = len(comparison.everything.resampling.draws)
        table = dirichlet_entropy_bits(humans.counts, posterior.prior)[:, None]
        return EntropyLevel(posterior, table, np.ones((n_resamples, 1)))
    steps = _theta_steps(fit, comparison.everything)
    d, e = steps.T
    powers = np.column_stack([np.ones(len(d)), d, e, 0.5 * d * d, d * e, 0.5 * e * e])
    return EntropyLevel(
        posterior, posterior_entropy_bits(humans.counts, fit.base, fit.contrast, fit.theta).table, powers
    )


def kl_estimates(level: EntropyLevel, comparison: Comparison, forecaster: Forecaster) -> dict[str, Estimate]:
    """`kl_bits` of one forecaster by name of the segment.

    Overall it is mean cross-entropy - mean E[H] over the forecaster's items; by class the mean posterior
    expectation of KL, sum over items of E[sum_k p_k log2(p_k / q_k)] = -sum_k (A_k / S) log2 q_k - E[H].

    Args:
        level: from `entropy_level`, shared by all forecasters.
        comparison: the panel beside the people.
        forecaster: the panel, a judge or a reference.
    """
    scored, humans = forecaster.scored, comparison.humans
    cross = cross_entropy_bits(humans.distribution, forecaster.q)
    overall = -level.table
    overall[:, 0] += cross
    by_class = _expected_cross_entropy(level, comparison, forecaster.q) - level.table
    estimates = {}
    for segment in comparison.segments:
        table, note = (overall, None) if segment.name == OVERALL else (by_class, MODEL_BASED)
        estimates[segment.name] = _mean_estimate(level, segment, table, scored, note)
    return estimates


def human_entropy_section(level: EntropyLevel, comparison: Comparison) -> HumanEntropy:
    """The reviewers' entropy, the prior behind it, and what other estimators make of the panel's KL."""
    everything, scored = comparison.everything, comparison.panel.scored
    posterior, counts = level.posterior, comparison.humans.counts
    sensitivity = _sensitivity(level, comparison)
    levels = [row.kl_bits.estimate for row in sensitivity.values() if row.kl_bits.estimate is not None]
    few = _at_most(_MAX_ITEMS, scored, comparison.seed)
    deviation = np.full(scored.size, np.nan)
    deviation[few] = dirichlet_entropy_sd_bits(counts[few], posterior.prior[few])
    return HumanEntropy(
        estimator="jeffreys" if posterior.fit is None else "empirical_bayes",
        human_entropy_bits=_mean_estimate(level, everything, level.table, scored, None),
        item_sd_bits=_mean_estimate(level, everything, deviation[:, None], few, _sampled_note(few, scored)),
        concentration=_concentration(level, everything),
        reference_weight=_reference_weight(level, everything),
        sensitivity=sensitivity,
        kl_bits_lowest=min(levels, default=None),
        kl_bits_highest=max(levels, default=None),
        note=posterior.note,
    )


def _theta_steps(fit: PriorFit, everything: Segment) -> FloatArray:
    """(n_resamples, 2) how far the prior moves when it is fitted to each resample."""
    sums = everything.sums(fit.likelihood.table[:, 1:])
    return newton_steps(sums[:, :2], sums[:, 2:], fit.theta)


def _expected_cross_entropy(level: EntropyLevel, comparison: Comparison, q: FloatArray) -> FloatArray:
    """Cross-entropy of the posterior mean and its derivatives, like `level.table`; inf where some q is 0."""
    posterior, fit = level.posterior, level.posterior.fit
    shut_out = (q <= 0).any(axis=1)
    log_q = np.log(np.where(q > 0, q, np.where(np.isnan(q), q, 1.0)))
    if fit is None:
        expected = row_sums(posterior.alpha * log_q) / row_sums(posterior.alpha) / -LN2
        table: FloatArray = expected[:, None]
    else:
        counts = comparison.humans.counts
        table = posterior_cross_entropy_bits(counts, fit.base, fit.contrast, fit.theta, log_q).table
    table[shut_out, 0] = np.inf
    return table


@dataclass(frozen=True)
class _Resampled:
    """A mean over items and its value in each resample; `problem` is why there is none."""

    value: float
    replicates: FloatArray | None
    n: int
    problem: str | None = None
    interval_note: str | None = None

    def minus(self, other: _Resampled) -> _Resampled:
        replicates = None
        if self.replicates is not None and other.replicates is not None:
            replicates = self.replicates - other.replicates
        return _Resampled(self.value - other.value, replicates, self.n, self.problem, self.interval_note)

    def estimate(self, *notes: str | None) -> Estimate:
        if self.problem:
            return null(self.problem, self.n)
        return estimate(self.value, self.replicates, self.n, *notes, self.interval_note)


def _mean(segment: Segment, table: FloatArray, powers: FloatArray, part: BoolArray) -> _Resampled:
    """Mean of the first column over the segment's items in `part`, resampled together with the prior.

    Args:
        segment: which items, and how often each is drawn.
        table: (n_items, n_columns) as `EntropyLevel.table`.
        powers: (n_resamples, n_columns) as `EntropyLevel.powers`.
        part: (n_items,) items to take.
    """
    here = part[segment.rows]
    n = int(here.sum())
    if n == 0:
        return _Resampled(math.nan, None, 0, _NO_ITEMS)
    own = np.where(here[:, None], table[segment.rows], 0.0)
    if infinite := int(np.isinf(own[:, 0]).sum()):
        return _Resampled(math.inf, None, n, infinite_note(infinite))
    value = float(own[:, 0].sum()) / n
    if note := segment.interval_note(here):
        return _Resampled(value, None, n, None, note)
    sums = segment.sums(np.column_stack([own, here]))
    replicates = quotient((sums[:, :-1] * powers).sum(axis=1), sums[:, -1])
    return _Resampled(value, replicates, n)


def _mean_estimate(
    level: EntropyLevel, segment: Segment, table: FloatArray, part: BoolArray, note: str | None
) -> Estimate:
    """The estimate of a mean KL or entropy, with what must be said beside it."""
    mean = _mean(segment, table, level.powers[:, : table.shape[1]], part)
    return mean.estimate(_BELOW_ZERO if mean.value < 0 else None, note, level.posterior.note)


def _sensitivity(level: EntropyLevel, comparison: Comparison) -> dict[str, EntropyEstimator]:
    """The reviewers' entropy and the panel's KL under each estimator, over the items the panel is scored on."""
    humans, scored, everything = comparison.humans, comparison.panel.scored, comparison.everything
    counts, most = humans.counts, math.log2(len(humans.labels))
    ones = np.ones((len(level.powers), 1))
    few = _at_most(_MAX_ITEMS, scored, comparison.seed)
    plugin = _mean(everything, entropy_bits(humans.distribution)[:, None], ones, scored)
    corrected = _mean(everything, miller_madow_bits(counts)[:, None], ones, scored)
    clipped = _Resampled(
        min(corrected.value, most),
        None if corrected.replicates is None else np.minimum(corrected.replicates, most),
        corrected.n,
        corrected.problem,
        corrected.interval_note,
    )
    nsb = np.full(scored.size, np.nan)
    nsb[few] = nsb_entropy_bits(counts[few])
    levels = {
        "plugin": plugin,
        "miller_madow": clipped,
        "jeffreys": _mean(everything, dirichlet_entropy_bits(counts, _JEFFREYS)[:, None], ones, scored),
        "nsb": _mean(everything, nsb[:, None], ones, few),
    }
    if level.posterior.fit is not None:
        levels["empirical_bayes"] = _mean(everything, level.table, level.powers, scored)
    cross = cross_entropy_bits(humans.distribution, comparison.panel.q)[:, None]
    rows = {}
    for name, entropy in levels.items():
        part, note = (few, _sampled_note(few, scored)) if name == "nsb" else (scored, None)
        kl = _mean(everything, cross, ones, part).minus(entropy)
        rows[name] = EntropyEstimator(human_entropy_bits=entropy.estimate(note), kl_bits=kl.estimate(note))
    return rows


def _concentration(level: EntropyLevel, everything: Segment) -> Estimate:
    fit = level.posterior.fit
    if fit is None:
        return null(level.posterior.note or _NOT_FITTED)
    rho = np.clip(fit.theta[0] + level.powers[:, 1], LOWEST[0], HIGHEST[0])
    replicates = None if everything.interval_note(fit.used) else concentration(rho)
    return estimate(level.posterior.concentration, replicates, int(fit.used.sum()), concentration_note(fit))


def _reference_weight(level: EntropyLevel, everything: Segment) -> Estimate:
    fit, weight = level.posterior.fit, level.posterior.reference_weight
    if fit is None or weight is None:
        return null(level.posterior.note or _NOT_FITTED)
    replicates = None if everything.interval_note(fit.used) else fit.theta[1] + level.powers[:, 2]
    return estimate(weight, replicates, int(fit.used.sum()), weight_note(fit))


def _at_most(n_items: int, part: BoolArray, seed: int) -> BoolArray:
    """The items in `part`, a random few of them where there are more than `n_items`."""
    rows = np.flatnonzero(part)
    if rows.size <= n_items:
        return part
    chosen = np.zeros(part.size, dtype=bool)
    chosen[np.random.default_rng([seed, _SEED]).choice(rows, n_items, replace=False)] = True
    return chosen


def _sampled_note(few: BoolArray, part: BoolArray) -> str | None:
    n, total = int(few.sum()), int(part.sum())
    return None if n == total else f"from {n:,} random items of {total:,}"
