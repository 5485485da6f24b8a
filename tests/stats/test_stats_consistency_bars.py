"""Bars of a reliability diagram against votes drawn from the forecast."""

import numpy as np
import pytest

from panel_eval.stats.calibration import equal_mass_bins, top_label_calibration
from panel_eval.stats.consistency_bars import consistency_bars
from panel_eval.stats.mode import mode_sets


def test_bars_by_hand():
    # Two items of 4 reviewers at f = .5: variance of the mean .25 / 4 / 2 = .03125, 1.96 sd = .3465.
    low, high = consistency_bars(np.array([0.5, 0.5]), np.array([4, 4]), np.array([1, 1]), np.array([0, 0]))
    assert (low[0], high[0]) == (pytest.approx(0.5 - 0.34648, abs=1e-5), pytest.approx(0.5 + 0.34648, abs=1e-5))
    # Two labels tied at .5 share every vote: nothing is left to chance.
    low, high = consistency_bars(np.array([0.5]), np.array([4]), np.array([2]), np.array([0]))
    assert (low[0], high[0]) == (pytest.approx(0.5), pytest.approx(0.5))


def test_votes_drawn_from_the_forecast_fall_between_the_bars():
    generator = np.random.default_rng(5)
    q = generator.dirichlet([1.0, 1.0, 1.0], size=200)
    q[::4] = [0.4, 0.4, 0.2]
    n = generator.integers(3, 8, size=200)
    bins = equal_mass_bins(q.max(axis=1))
    low, high = consistency_bars(q.max(axis=1), n, mode_sets(q).sum(axis=1), bins)
    outside = np.zeros(2)
    for _ in range(1500):
        hit = top_label_calibration(generator.multinomial(n, q) / n[:, None], q).soft_hit
        mean = np.bincount(bins, hit) / np.bincount(bins)
        outside += (mean < low).mean(), (mean > high).mean()
    # 2.5 % on each side, but for the steps of a few votes.
    assert outside / 1500 == pytest.approx([0.025, 0.025], abs=0.008)


def test_bars_stay_in_the_unit_interval_and_empty_bins_have_none():
    low, high = consistency_bars(np.array([0.98]), np.array([1]), np.array([1]), np.array([1]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert high[1] == 1.0


@pytest.mark.parametrize(("n", "tied"), [([0], [1]), ([3], [0]), ([3, 3], [1])])
def test_impossible_numbers_are_refused(n, tied):
    with pytest.raises(ValueError, match="must"):
        consistency_bars(np.array([0.5]), np.array(n), np.array(tied), np.array([0]))
