"""Affine maps of logarithms: known maps found again, their limits, and a general optimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from panel_eval.stats.dirichlet_calibration import LogAffineMap, fit_log_affine
from panel_eval.stats.divergence import cross_entropy_bits, kl_bits
from panel_eval.stats.recalibration_gain import fit_recalibration


@pytest.fixture
def forecast():
    return np.random.default_rng(2).dirichlet([1.0, 1.0, 1.0], size=5_000)


def test_a_known_matrix_is_found(forecast):
    matrix = np.array([[1.2, -0.3, 0.1], [0.0, 0.6, 0.2], [-0.2, 0.1, 0.9]])
    truth = LogAffineMap(matrix, np.array([0.5, -0.2, -0.3]))
    found = fit_log_affine(truth.apply(forecast), forecast, ridge=1e-3)
    # Adding a row to all rows of W changes no forecast, so forecasts are compared: by KL, in bits.
    p = truth.apply(forecast)
    assert kl_bits(p, found.apply(forecast)).mean() < 1e-5
    assert kl_bits(p, forecast).mean() > 0.1


def test_known_slopes_are_found(forecast):
    truth = LogAffineMap(np.diag([1.4, 0.5, 0.9]), np.array([0.2, 0.1, -0.3]))
    found = fit_log_affine(truth.apply(forecast), forecast, ridge=1e-3, diagonal=True)
    assert found.matrix == pytest.approx(truth.matrix, abs=5e-3)
    assert found.bias == pytest.approx(truth.bias, abs=5e-3)


@pytest.mark.parametrize("diagonal", [True, False])
def test_a_large_ridge_leaves_temperature_and_biases(forecast, diagonal):
    p = softmax(0.4 * np.log(forecast) + np.array([0.6, 0.0, -0.6]), axis=1)
    small = fit_log_affine(p[:300], forecast[:300], ridge=1e9, diagonal=diagonal)
    plain = fit_recalibration(p[:300], forecast[:300])
    assert small.matrix == pytest.approx(plain.sharpness * np.eye(3), abs=1e-4)
    assert small.bias == pytest.approx(plain.bias, abs=1e-4)


def test_a_general_optimiser_finds_the_same_matrix(forecast):
    generator = np.random.default_rng(4)
    q, ridge = forecast[:200], 3.0
    p = generator.multinomial(4, softmax(0.5 * np.log(q), axis=1)) / 4

    def loss(x):
        spread, bias, sharpness = x[:9].reshape(3, 3), x[9:12], x[12]
        logits = np.log(q) @ (sharpness * np.eye(3) + spread).T + bias
        penalty = 0.5 * (ridge * (spread**2).sum() + (bias**2).sum() + (sharpness - 1) ** 2)
        return penalty / len(p) - (p * log_softmax(logits, axis=1)).sum(axis=1).mean()

    other = minimize(loss, np.r_[np.zeros(12), 1.0], method="BFGS", options={"gtol": 1e-8}).x
    found = fit_log_affine(p, q, ridge)
    assert found.matrix == pytest.approx(other[:9].reshape(3, 3) + other[12] * np.eye(3), abs=1e-4)
    assert found.bias == pytest.approx(other[9:12] - other[9:12].mean(), abs=1e-4)


def test_more_freedom_fits_no_worse(forecast):
    p = np.random.default_rng(1).multinomial(3, forecast[:, ::-1]) / 3
    losses = [
        cross_entropy_bits(p, fit_log_affine(p, forecast, 1e-3, diagonal=diagonal).apply(forecast)).mean()
        for diagonal in (True, False)
    ]
    assert losses[1] < losses[0] - 0.05  # only the full matrix can turn the labels round


def test_forecasts_stay_above_zero(forecast):
    sharp = LogAffineMap(1e4 * np.eye(3), np.zeros(3)).apply(forecast)
    assert (sharp > 0).all()
    assert sharp.sum(axis=1) == pytest.approx(np.ones(len(forecast)))


def test_refused(forecast):
    with pytest.raises(ValueError, match="above 0 throughout"):
        fit_log_affine(forecast[:2], np.array([[1.0, 0.0, 0.0]] * 2), 1.0)
    with pytest.raises(ValueError, match="ridge"):
        fit_log_affine(forecast, forecast, 0.0)
