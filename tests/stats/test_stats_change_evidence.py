"""A changed mean on an unknown night: contrasts against brute force, evidence against simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from panel_eval.stats.change_contrasts import Contrasts, fresh_contrasts, repeated_contrasts
from panel_eval.stats.change_evidence import HALF_OF_PRIOR, mean_log_evidence, mix_over_nights, night_prior
from panel_eval.stats.confidence_sequence import mixing_scale, sequence_half_width


def recursive_residuals(scores: np.ndarray) -> np.ndarray:
    """(score - mean of the k earlier) / sqrt(1 + 1 / k), as Brown, Durbin & Evans define them."""
    found = np.full(scores.shape, np.nan)
    for night in range(1, scores.shape[1]):
        found[:, night] = (scores[:, night] - scores[:, :night].mean(axis=1)) / np.sqrt(1 + 1 / night)
    return found


def test_the_contrast_is_the_sum_of_recursive_residuals() -> None:
    scores = np.random.default_rng(1).normal(size=(9, 6))
    residuals, contrasts = recursive_residuals(scores), repeated_contrasts(scores)
    for tau in range(1, 6):
        for last in range(tau, 6):
            # what a change of one bit at tau adds to the residual of night t, k = t earlier ones
            sizes = np.array([tau / np.sqrt(t * (t + 1)) for t in range(tau, last + 1)])
            total = (residuals[:, tau : last + 1] * sizes).sum()
            assert contrasts.count[tau, last] == pytest.approx(9 * (sizes**2).sum())
            assert contrasts.difference[tau, last] == pytest.approx(total / contrasts.count[tau, last])


def test_a_contrast_by_hand() -> None:
    # 8 items, scores 0, 0 and then 1: weight 2 * 1 / 3 each, difference 1
    contrasts = repeated_contrasts(np.tile([0.0, 0.0, 1.0], (8, 1)))
    assert contrasts.difference[2, 2] == 1.0
    assert contrasts.count[2, 2] == pytest.approx(8 * 2 / 3)
    # by items: 8 (2/3)² / (8 * 2/3) = 2/3; within items: sum of squares 2/3 over 2, that is 1/3. The larger counts.
    assert contrasts.variance[2, 2] == pytest.approx(2 / 3)
    assert contrasts.units[2, 2] == 8
    assert np.isnan(contrasts.difference[0]).all()
    assert np.isnan(contrasts.difference[2, 1])


def test_items_may_come_and_go() -> None:
    scores = np.array([[1.0, np.nan, 2.0], [np.nan, 5.0, np.nan], [np.nan, 4.0, 4.5]])
    contrasts = repeated_contrasts(scores)
    # tau = 2: item 1 (before 1, since 2) and item 3 (4, 4.5), weight 1/2 each; item 2 has nothing since
    assert contrasts.difference[2, 2] == pytest.approx((1.0 + 0.5) / 2)
    assert contrasts.units[2, 2] == 2
    # tau = 1: nothing before but item 1, whose only later score is on night 2
    assert contrasts.units[1, 1] == 0
    assert contrasts.difference[1, 2] == pytest.approx(1.0)


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=30, deadline=None)
def test_fresh_contrasts_are_those_of_brute_force(seed: int, again: bool) -> None:
    """Clusters may come on one night only, or again on others."""
    rng = np.random.default_rng(seed)
    n, nights = 40, 5
    night, score = rng.integers(nights, size=n), rng.exponential(size=n)
    unit = rng.integers(12, size=n)
    if not again:
        unit = unit * nights + night
    unit = np.unique(unit, return_inverse=True)[1]
    contrasts = fresh_contrasts(score, night, unit, nights)
    for tau in range(1, nights):
        for last in range(tau, nights):
            before, since = night < tau, (night >= tau) & (night <= last)
            if not before.any() or not since.any():
                assert np.isnan(contrasts.difference[tau, last])
                continue
            weight = before.sum() * since.sum() / (before.sum() + since.sum())
            assert contrasts.count[tau, last] == pytest.approx(weight)
            assert contrasts.difference[tau, last] == pytest.approx(score[since].mean() - score[before].mean())
            both = before | since
            off = np.where(both, score - score[both].mean(), 0.0)
            part = weight * (since / since.sum() - before / before.sum()) * off
            own = sum(part[unit == u].sum() ** 2 for u in range(unit.max() + 1))
            nightly = {(u, d): 0.0 for u, d in zip(unit, night, strict=True)}
            for u, d, value in zip(unit, night, off, strict=True):
                nightly[u, d] += value
            pooled = weight * sum(value**2 for value in nightly.values()) / (both.sum() - 1)
            assert contrasts.variance[tau, last] == pytest.approx(max(own, pooled) / weight)
            assert contrasts.units[tau, last] == len(set(unit[both]))


def test_the_prior_leaves_something_for_later_nights() -> None:
    prior = night_prior(2000)
    assert prior[0] == 0
    assert (np.diff(prior[1:]) < 0).all()
    assert prior[1 : int(HALF_OF_PRIOR) + 1].sum() == pytest.approx(0.5)
    assert prior.sum() == pytest.approx(1 - HALF_OF_PRIOR / (HALF_OF_PRIOR + 1999))


def evidence(contrasts: Contrasts) -> np.ndarray:
    return np.asarray(logsumexp(mix_over_nights(mean_log_evidence(contrasts)), axis=0))


def fresh(scores: np.ndarray) -> Contrasts:
    """As if each item were asked once."""
    night = np.tile(np.arange(scores.shape[1]), len(scores))
    return fresh_contrasts(scores.ravel(), night, np.arange(scores.size), scores.shape[1])


KINDS: dict[str, Callable[[np.ndarray], Contrasts]] = {"canary": repeated_contrasts, "fresh": fresh}
NOISE: dict[str, Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape),
    "skewed down": lambda rng, shape: -rng.exponential(size=shape),
    "heavy tails": lambda rng, shape: rng.standard_t(2.5, size=shape),
    "discrete": lambda rng, shape: rng.binomial(3, 0.3, size=shape) / 3,
    "rare": lambda rng, shape: (rng.random(shape) < 0.02) * 1.0,
    "uneven": lambda rng, shape: rng.normal(size=shape) * rng.exponential(size=(shape[0], 1)) ** 2,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("noise", NOISE)
def test_while_nothing_changes_it_ever_reaches_twenty_in_five_of_a_hundred_series(kind: str, noise: str) -> None:
    """200 nights of 15 items, 150 series: Monte-Carlo error .018 at .05."""
    rng = np.random.default_rng([11, len(noise)])
    levels = rng.normal(1.5, 0.5, size=(15, 1)) if kind == "canary" else 1.5
    reached = [
        evidence(KINDS[kind](levels + 0.3 * NOISE[noise](rng, (15, 200)))).max() >= np.log(20) for _ in range(150)
    ]
    assert np.mean(reached) <= 0.05 + 2 * 0.018


@pytest.mark.parametrize("noise", ["normal", "discrete", "skewed"])
def test_the_interval_of_the_change_since_the_first_night_holds_on_all_nights(noise: str) -> None:
    """30 nights of 60 items, 300 series: missed in at most 5 of 100 (Monte-Carlo error .013)."""
    rng = np.random.default_rng([12, len(noise)])
    missed = 0
    for _ in range(300):
        contrasts = repeated_contrasts(rng.normal(size=(60, 1)) + 0.3 * NOISE[noise](rng, (60, 30)))
        half = sequence_half_width(contrasts.count[1, 1:], mixing_scale(1000)) * np.sqrt(contrasts.variance[1, 1:])
        missed += (np.abs(contrasts.difference[1, 1:]) > half).any()
    assert missed / 300 <= 0.05 + 2 * 0.013


def test_a_judge_without_noise_is_no_division_by_zero_and_no_alarm() -> None:
    scores = np.tile(np.random.default_rng(2).random((200, 1)), (1, 30)) / 3
    contrasts = repeated_contrasts(scores)
    assert (contrasts.variance == 0).all()
    assert evidence(contrasts) == pytest.approx(0.0, abs=1e-12)
    scores[7, 12:] += 1.0  # one item changes its answer for good
    assert evidence(repeated_contrasts(scores)).max() < np.log(20)
    scores[:7, 12] += 1.0  # seven more differ on one night
    assert evidence(repeated_contrasts(scores)).max() < np.log(20)


def test_a_judge_without_noise_that_changes_on_many_items_is_found() -> None:
    scores = np.tile(np.random.default_rng(2).random((200, 1)), (1, 30))
    scores[:40, 12:] += 0.25  # .05 bits in the mean
    assert int(np.argmax(evidence(repeated_contrasts(scores)) >= np.log(20))) == 12


def test_a_few_items_say_nothing_of_a_mean() -> None:
    scores = np.tile([0.0, 1.0], (7, 10)) + np.arange(20) * 5.0
    contrasts = repeated_contrasts(scores)
    assert evidence(contrasts) == pytest.approx(0.0)
    assert not contrasts.known.any()


def test_the_order_of_items_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(50, 12))
    scores[rng.random(scores.shape) < 0.2] = np.nan
    mixed = scores[rng.permutation(50)]
    assert evidence(repeated_contrasts(mixed)) == pytest.approx(evidence(repeated_contrasts(scores)), rel=1e-9)


def test_power_against_a_drift_of_three_hundredths() -> None:
    """sd .28, 100 items a night, +.03 bits after 30 nights.

    With a known mean METHODS 3.5 has night 8 in the median. Here the mean before is known from 30 nights only, and
    the night of the change is not known.
    """
    rng = np.random.default_rng(5)
    found = []
    for _ in range(60):
        scores = rng.normal(1.5, 0.5, size=(100, 1)) + 0.28 * rng.normal(size=(100, 75))
        scores[:, 30:] += 0.03
        reached = evidence(repeated_contrasts(scores)) >= np.log(20)
        found.append(reached.argmax() - 29 if reached.any() else 999)
    assert np.median(found) <= 32
    assert np.mean(np.array(found) <= 0) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)


def test_a_change_of_a_twentieth_at_a_thousand_items_is_found_within_two_nights() -> None:
    rng = np.random.default_rng(6)
    found = []
    for _ in range(40):
        scores = rng.normal(1.5, 0.5, size=(1000, 1)) + 0.3 * rng.normal(size=(1000, 14))
        scores[:, 7:] += 0.05
        found.append(np.argmax(evidence(repeated_contrasts(scores)) >= np.log(20)) - 6)
    assert np.mean(np.isin(found, [1, 2])) >= 0.9
