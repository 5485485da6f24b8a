import numpy as np
import pytest
from distribution_strategies import distribution_pairs
from hypothesis import given

from panel_eval import stats

FORECAST = np.array([0.9, 0.8, 0.75, 0.3, 0.35, 0.1])
FREQUENCY = np.array([0.7, 0.9, 0.6, 0.4, 0.2, 0.1])


def test_soft_ece_by_hand():
    bins = stats.equal_width_bins(FORECAST, 2)
    assert bins.tolist() == [1, 1, 1, 0, 0, 0]
    # Upper bin: mean .81667 against .73333. Lower: .25 against .23333. (.08333 + .01667) / 2
    assert stats.binned_calibration_error(FORECAST, FREQUENCY, bins) == pytest.approx(0.05)
    assert stats.equal_mass_bins(FORECAST, 2).tolist() == bins.tolist()


def test_a_resample_weighs_the_bins_anew():
    bins = stats.equal_width_bins(FORECAST, 2)
    w = np.array([[1.0, 1, 1, 1, 1, 1], [3.0, 0, 0, 0, 0, 1], [0.0, 0, 0, 0, 0, 0]])
    # Second row: 3 copies of (.9, .7) and one of (.1, .1): 3/4 * .2
    expected = [0.05, 0.15, np.nan]
    assert stats.binned_calibration_error(FORECAST, FREQUENCY, bins, w) == pytest.approx(expected, nan_ok=True)


def test_equal_width_bins_are_open_below_and_closed_above():
    tenths = np.arange(11) / 10
    assert stats.equal_width_bins(tenths).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert stats.equal_width_bins(np.array([0.7, np.nextafter(0.7, 1), np.nan])).tolist() == [6, 7, -1]


@pytest.mark.parametrize(("n_items", "n_bins"), [(5, 1), (39, 1), (40, 2), (299, 14), (300, 15), (5000, 15)])
def test_the_number_of_bins_follows_the_number_of_items(n_items, n_bins):
    bins = stats.equal_mass_bins(np.random.default_rng(0).random(n_items))
    sizes = np.bincount(bins)
    assert sizes.size == n_bins
    assert sizes.max() - sizes.min() <= 1


def test_tied_confidences_share_a_bin_whatever_their_order():
    confidence = np.array([0.2, 0.5, 0.5, 0.5, 0.5, 0.9])
    bins = stats.equal_mass_bins(confidence, 3)
    assert bins.tolist() == [0, 1, 1, 1, 1, 2]
    order = np.array([3, 5, 1, 0, 4, 2])
    assert stats.equal_mass_bins(confidence[order], 3).tolist() == bins[order].tolist()


def test_items_without_a_confidence_have_no_bin_and_no_say():
    holes = np.append(FORECAST, np.nan)
    bins = stats.equal_mass_bins(holes, 2)
    assert bins.tolist() == [1, 1, 1, 0, 0, 0, -1]
    assert stats.binned_calibration_error(holes, np.append(FREQUENCY, 1.0), bins) == pytest.approx(0.05)
    assert np.isnan(stats.binned_calibration_error(holes[-1:], np.ones(1), bins[-1:]))
    assert stats.equal_mass_bins(holes[-1:]).tolist() == [-1]


def test_top_label_shares_ties():
    p = np.array([[0.6, 0.3, 0.1], [0.5, 0.5, 0.0], [0.2, 0.2, 0.6]])
    q = np.array([[0.4, 0.4, 0.2], [0.7, 0.2, 0.1], [np.nan] * 3])
    top = stats.top_label_calibration(p, q)
    assert top.confidence == pytest.approx([0.4, 0.7, np.nan], nan_ok=True)
    assert top.soft_hit == pytest.approx([0.45, 0.5, np.nan], nan_ok=True)  # (.6 + .3) / 2
    assert top.hard_hit == pytest.approx([0.5, 0.5, np.nan], nan_ok=True)


@given(distribution_pairs())
def test_the_humans_own_distribution_is_calibrated_softly(pair):
    p, _ = pair
    confidence, soft_hit, hard_hit = stats.top_label_calibration(p, p)
    assert soft_hit == pytest.approx(confidence, abs=1e-9)
    assert (hard_hit >= confidence - 1e-9).all()  # ... and looks underconfident against its own majority
    assert stats.calibration_errors(p, p).classwise == pytest.approx(0.0, abs=1e-12)


def test_classwise_error_by_hand():
    # Two labels, one bin each: |mean q - mean p| = |.5 - .6| for the first and the same for the second.
    p, q = np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([[0.8, 0.2], [0.2, 0.8]])
    assert stats.calibration_errors(p, q).classwise == pytest.approx(0.1)
    # Two copies of the first item only: |.8 - .9| for both labels; unchanged by a second bin.
    assert stats.calibration_errors(p, q, 2, np.array([[2.0, 0.0]])).classwise == pytest.approx([0.1])


@pytest.mark.parametrize("n_bins", [None, 1, 4])
def test_the_errors_taken_together_are_the_errors_taken_one_by_one(n_bins):
    generator = np.random.default_rng(1)
    p, q = (generator.multinomial(9, [0.5, 0.3, 0.2], size=200) / 9 for _ in range(2))
    q[:3] = np.nan
    for w in (None, stats.resampling_weights(200, 6, seed=1)):
        together = stats.calibration_errors(p, q, n_bins, w)
        confidence, soft_hit, hard_hit = stats.top_label_calibration(p, q)
        bins = stats.equal_mass_bins(confidence, n_bins)
        assert together.soft == pytest.approx(
            stats.binned_calibration_error(confidence, soft_hit, bins, w), abs=1e-12
        )
        assert together.hard == pytest.approx(
            stats.binned_calibration_error(confidence, hard_hit, bins, w), abs=1e-12
        )
        by_label = [
            stats.binned_calibration_error(mass, share, stats.equal_mass_bins(mass, n_bins), w)
            for mass, share in zip(q.T, p.T, strict=True)
        ]
        assert together.classwise == pytest.approx(np.mean(by_label, axis=0), abs=1e-12)
    assert np.isnan(stats.calibration_errors(p[:3], q[:3])).all()


@pytest.mark.parametrize("bins", [[0, 1], [0.0, 1.0, 1.0], [[0, 1, 1]]])
def test_bins_must_be_one_whole_number_an_item(bins):
    with pytest.raises(ValueError, match="bins must be"):
        stats.binned_calibration_error(FORECAST[:3], FREQUENCY[:3], np.array(bins))


@pytest.mark.parametrize("binning", [stats.equal_mass_bins, stats.equal_width_bins])
@pytest.mark.parametrize(("confidence", "n_bins"), [([0.5, 1.1], 2), ([-0.1, 0.5], 2), ([[0.5]], 2), ([0.5], 0)])
def test_confidences_outside_the_unit_interval_are_refused(binning, confidence, n_bins):
    with pytest.raises(ValueError, match=r"confidence must|n_bins"):
        binning(np.array(confidence), n_bins)
