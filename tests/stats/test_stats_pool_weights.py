"""Weights of judges: expectation maximisation and a general optimiser as oracles, and what must not matter."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from panel_eval.stats.pool_weights import WeightedAverage, fit_weighted_average
from panel_eval.stats.recalibration_gain import Recalibration

IDENTITY = Recalibration(1.0, np.zeros(3))


@pytest.fixture
def said():
    """(3 judges, 500 items, 3 labels): a good judge, a poor one, and one that answers half the items."""
    generator = np.random.default_rng(3)
    truth = generator.dirichlet([1.0, 1.0, 1.0], size=500)
    noise = np.array([0.2, 2.0, 0.5])[:, None, None] * generator.normal(size=(3, 500, 3))
    q = softmax(np.log(truth) + noise, axis=2)
    q[2, ::2] = np.nan
    return q, generator.multinomial(5, truth) / 5


def mixture(q, weights):
    """Mean over the judges that answered, one item at a time."""
    there = ~np.isnan(q[:, :, 0])
    heard = [weights[there[:, item]] @ q[there[:, item], item] for item in range(q.shape[1])]
    return np.array(heard) / (weights @ there)[:, None]


def test_averages_by_hand():
    # METHODS §4: three judges, equal weights.
    q = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.5, 0.3, 0.2]])[:, None, :]
    equal = np.full(3, 1 / 3)
    linear = WeightedAverage(equal, "linear", IDENTITY).forecast(q)[0]
    log = WeightedAverage(equal, "log", IDENTITY).forecast(q)[0]
    assert linear == pytest.approx([0.5, 0.333333, 0.166667], abs=1e-6)
    assert log == pytest.approx([0.505913, 0.307707, 0.186380], abs=1e-6)


def test_judges_that_are_silent_give_their_weight_to_the_others(said):
    q, _ = said
    weights = np.array([0.2, 0.3, 0.5])
    found = WeightedAverage(weights, "linear", IDENTITY).forecast(q)
    assert found == pytest.approx(mixture(q, weights))
    q[:, 7] = np.nan
    assert np.isnan(WeightedAverage(weights, "linear", IDENTITY).forecast(q)[7]).all()


@pytest.mark.parametrize("averaging", ["linear", "log"])
def test_a_general_optimiser_finds_no_lower_loss(said, averaging):
    q, p = said[0][:, :100], said[1][:100]
    to_equal = 20.0

    def loss(x):
        weights, sharpness, bias = softmax(x[:3]), x[3], x[4:]
        logs = np.log(mixture(q, weights)) if averaging == "linear" else mixture(np.log(q), weights)
        penalty = 0.5 * ((sharpness - 1) ** 2 + (bias**2).sum()) - to_equal * np.log(3 * weights).mean()
        return penalty / len(p) - (p * log_softmax(sharpness * logs + bias, axis=1)).sum(axis=1).mean()

    found = fit_weighted_average(q, p, averaging, to_equal)
    ours = np.r_[np.log(found.weights), found.recalibration.sharpness, found.recalibration.bias]
    best = minimize(
        loss, ours + 0.05 * np.random.default_rng(0).normal(size=7), method="BFGS", options={"gtol": 1e-6}
    )
    assert loss(ours) == pytest.approx(best.fun, abs=1e-9)
    assert found.weights == pytest.approx(softmax(best.x[:3]), abs=1e-3)


def test_expectation_maximisation_ends_at_the_same_weights():
    """Votes drawn from a mixture of calibrated judges: no map is needed, and EM of the mixture is the oracle."""
    generator = np.random.default_rng(5)
    q = generator.dirichlet([0.7, 0.7, 0.7], size=(3, 4000))
    truth = np.einsum("j,jik->ik", [0.6, 0.3, 0.1], q)
    p = np.eye(3)[(generator.random((4000, 1)) > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)]
    to_equal, weights = 3.0, np.full(3, 1 / 3)
    for _ in range(500):
        share = weights[:, None] * (p * q).sum(axis=2)
        weights = ((share / share.sum(axis=0)).sum(axis=1) + to_equal / 3) / (4000 + to_equal)
    found = fit_weighted_average(q, p, "linear", to_equal)
    assert found.recalibration.sharpness == pytest.approx(1.0, abs=0.1)  # its standard error is about 0.03
    assert found.weights == pytest.approx(weights, abs=0.02)
    assert weights == pytest.approx([0.6, 0.3, 0.1], abs=0.06)


@pytest.mark.parametrize("averaging", ["linear", "log"])
def test_much_shrinkage_is_equal_weights(said, averaging):
    assert fit_weighted_average(*said, averaging, 1e8).weights == pytest.approx(np.full(3, 1 / 3), abs=1e-3)


@pytest.mark.parametrize("averaging", ["linear", "log"])
def test_copies_of_a_judge_share_what_it_weighs(said, averaging):
    q, p = said
    one = fit_weighted_average(q[:2], p, averaging, 1e-6)
    two = fit_weighted_average(q[[0, 1, 1]], p, averaging, 1e-6)
    assert two.forecast(q[[0, 1, 1]]) == pytest.approx(one.forecast(q[:2]), abs=1e-3)
    assert two.weights[1] == pytest.approx(two.weights[2], abs=1e-6)


def test_one_judge_has_all_the_weight(said):
    q, p = said
    assert fit_weighted_average(q[:1], p, "linear", 1.0).weights == pytest.approx([1.0])


def test_refused(said):
    q, p = said
    with pytest.raises(ValueError, match="to_equal"):
        fit_weighted_average(q, p, "log", 0.0)
    q[:, 3] = np.nan
    with pytest.raises(ValueError, match="answered"):
        fit_weighted_average(q, p, "log", 1.0)
