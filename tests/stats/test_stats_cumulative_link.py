"""Proportional-odds regression against statsmodels, by hand, and at its edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from panel_eval.stats.cumulative_link import CumulativeFit, fit_cumulative


def data(n_items=3000, seed=0):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(n_items, 3))
    below = expit(np.array([-1.0, 0.2, 1.5]) - (features @ [1.0, -0.5, 0.25])[:, None])
    label = (generator.random((n_items, 1)) > below).sum(axis=1)
    return features, np.eye(4)[label], label


def test_against_statsmodels():
    features, votes, label = data()
    oracle = OrderedModel(label, features, distr="logit").fit(method="bfgs", disp=False)
    ours = fit_cumulative(features, votes, ridge=1e-6)
    thresholds = oracle.model.transform_threshold_params(oracle.params)[1:-1]
    # Ours adds half a vote for each label to 3,000 votes.
    assert ours.slopes == pytest.approx(oracle.params[:3], abs=5e-3)
    assert ours.thresholds == pytest.approx(thresholds, abs=5e-3)


def test_masses_by_hand():
    # Thresholds 0 and ln 3, location ln 3: P(<= 1) = 1 / (1 + 3) = 1/4, P(<= 2) = 1 / (1 + 1) = 1/2.
    fit = CumulativeFit(np.array([0.0, np.log(3.0)]), np.array([1.0]))
    assert fit.forecast(np.array([[np.log(3.0)]]))[0] == pytest.approx([0.25, 0.25, 0.5])


def test_two_labels_are_a_logistic_regression():
    # One feature of +-1 and shares .8 and .2: by symmetry threshold 0, slope x with logistic(x) = .8 but for the
    # half votes: (1000 * .8 + .5) / 1001.
    features = np.repeat([[1.0], [-1.0]], 500, axis=0)
    votes = np.repeat([[0.2, 0.8], [0.8, 0.2]], 500, axis=0)
    fit = fit_cumulative(features, votes, ridge=1e-9)
    share = (1000 * 0.8 + 0.5) / 1001
    assert fit.thresholds == pytest.approx([0.0], abs=1e-6)
    assert fit.slopes == pytest.approx([np.log(share / (1 - share))], abs=1e-5)


def test_without_information_it_is_the_mean_of_the_shares():
    votes = np.array([[3.0, 1.0, 0.0]] * 5 + [[1.0, 1.0, 2.0]] * 5)
    fit = fit_cumulative(np.ones((10, 2)), votes, ridge=1.0)
    assert fit.forecast(np.ones((1, 2)))[0] == pytest.approx(np.array([5.5, 3.0, 3.0]) / 11.5, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 12))
def test_forecasts_are_distributions_and_turning_the_scale_turns_them(seed, n_labels, n_items):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(n_items, 3)) * 10.0
    votes = generator.multinomial(3, generator.dirichlet(np.full(n_labels, 0.3)), size=n_items).astype(float)
    q = fit_cumulative(features, votes, ridge=0.5).forecast(1e4 * features)
    turned = fit_cumulative(features, votes[:, ::-1], ridge=0.5).forecast(1e4 * features)
    assert (q > 0).all()
    assert q.sum(axis=1) == pytest.approx(np.ones(n_items))
    assert turned[:, ::-1] == pytest.approx(q, abs=0.02)  # far out a slope's seventh digit shows


def test_refused():
    features, votes, _ = data(20)
    with pytest.raises(ValueError, match="same items"):
        fit_cumulative(features[1:], votes, 1.0)
    with pytest.raises(ValueError, match="needs a vote"):
        fit_cumulative(features, 0.0 * votes, 1.0)
    with pytest.raises(ValueError, match="ridge"):
        fit_cumulative(features, votes, 0.0)
