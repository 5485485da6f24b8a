"""The section `reliability`: what reviewers themselves achieve, and the panel's place between floor and ceiling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.means import estimate, infinite_note, null, segment_means
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.parity import skill_tables
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.evaluation.single_human import single_human
from panel_eval.evaluation.subset import drawn_items
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.reliability_metrics import CorrectedCorrelation, Reliability, SplitHalf
from panel_eval.stats import cross_entropy_bits, entropy_bits, percentile_interval
from panel_eval.stats.arrays import FloatArray, quotient
from panel_eval.stats.reliability import (
    dispersion_moments,
    dispersion_reliability,
    half_correlation,
    half_moments,
    reviewers_for_loss,
    share_half_moments,
    spearman_brown,
    split_votes,
)

FEWEST_VOTES = 4
"""Votes an item needs to be split into halves of two."""
SIZES = (1, 2, 3, 5, 10, 20, 50)
"""Panels of people that the panel's cross-entropy is compared with."""
_SEED = 33
_SPLIT_ROWS = 30_000
_MOST_SPLITS = 20
_FEWEST_SPLITS = 2
_SAME = 1e-9

Reliabilities = Callable[[FloatArray], FloatArray]


def reliability_section(comparison: Comparison) -> Reliability:
    """Split-half reliability, the corrected entropy correlation, single reviewers, n_eq of CE, and skill.

    On the items the panel is scored on, or 20,000 random ones of them.
    """
    sample, chosen = drawn_items(comparison)
    forecasters = [sample.panel, *sample.judges]
    fresh = MovingColumns.of(sample, _fresh_panels)
    people, *judges = (reviewers_of_ce(sample, forecaster, fresh, chosen) for forecaster in forecasters)
    names = [judge.name for judge in sample.judges]
    skill, *skills = skill_tables(sample, chosen)
    return Reliability(
        split_half=split_half(sample, chosen),
        entropy_correlation=corrected_correlation(sample, chosen),
        against_others=single_human(sample, chosen),
        n_eq_ce=people,
        n_eq_ce_judges=dict(zip(names, judges, strict=True)),
        skill=skill,
        skill_judges=dict(zip(names, skills, strict=True)),
    )


def split_half(sample: Comparison, chosen: str | None) -> SplitHalf:
    """How well one half of an item's votes tells the other, stepped up to all votes."""
    split, left_out = _with_four_votes(sample)
    humans, segment = split.humans, split.everything
    if (reason := _too_few(len(humans))) is not None:
        nothing = null(reason, len(humans))
        shares = dict.fromkeys(humans.labels, nothing)
        return SplitHalf(dispersion=nothing, entropy=nothing, mode_share=nothing, label_share=shares)
    halves = humans.reviewer_count // 2
    factor = float(humans.reviewer_count.mean() / halves.mean())
    entropy, mode = _half_moments(split)

    def stepped_up(moments: FloatArray) -> FloatArray:
        return spearman_brown(half_correlation(moments), factor)

    def reliability(moments: FloatArray, of: Reliabilities = stepped_up) -> Estimate:
        return _of_means(moments, of, segment, chosen, left_out)

    return SplitHalf(
        dispersion=reliability(dispersion_moments(humans.counts), dispersion_reliability),
        entropy=reliability(entropy),
        mode_share=reliability(mode),
        label_share={
            label: reliability(share_half_moments(humans.counts, k)) for k, label in enumerate(humans.labels)
        },
    )


def corrected_correlation(sample: Comparison, chosen: str | None) -> CorrectedCorrelation:
    """The panel's entropy correlation as observed, and divided by the root of the reviewers' reliability."""
    split, left_out = _with_four_votes(sample)
    humans, segment, n = split.humans, split.everything, len(split.humans)
    forecast = entropy_bits(split.panel.q)
    if reason := _too_few(n) or _constant(forecast):
        nothing = null(reason, n)
        return CorrectedCorrelation(observed=nothing, reliability=nothing, corrected=nothing)
    x, y = entropy_bits(humans.distribution), forecast
    x, y = x - x.mean(), y - y.mean()
    moments = np.column_stack([x, y, x * x, y * y, x * y, dispersion_moments(humans.counts)])

    def reliability(means: FloatArray) -> FloatArray:
        return dispersion_reliability(means[..., 5:])

    def corrected(means: FloatArray) -> FloatArray:
        rel = reliability(means)
        return quotient(_correlation(means), np.sqrt(np.maximum(rel, 0.0)))

    noise = _of_means(moments, reliability, segment, chosen, left_out)
    result = _of_means(moments, corrected, segment, chosen, left_out)
    if noise.low is None or noise.low <= 0:
        result = null("refused: the reviewers' reliability cannot be told from zero", n)
    return CorrectedCorrelation(
        observed=_of_means(moments, _correlation, segment, chosen, left_out), reliability=noise, corrected=result
    )


