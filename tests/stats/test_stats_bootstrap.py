import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval import stats


def test_each_resample_draws_as_many_items_as_there_are():
    w = stats.resampling_weights(50, 400, seed=1)
    assert w.shape == (400, 50)
    assert w.dtype == np.float64
    assert (w.sum(axis=1) == 50).all()
    assert (w == np.rint(w)).all()


def test_items_are_drawn_evenly_and_independently():
    w = stats.resampling_weights(40, 20_000, seed=2)
    # A count is binomial(40, 1/40): mean 1, variance .975, covariance of two items -1/40.
    assert w.mean(axis=0) == pytest.approx(np.ones(40), abs=5 * np.sqrt(0.975 / 20_000))
    assert w.var(axis=0) == pytest.approx(np.full(40, 0.975), abs=0.07)
    assert np.cov(w[:, 0], w[:, 1])[0, 1] == pytest.approx(-1 / 40, abs=0.035)
    assert abs(np.corrcoef(w[:-1].ravel(), w[1:].ravel())[0, 1]) < 0.01  # from one resample to the next


def test_the_seed_decides():
    first = stats.resampling_weights(30, 20, seed=7)
    assert (first == stats.resampling_weights(30, 20, seed=7)).all()
    assert (first != stats.resampling_weights(30, 20, seed=8)).any()
    # More resamples continue the same ones, also where draws are made in several blocks.
    assert (stats.resampling_weights(400_000, 1, seed=7) == stats.resampling_weights(400_000, 4, seed=7)[:1]).all()


def test_no_items_can_be_resampled():
    assert stats.resampling_weights(0, 3, seed=0).shape == (3, 0)


def test_percentiles_of_a_ladder():
    low, high = stats.percentile_interval(np.arange(101.0))
    assert (float(low), float(high)) == pytest.approx((2.5, 97.5))
    low, high = stats.percentile_interval(np.arange(101.0)[::-1], level=0.5)
    assert (float(low), float(high)) == pytest.approx((25.0, 75.0))


def test_each_column_has_its_own_interval():
    columns = np.column_stack([np.arange(101.0), 10 * np.arange(101.0)])
    columns[::2, 1] = np.nan  # leaves 10, 30, ... 990: half of the replicates less one
    low, high = stats.percentile_interval(columns)
    assert low == pytest.approx([2.5, np.nan], nan_ok=True)
    assert high == pytest.approx([97.5, np.nan], nan_ok=True)


def test_undefined_replicates_are_ignored_while_half_are_left():
    replicates = np.concatenate([np.arange(101.0), np.full(101, np.nan)])
    assert [float(end) for end in stats.percentile_interval(replicates)] == pytest.approx([2.5, 97.5])


def test_an_interval_that_reaches_infinity_says_so():
    replicates = np.concatenate([np.arange(90.0), np.full(10, np.inf)])
    low, high = stats.percentile_interval(replicates)
    assert 2 <= low <= 3
    assert high == np.inf
    assert np.isnan(stats.percentile_interval(np.full(4, np.inf))).all()


def test_no_replicates_no_interval():
    assert np.isnan(stats.percentile_interval(np.array([]))).all()


@pytest.mark.parametrize(("replicates", "level"), [(np.ones(3), 95), (np.ones(3), 0.0), (np.ones((1, 1, 1)), 0.9)])
def test_intervals_that_make_no_sense_are_refused(replicates, level):
    with pytest.raises(ValueError, match=r"level|replicates"):
        stats.percentile_interval(replicates, level)


def test_negative_sizes_are_refused():
    for sizes in ((-1, 2), (2, -1)):
        with pytest.raises(ValueError, match="n_units"):
            stats.resampling_weights(*sizes, 0)


def test_membership_sums_the_rows_of_each_group():
    table = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    summed = stats.membership(np.array([1, 0, 1]), 3) @ table
    assert summed.tolist() == [[2.0, 20.0], [5.0, 50.0], [0.0, 0.0]]


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6)), st.floats(0.01, 0.99))
def test_ends_are_the_quantiles_of_numpy(replicates, level):
    tails = [0.5 - level / 2, 0.5 + level / 2]
    expected = np.quantile(replicates, tails)
    assert np.array(stats.percentile_interval(replicates, level)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
