"""Calibration error without the noise of the votes, and intervals of an error that resampling inflates."""

import numpy as np
import pytest

from panel_eval.stats.bootstrap import percentile_interval, resampling_weights
from panel_eval.stats.calibration import binned_calibration_error, equal_mass_bins
from panel_eval.stats.debiased_calibration import error_interval, gap_noise, squared_error_without_noise

REVIEWERS = 4


def votes_for_the_top_label(n_items, temperature, generator):
    """Confidence of a three-label forecast, the chance that a reviewer agrees, and the share of 4 who did."""
    q = generator.dirichlet([1.0, 1.0, 1.0], size=n_items).max(axis=1)
    # Two labels are enough here: the top label against the rest, sharpened or not.
    odds = (q / (1 - q)) ** (1 / temperature)
    chance = odds / (1 + odds)
    return q, chance, generator.binomial(REVIEWERS, chance) / REVIEWERS


def debiased_square(confidence, outcome, bins, group=None):
    """The two steps together, gaps laid out by unit (an item, or a group of them) and bin; bin -1 is left out."""
    unit = np.arange(bins.size) if group is None else group
    sums, numbers = np.zeros((2, unit.max() + 1, bins.max() + 1))
    inside = bins >= 0
    np.add.at(sums, (unit[inside], bins[inside]), (confidence - outcome)[inside])
    np.add.at(numbers, (unit[inside], bins[inside]), 1.0)
    total = numbers.sum(axis=0)
    mean_gap = np.where(total > 0, sums.sum(axis=0) / np.maximum(total, 1.0), np.nan)
    return float(squared_error_without_noise(mean_gap, total, gap_noise(sums, numbers)))


def test_debiased_square_by_hand():
    # Bin 0: gaps .1 and .3, one pair: .1 * .3 = .03. Bin 1: gaps .2, -.1, .2; pairs -.02, .04, -.02 -> mean 0.
    confidence = np.array([0.5, 0.5, 0.8, 0.8, 0.8])
    outcome = np.array([0.4, 0.2, 0.6, 0.9, 0.6])
    bins = np.array([0, 0, 1, 1, 1])
    assert debiased_square(confidence, outcome, bins) == pytest.approx(0.4 * 0.03)
    # A bin of one item has no spread to tell its noise from, and is left out.
    lonely = debiased_square(confidence, outcome, np.array([0, 0, 1, 2, -1]))
    assert lonely == pytest.approx(0.03)
    assert np.isnan(debiased_square(confidence[:1], outcome[:1], bins[:1]))


def test_noise_is_the_squared_standard_error_of_the_mean():
    gaps = np.random.default_rng(0).normal(0.1, 0.2, size=37)
    noise = gap_noise(gaps[:, None], np.ones((37, 1)))
    assert noise == pytest.approx([gaps.var(ddof=1) / 37])


def test_items_of_one_origin_count_as_one():
    generator = np.random.default_rng(1)
    confidence, _, outcome = votes_for_the_top_label(60, 1.0, generator)
    bins = equal_mass_bins(confidence, 3)
    once = debiased_square(confidence, outcome, bins)
    twice = [np.repeat(values, 2) for values in (confidence, outcome, bins, np.arange(60))]
    assert debiased_square(*twice) == pytest.approx(once)
    assert debiased_square(*twice[:3]) > once  # copies taken for new items look like evidence


@pytest.mark.parametrize(("temperature", "n_items"), [(1.0, 300), (1.5, 300)])
def test_plain_error_is_biased_upwards_and_the_debiased_square_is_not(temperature, n_items):
    generator = np.random.default_rng(2)
    confidence, chance, _ = votes_for_the_top_label(200_000, temperature, generator)
    bins = equal_mass_bins(confidence, 15)
    size = np.bincount(bins)
    gap = np.bincount(bins, confidence - chance) / size
    true_error, true_square = ((size / size.sum()) @ values for values in (np.abs(gap), gap**2))
    plain, squared = [], []
    for _ in range(400):
        f, _, y = votes_for_the_top_label(n_items, temperature, generator)
        own = equal_mass_bins(f)
        plain.append(float(binned_calibration_error(f, y, own)))
        squared.append(debiased_square(f, y, own))
    error = np.std(squared) / np.sqrt(len(squared))
    assert abs(np.mean(squared) - true_square) < 3.5 * error
    assert np.mean(plain) - true_error > 20 * np.std(plain) / np.sqrt(len(plain)) * (temperature == 1.0)
    if temperature == 1.0:  # perfectly calibrated: .04 of plain error is noise of four votes an item
        assert true_error == pytest.approx(0.0, abs=1e-12)
        assert np.mean(plain) > 0.03


def intervals(temperature, n_items, n_runs, n_resamples=300):
    """Each run's (low, high) of `error_interval` and of plain percentiles."""
    generator = np.random.default_rng(3)
    for run in range(n_runs):
        f, _, y = votes_for_the_top_label(n_items, temperature, generator)
        bins = equal_mass_bins(f)
        inside = (bins[:, None] == np.arange(bins.max() + 1)).astype(float)
        sums, w = inside * (f - y)[:, None], resampling_weights(n_items, n_resamples, run)
        number = w @ inside
        gap = np.where(number > 0, (w @ sums) / np.maximum(number, 1.0), np.nan)
        squares = squared_error_without_noise(gap, number, gap_noise(sums, inside), times=2.0)
        replicates = binned_calibration_error(f, y, bins, w)
        value = float(binned_calibration_error(f, y, bins))
        may_be_zero = not float(percentile_interval(squares)[0]) > 0
        yield error_interval(value, replicates, may_be_zero), percentile_interval(replicates), value


@pytest.mark.slow
@pytest.mark.parametrize(("temperature", "n_items"), [(1.0, 300), (1.2, 300), (1.5, 300), (2.5, 300)])
def test_the_interval_holds_the_true_error(temperature, n_items):
    confidence, chance, _ = votes_for_the_top_label(200_000, temperature, np.random.default_rng(4))
    bins = equal_mass_bins(confidence, min(15, n_items // 20))
    true = float(binned_calibration_error(confidence, chance, bins))
    runs = list(intervals(temperature, n_items, 200))
    assert all(0 <= low <= value <= high for (low, high), _, value in runs)
    held = np.mean([low <= true <= high for (low, high), _, _ in runs])
    assert held > 0.95 - 3.0 * np.sqrt(0.05 * 0.95 / len(runs))
    if temperature == 1.0:  # what the interval is for: percentiles never hold the 0 of a calibrated forecast
        assert np.mean([low <= true <= high for _, (low, high), _ in runs]) == 0.0


def test_an_interval_needs_replicates():
    assert np.isnan(error_interval(0.1, np.full(10, np.nan), may_be_zero=True)).all()
