import numpy as np
import pytest
from distribution_strategies import distribution_pairs
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance
from scoringrules import rps_score

from panel_eval import stats


def test_the_mri_item(mri):
    # F = (.25, .75), G = (.10, .70): differences .15 and .05.
    assert stats.wasserstein_1(*mri) == pytest.approx([0.20])
    assert stats.rps_divergence(*mri) == pytest.approx([0.025])
    assert stats.rps(*mri) == pytest.approx([0.400])  # .025 + .25 * .75 + .75 * .25


def test_wasserstein_follows_the_anchored_severities(mri):
    assert stats.wasserstein_1(*mri, np.array([0.0, 1.0, 5.0])) == pytest.approx([0.15 * 1 + 0.05 * 4])
    # The same scale with its labels listed in another order.
    p, q = (rows[:, [2, 0, 1]] for rows in mri)
    assert stats.wasserstein_1(p, q, np.array([5.0, 0.0, 1.0])) == pytest.approx([0.35])


def test_one_vote_for_moderate_scores_the_squared_errors_below_it():
    q = np.array([[0.1, 0.6, 0.3]])
    assert stats.rps(np.array([[0.0, 1.0, 0.0]]), q) == pytest.approx([0.1**2 + 0.3**2])


@given(distribution_pairs())
def test_scoringrules_agrees_on_the_mean_over_votes(pair):
    p, q = pair
    n_items, n_labels = p.shape
    per_vote = [rps_score(np.full(n_items, label), q, k_axis=-1) for label in range(1, n_labels + 1)]
    assert stats.rps(p, q) == pytest.approx((p * np.stack(per_vote, axis=1)).sum(axis=1), abs=1e-10)


@given(distribution_pairs(), st.lists(st.integers(-20, 20), min_size=6, max_size=6))
def test_scipy_agrees_on_any_scale(pair, places):
    p, q = pair
    values = np.array(places[: p.shape[1]], dtype=float)
    theirs = [wasserstein_distance(values, values, a, b) for a, b in zip(p, q, strict=True)]
    assert stats.wasserstein_1(p, q, values) == pytest.approx(theirs, abs=1e-10)


@given(distribution_pairs())
def test_wasserstein_is_at_least_the_difference_of_the_means(pair):
    p, q = pair
    steps = np.arange(p.shape[1])
    assert (stats.wasserstein_1(p, q) >= np.abs(p @ steps - q @ steps) - 1e-12).all()


@given(distribution_pairs())
def test_a_scale_read_from_the_other_end_gives_the_same(pair):
    p, q = pair
    for statistic in (stats.wasserstein_1, stats.rps, stats.rps_divergence):
        assert statistic(p[:, ::-1], q[:, ::-1]) == pytest.approx(statistic(p, q), abs=1e-12), statistic


@given(distribution_pairs())
def test_no_forecast_beats_the_humans_own_distribution(pair):
    p, q = pair
    assert (stats.rps(p, q) >= stats.rps(p, p) - 1e-12).all()
    assert stats.rps(p, q) - stats.rps(p, p) == pytest.approx(stats.rps_divergence(p, q), abs=1e-12)


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.0, 1.0, np.nan], [0.0, 1.0, np.inf]])
def test_a_scale_that_does_not_place_every_label_is_refused(values, mri):
    with pytest.raises(ValueError, match="values"):
        stats.wasserstein_1(*mri, np.array(values))
