"""Softmax regression against scikit-learn, and forecasts that must not know an item's own votes."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from panel_eval.stats.soft_regression import assign_folds, cross_fitted_forecast, fit_softmax


def data(n_items=400, n_features=6, n_labels=3, seed=0):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(n_items, n_features))
    features[:, -1] = features[:, 0] + 1e-3 * features[:, -1]  # judges say much the same
    scores = features @ generator.normal(size=(n_features, n_labels))
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return features, generator.multinomial(5, shares).astype(float)


def test_against_scikit_learn():
    features, votes = data()
    # Ours adds half a vote for each label in all: given here to both as weights of one-hot rows.
    n_items, n_labels = votes.shape
    share_of_votes = n_items / (n_items + 0.5 * n_labels)
    shares = share_of_votes * votes / 5.0 + (1.0 - share_of_votes) / n_labels
    oracle = LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000)
    oracle.fit(np.repeat(features, n_labels, axis=0), np.tile(range(n_labels), n_items), shares.ravel())
    ours = fit_softmax(features, votes, ridge=2.0)
    assert ours.forecast(features) == pytest.approx(oracle.predict_proba(features), abs=1e-5)


def test_without_information_it_is_the_mean_of_the_shares():
    features = np.ones((10, 2))
    votes = np.array([[3.0, 1.0, 0.0]] * 5 + [[1.0, 1.0, 2.0]] * 5)
    # (5 (3/4) + 5 (1/4) + 1/2) / 11.5 and so on.
    assert fit_softmax(features, votes).forecast(features)[0] == pytest.approx(
        np.array([5.5, 3.0, 3.0]) / 11.5, abs=1e-6
    )


def test_a_label_that_nobody_chose_stays_possible():
    features, votes = data()
    votes = np.column_stack([votes, np.zeros(len(votes))])
    forecast = fit_softmax(features, votes).forecast(features)
    assert (forecast > 0).all()
    assert forecast[:, -1].mean() == pytest.approx(0.5 / 402, rel=1e-3)  # (0 + 1/2) / (400 + 4/2)


def test_an_items_own_votes_do_not_shape_its_forecast():
    features, votes = data()
    fold = assign_folds(np.arange(400) // 4, 5, np.random.default_rng(1))
    turned = votes.copy()
    turned[:4] = votes[:4, ::-1] + [7, 0, 0]

    def forecast(given):
        return cross_fitted_forecast(lambda rows: features[rows], given, fold, np.random.default_rng(2))

    one, other = forecast(votes), forecast(turned)
    same_fold = fold == fold[0]
    assert np.array_equal(one[same_fold], other[same_fold])
    assert not np.allclose(one[~same_fold], other[~same_fold])


def test_folds_keep_clusters_whole_and_even():
    cluster = np.random.default_rng(0).integers(0, 23, 300)
    fold = assign_folds(cluster, 5, np.random.default_rng(1))
    first = {code: fold[cluster == code][0] for code in range(23)}
    assert all((fold[cluster == code] == number).all() for code, number in first.items())
    assert sorted(np.bincount(list(first.values())).tolist()) == [4, 4, 5, 5, 5]


def test_refused():
    features, votes = data()
    with pytest.raises(ValueError, match="two folds"):
        cross_fitted_forecast(
            lambda rows: features[rows], votes, np.zeros(400, dtype=int), np.random.default_rng(0)
        )
    with pytest.raises(ValueError, match="same items"):
        fit_softmax(features[1:], votes)
    with pytest.raises(ValueError, match="needs a vote"):
        fit_softmax(features, votes * 0.0)