def reviewers_of_ce(
    sample: Comparison, forecaster: Forecaster, fresh: MovingColumns, chosen: str | None
) -> Estimate:
    """Smallest fresh human panel whose expected cross-entropy is no more than the forecaster's.

    Args:
        sample: the items.
        forecaster: the panel or a judge.
        fresh: expected cross-entropy of human panels, by their size in the order of `SIZES`.
        chosen: what to say of how the items were chosen.
    """
    loss = cross_entropy_bits(sample.humans.distribution, forecaster.q)
    answered = sample.everything.take(forecaster.scored)
    if not answered.rows.size:
        return null("no items")
    own, people = segment_means({"loss": loss}, answered)["loss"], list(fresh.means(answered).values())
    if infinite := own.n_infinite or people[0].n_infinite:
        return null(infinite_note(infinite), own.n)
    sizes = np.array(SIZES, dtype=np.float64)
    inverse = float(reviewers_for_loss(sizes, np.array([mean.value for mean in people]), np.array(own.value)))
    if np.isinf(inverse):
        outside = f"more than {SIZES[-1]} people" if inverse < 0 else "fewer than one person"
        return null(f"outside what is tried: worth {outside}", own.n)
    said = (sample.posterior.interval_note, own.interval_note, chosen, sample.posterior.note)
    note = "; ".join(part for part in said if part)
    if own.interval_note:
        return Estimate(estimate=1.0 / inverse, n=own.n, note=note)
    replicates = reviewers_for_loss(sizes, np.column_stack([mean.replicates for mean in people]), own.replicates)
    low, high = (float(end) for end in percentile_interval(replicates))
    return Estimate(
        estimate=1.0 / inverse,
        low=1.0 / high if np.isfinite(high) else None,
        high=1.0 / low if np.isfinite(low) else None,
        n=own.n,
        note=note,
    )


def _fresh_panels(sample: Comparison) -> dict[str, FloatArray]:
    return {str(size): expected_ce_bits(sample, size) for size in SIZES}


def _with_four_votes(sample: Comparison) -> tuple[Comparison, str | None]:
    humans = sample.humans
    enough = humans.counts_known & (humans.reviewer_count >= FEWEST_VOTES)
    left_out = int((~enough).sum())
    note = f"{left_out} items left out: fewer than {FEWEST_VOTES} reviewers, or counts not known"
    return sample.take(np.flatnonzero(enough)), note if left_out else None


def _too_few(n_items: int) -> str | None:
    if n_items >= MIN_ITEMS:
        return None
    return f"fewer than {MIN_ITEMS} items with {FEWEST_VOTES} or more votes: nothing to split"


def _constant(forecast: FloatArray) -> str | None:
    return "undefined: the panel has the same entropy on every item" if np.ptp(forecast) < _SAME else None


def _half_moments(split: Comparison) -> tuple[FloatArray, FloatArray]:
    """Moments of the entropy and of the mode share of halves, averaged over random splits."""
    counts = split.humans.counts
    half = (split.humans.reviewer_count // 2)[:, None]
    n_splits = int(np.clip(_SPLIT_ROWS // len(counts), _FEWEST_SPLITS, _MOST_SPLITS))
    generator = np.random.default_rng([split.seed, _SEED])
    entropy, mode = np.zeros((len(counts), 3)), np.zeros((len(counts), 3))
    for _ in range(n_splits):
        first, second = (votes / half for votes in split_votes(counts, generator))
        entropy += half_moments(entropy_bits(first), entropy_bits(second)) / n_splits
        mode += half_moments(first.max(axis=1), second.max(axis=1)) / n_splits
    return entropy, mode


def _correlation(means: FloatArray) -> FloatArray:
    """Pearson's correlation from means of x, y, x², y², xy."""
    x, y, xx, yy, xy = np.moveaxis(means[..., :5], -1, 0)
    spread = (xx - x * x) * (yy - y * y)
    return quotient(xy - x * y, np.sqrt(np.maximum(spread, 0.0)))


def _of_means(moments: FloatArray, statistic: Reliabilities, segment: Segment, *notes: str | None) -> Estimate:
    """A function of means over items, resampled whole."""
    without = segment.interval_note()
    replicates = None if without else statistic(segment.means(moments))
    return estimate(
        float(statistic(moments.mean(axis=0))),
        replicates,
        len(moments),
        *notes,
        without,
        undefined="undefined: no spread",
    )
