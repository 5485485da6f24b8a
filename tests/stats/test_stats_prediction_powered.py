"""Prediction-powered means: worked values, what they equal in special cases, and that the intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from panel_eval.stats.prediction_powered import prediction_powered_mean, tuned_power

# METHODS 3.6.
Y = np.array([0.2, 0.4, 0.3, 0.6, 0.5])
F = np.array([0.25, 0.35, 0.30, 0.50, 0.55])
POOL = np.array([0.3, 0.4, 0.5, 0.2, 0.6, 0.45, 0.35, 0.4, 0.5, 0.3])


def test_the_worked_example():
    full = prediction_powered_mean(Y, F, POOL, power=1.0)
    assert full.mean == pytest.approx(0.41, abs=1e-12)  # mean POOL .40 + mean (Y - F) .01
    assert full.standard_error == pytest.approx(0.0473169, abs=5e-8)  # sqrt(.003 / 5 + .0163... / 10), ddof 1
    tuned = prediction_powered_mean(Y, F, POOL)
    assert tuned.power == pytest.approx(0.90988, abs=5e-6)
    assert tuned.mean == pytest.approx(0.409099, abs=5e-7)
    assert tuned.standard_error == pytest.approx(0.0458163, abs=5e-8)
    classic = prediction_powered_mean(Y, F, POOL, power=0.0)
    assert (classic.mean, classic.standard_error) == pytest.approx((0.40, 0.0707107), abs=5e-8)


def test_ddof_0_and_a_normal_quantile_would_be_the_narrow_interval_of_other_code():
    # ppi_mean_ci of ppi-python 0.2.3 gives (.32389532, .49610468): sqrt((.0026 + ...)/n) with ddof 0.
    full = prediction_powered_mean(Y, F, POOL, power=1.0)
    narrow = math.sqrt((Y - F).var() / 5 + POOL.var() / 10) * scipy_stats.norm.ppf(0.975)
    assert (0.41 - narrow, 0.41 + narrow) == pytest.approx((0.32389532, 0.49610468), abs=5e-9)
    assert full.low < 0.3239 < 0.4961 < full.high


def test_without_power_it_is_the_t_interval_of_the_mean():
    classic = prediction_powered_mean(Y, F, POOL, power=0.0)
    expected = scipy_stats.t.interval(0.95, 4, loc=Y.mean(), scale=scipy_stats.sem(Y))
    assert (classic.low, classic.high) == pytest.approx(expected)
    assert classic.freedom == pytest.approx(4)


def test_at_full_power_it_is_welchs_interval_of_two_independent_means():
    # θ = mean POOL - mean (F - Y): a difference of means of two independent samples.
    welch = scipy_stats.ttest_ind(POOL, F - Y, equal_var=False).confidence_interval(0.95)
    full = prediction_powered_mean(Y, F, POOL, power=1.0)
    assert (full.low, full.high) == pytest.approx((welch.low, welch.high))


def test_weights_alone_give_the_weighted_mean_with_its_robust_error():
    weights = np.array([1.0, 4.0, 2.0, 1.0, 0.5])
    ours = prediction_powered_mean(Y, F, POOL, power=0.0, weights=weights)
    fitted = sm.WLS(Y, np.ones(5), weights=weights).fit(cov_type="HC1")
    assert (ours.mean, ours.standard_error) == pytest.approx((fitted.params[0], fitted.bse[0]))


def test_clusters_alone_give_the_clustered_error():
    draw = np.random.default_rng(5)
    own = np.repeat(np.arange(20), 3)
    y = draw.normal(size=20)[own] + draw.normal(size=60)
    ours = prediction_powered_mean(y, np.zeros(60), np.zeros(9), power=0.0, clusters=(own, np.arange(9) + 20))
    fitted = sm.OLS(y, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": own})
    assert ours.standard_error == pytest.approx(fitted.bse[0])
    assert ours.units == 20


@given(st.floats(-5, 5), st.floats(0.1, 4), st.integers(0, 2**16))
def test_shift_of_the_forecast_moves_nothing_and_its_scale_only_the_power(shift, scale, seed):
    draw = np.random.default_rng(seed)
    y, f, pool = draw.uniform(size=12), draw.uniform(size=12), draw.uniform(size=40)
    plain = prediction_powered_mean(y, f, pool, power=0.7)
    moved = prediction_powered_mean(y, shift + scale * f, shift + scale * pool, power=0.7 / scale)
    assert moved[:6] == pytest.approx(plain[:6])


def test_the_power_stays_between_0_and_1():
    against = 1.0 - F
    assert tuned_power(Y, against, 1.0 - POOL) == 0.0
    assert tuned_power(Y, F / 10, POOL / 10) == 1.0
    assert tuned_power(Y, np.full(5, 0.3), np.full(10, 0.3)) == 0.0


def test_the_tuned_power_is_the_best_one_for_many_items():
    draw = np.random.default_rng(6)
    f = draw.normal(size=4000)
    y = 0.6 * f[:1000] + draw.normal(size=1000)
    errors = {
        power: prediction_powered_mean(y, f[:1000], f[1000:], power=power).standard_error
        for power in np.linspace(0, 1, 101)
    }
    assert tuned_power(y, f[:1000], f[1000:]) == pytest.approx(min(errors, key=errors.__getitem__), abs=0.03)


def test_too_few_items_have_an_estimate_and_no_interval():
    one = prediction_powered_mean(Y[:1], F[:1], POOL)
    assert one.mean == pytest.approx(0.2)  # power 0
    assert math.isnan(one.standard_error)
    four = prediction_powered_mean(Y[:4], F[:4], POOL)
    assert four.standard_error > 0
    assert math.isnan(four.low)


def test_the_spread_of_one_unlabelled_item_is_unknown_and_not_0():
    assert math.isnan(prediction_powered_mean(Y, F, POOL[:1], power=1.0).low)
    assert (
        prediction_powered_mean(Y, F, POOL[:1], power=0.0).low == prediction_powered_mean(Y, F, POOL, power=0.0).low
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"forecasts": F[:3]}, "5 values, 3 forecasts"),
        ({"pool": []}, "0 of the pool"),
        ({"values": [0.1, math.nan, 0.2, 0.3, 0.4]}, "values must be finite"),
        ({"weights": [1, 1, 0, 1, 1]}, "above 0"),
        ({"clusters": (np.arange(4), np.arange(10))}, "clusters must have"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    given_ = {"values": Y, "forecasts": F, "pool": POOL} | change
    with pytest.raises(ValueError, match=message):
        prediction_powered_mean(**given_)


def _panel(draw, n_items, quality):
    """People's severity of each item (mean 0) and a biased panel's: their correlation is `quality`."""
    severity = draw.normal(size=n_items)
    return severity, quality * severity + math.sqrt(1 - quality**2) * draw.normal(size=n_items) + 0.5


@pytest.mark.parametrize(
    ("n", "repeats"),
    [(10, 2000), pytest.param(30, 4000, marks=pytest.mark.slow), pytest.param(100, 2000, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("quality", [0.0, 0.6, 0.95])
def test_intervals_hold_though_the_panel_is_biased(n, repeats, quality):
    """95 % of the intervals hold the truth, within three Monte-Carlo errors below and 1.7 points above.

    A tuned interval may be wider than it must: the price of tuning is what normal values would ask.
    """
    draw = np.random.default_rng([n, int(100 * quality)])
    held, widths, means = np.zeros(2), np.zeros(3), np.zeros(repeats)
    for repeat in range(repeats):
        y, f = _panel(draw, 11 * n, quality)
        results = [prediction_powered_mean(y[:n], f[:n], f[n:], power=power) for power in (None, 1.0, 0.0)]
        held += [result.low <= 0 <= result.high for result in results[:2]]
        widths += [result.high - result.low for result in results]
        means[repeat] = results[0].mean
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert (held / repeats >= 0.95 - 3 * error).all(), held / repeats
    assert (held / repeats <= 0.95 + 3 * error + 0.017).all(), held / repeats
    assert abs(means.mean()) < 4 * means.std() / math.sqrt(repeats)  # the panel's own mean is off by .5
    tuned, _, classic = widths
    if quality == 0.95:
        assert tuned < 0.5 * classic
    assert tuned < classic * (1.15 if n == 10 else 1.05)


@pytest.mark.slow
def test_intervals_hold_with_clusters_that_lie_in_both_samples():
    """Items of one thread are labelled and unlabelled: 60 threads of 6 items, two of them labelled."""
    draw, repeats, held = np.random.default_rng(9), 1500, np.zeros(2)
    thread = np.repeat(np.arange(60), 6)
    labelled = np.tile([True, True, False, False, False, False], 60)
    for _ in range(repeats):
        common = draw.normal(size=60)[thread]
        y = common + draw.normal(size=360)
        f = common + draw.normal(size=360) + 1.0
        for column, clusters in enumerate([(thread[labelled], thread[~labelled]), None]):
            found = prediction_powered_mean(y[labelled], f[labelled], f[~labelled], clusters=clusters)
            held[column] += found.low <= 0 <= found.high
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert held[0] / repeats == pytest.approx(0.95, abs=3 * error + 0.01)
    assert held[1] / repeats < 0.92  # as if they were independent: too narrow


@pytest.mark.slow
def test_weights_undo_a_sample_of_mostly_severe_items():
    """Severe items are five times as likely to be labelled; the weighted estimate is unbiased, the plain is not."""
    draw, repeats = np.random.default_rng(10), 1500
    held, means = 0, np.zeros((repeats, 2))
    for repeat in range(repeats):
        y, f = _panel(draw, 900, 0.8)
        chance = np.where(f > 0.5, 0.25, 0.05)
        labelled = draw.uniform(size=900) < chance
        weighted = prediction_powered_mean(y[labelled], f[labelled], f[~labelled], weights=1 / chance[labelled])
        plain = prediction_powered_mean(y[labelled], f[labelled], f[~labelled], power=0.0)
        held += weighted.low <= 0 <= weighted.high
        means[repeat] = weighted.mean, plain.mean
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert held / repeats == pytest.approx(0.95, abs=3 * error + 0.01)
    assert abs(means[:, 0].mean()) < 4 * means[:, 0].std() / math.sqrt(repeats)
    assert means[:, 1].mean() > 0.3
