import numpy as np
import pytest

from panel_eval import stats

FORECAST = np.array([0.1, 0.2, 0.35, 0.4, 0.6, 0.7, 0.8, 0.9])
FREQUENCY = np.array([0.05, 0.25, 0.3, 0.5, 0.5, 0.8, 0.6, 1.0])


def reflected_smooth_error(f, y, width, n_points=4001):
    """The error at a given width, from its definition: no grid for items, mirror images summed one by one."""
    t = (np.arange(n_points) + 0.5) / n_points
    smoothed = np.zeros(n_points)
    for centre, residual in zip(f, f - y, strict=True):
        images = [centre + 2 * k for k in range(-3, 4)] + [-centre + 2 * k for k in range(-3, 4)]
        smoothed += residual * sum(np.exp(-0.5 * ((t - image) / width) ** 2) for image in images)
    return np.abs(smoothed).mean() / (len(f) * width * np.sqrt(2 * np.pi))


def test_the_published_program_agrees():
    # relplot 1.0.3 gives .0478856729, having added 1e-4 to a density that is 8 on average (one for each item).
    error = float(stats.smooth_calibration_error(FORECAST, FREQUENCY))
    assert error * 8 / 8.0001 == pytest.approx(0.0478856729, abs=1e-8)


def test_the_error_equals_its_width_to_the_step_of_the_search():
    error = float(stats.smooth_calibration_error(FORECAST, FREQUENCY))
    width = np.ceil(error * 1024) / 1024  # the first width on the grid that is above
    while reflected_smooth_error(FORECAST, FREQUENCY, width) > width:
        width += 1 / 1024
    assert error == pytest.approx(reflected_smooth_error(FORECAST, FREQUENCY, width), rel=5e-3)
    assert reflected_smooth_error(FORECAST, FREQUENCY, width - 1 / 1024) > width - 1 / 1024


@pytest.mark.parametrize("place", [0.0, 0.3, 1.0])
def test_a_constant_forecast_errs_by_its_distance_from_the_mean_outcome(place):
    # One atom: every smoothing spreads the same residual, whose sign never changes.
    f, y = np.full(5, place), np.array([0.6, 0.5, 0.4, 0.5, 0.5])
    assert stats.smooth_calibration_error(f, y) == pytest.approx(abs(place - 0.5), abs=1e-9)


def test_a_perfect_forecast_has_no_error():
    assert stats.smooth_calibration_error(FREQUENCY, FREQUENCY) == pytest.approx(0.0, abs=1e-12)


def test_a_weight_is_a_number_of_copies():
    w = stats.resampling_weights(FORECAST.size, 5, seed=1)
    copies = [
        float(stats.smooth_calibration_error(np.repeat(FORECAST, c), np.repeat(FREQUENCY, c)))
        for c in w.astype(int)
    ]
    assert stats.smooth_calibration_error(FORECAST, FREQUENCY, w) == pytest.approx(copies, abs=1e-12)
    assert np.isnan(stats.smooth_calibration_error(FORECAST, FREQUENCY, np.zeros((1, 8)))).all()


def test_items_without_a_value_are_left_out():
    holes = np.append(FORECAST, np.nan)
    error = stats.smooth_calibration_error(holes, np.append(FREQUENCY, 0.5))
    assert error == pytest.approx(float(stats.smooth_calibration_error(FORECAST, FREQUENCY)), abs=1e-12)
    assert np.isnan(stats.smooth_calibration_error(holes[-1:], np.ones(1)))


@pytest.mark.parametrize(("f", "y"), [([1.5], [1.0]), ([0.5], [-1.0]), ([0.5, 0.5], [1.0])])
def test_values_that_are_no_frequencies_are_refused(f, y):
    with pytest.raises(ValueError, match="must"):
        stats.smooth_calibration_error(np.array(f), np.array(y))
