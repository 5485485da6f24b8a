"""Fleiss, Gwet and Cohen against published values, statsmodels and scikit-learn."""

import numpy as np
import pytest
from agreement_examples import FOUR_CODERS, WIKIPEDIA_FLEISS, counts_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.stats.chance_agreement import agreement_weights, cohen_kappa, fleiss_kappa, gwet_ac
from panel_eval.stats.vote_pairs import coincidences, pair_agreement


@pytest.fixture(scope="module")
def inter_rater():
    return pytest.importorskip("statsmodels.stats.inter_rater", reason="the oracle is a test extra")


@pytest.fixture(scope="module")
def metrics():
    return pytest.importorskip("sklearn.metrics", reason="the oracle is a test extra")


WEIGHTS = {kind: agreement_weights(np.arange(5.0), kind) for kind in ("identity", "linear", "quadratic", "ordinal")}


def observed(counts, weights=None):
    """p_a and the prevalence, as `fleiss_kappa` and `gwet_ac` take them."""
    counts = np.asarray(counts, dtype=float)
    weights = np.eye(counts.shape[1]) if weights is None else weights
    voted = counts[counts.sum(axis=1) > 0]
    return np.nanmean(pair_agreement(coincidences(counts), weights)), (
        voted / voted.sum(axis=1, keepdims=True)
    ).mean(axis=0)


def test_fleiss_of_the_published_table():
    assert float(fleiss_kappa(*observed(WIKIPEDIA_FLEISS))) == pytest.approx(0.2099307044, abs=5e-11)


@given(n=st.integers(2, 6), data=st.data())
def test_fleiss_is_that_of_statsmodels(inter_rater, n, data):
    votes = data.draw(arrays(np.int64, (data.draw(st.integers(2, 7)), n), elements=st.integers(0, 3)))
    counts = np.array([np.bincount(row, minlength=4) for row in votes])
    kappa = float(fleiss_kappa(*observed(counts)))
    if (counts.sum(axis=0) > 0).sum() == 1:
        assert np.isnan(kappa)
    else:
        assert kappa == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("identity", 0.7754440681),
        ("ordinal", 0.8989397699),
        ("linear", 0.8587391364),
        ("quadratic", 0.9140007236),
    ],
)
def test_gwet_of_the_four_coders(kind, value):
    weights = WEIGHTS[kind]
    agreement, prevalence = observed(counts_of(FOUR_CODERS, 5), weights)
    assert float(gwet_ac(agreement, prevalence, weights)) == pytest.approx(value, abs=5e-11)


def test_skewed_labels_part_kappa_from_ac1():
    # METHODS 5: 45 items 4-0, four 3-1, one 0-4: 96 % of the votes are for one label.
    agreement, prevalence = observed([[4, 0]] * 45 + [[3, 1]] * 4 + [[0, 4]])
    assert agreement == pytest.approx((45 + 4 * 0.5 + 1) / 50)
    assert prevalence[0] == pytest.approx((180 + 12) / 200)
    assert float(fleiss_kappa(agreement, prevalence)) == pytest.approx(0.4792, abs=5e-5)
    assert float(gwet_ac(agreement, prevalence, np.eye(2))) == pytest.approx(0.9567, abs=5e-5)


def test_one_label_throughout_is_undefined_not_perfect():
    agreement, prevalence = observed([[4, 0], [3, 0]])
    assert agreement == 1.0
    assert np.isnan(fleiss_kappa(agreement, prevalence))
    assert np.isnan(gwet_ac(agreement, prevalence, np.eye(2)))
    assert np.isnan(cohen_kappa([[7, 0], [0, 0]]))
    assert np.isnan(cohen_kappa(np.zeros((2, 2))))


def test_cohen_by_hand():
    # Observed (20 + 15) / 50 = .7; chance (25 * 30 + 25 * 20) / 2500 = .5; (.7 - .5) / .5.
    assert float(cohen_kappa([[20, 5], [10, 15]])) == pytest.approx(0.4)


@given(
    votes=arrays(np.int64, (2, 12), elements=st.integers(0, 3), fill=st.nothing()),
    kinds=st.sampled_from([("identity", None), ("linear", "linear"), ("quadratic", "quadratic")]),
)
def test_cohen_is_that_of_scikit_learn(metrics, votes, kinds):
    ours, theirs = kinds
    a, b = votes
    table = np.bincount(a * 4 + b, minlength=16).reshape(4, 4)
    kappa = float(cohen_kappa(table, agreement_weights(np.arange(4.0), ours)))
    if np.unique(votes).size == 1:
        assert np.isnan(kappa)
    else:
        expected = metrics.cohen_kappa_score(a, b, labels=[0, 1, 2, 3], weights=theirs)
        assert kappa == pytest.approx(expected, abs=1e-9)


def test_weights_of_three_grades():
    grades = [0.0, 1.0, 2.0]
    assert agreement_weights(grades, "linear")[0] == pytest.approx([1, 1 / 2, 0])
    assert agreement_weights(grades, "quadratic")[0] == pytest.approx([1, 3 / 4, 0])
    assert agreement_weights(grades, "ordinal")[0] == pytest.approx(
        [1, 2 / 3, 0]
    )  # 1 - C(2,2)/C(3,2), 1 - C(3,2)/C(3,2)
    assert agreement_weights([0.0, 1.0, 10.0], "linear")[0] == pytest.approx([1, 0.9, 0])
    with pytest.raises(ValueError, match="two or more"):
        agreement_weights([1.0, 1.0], "linear")


def test_tables_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match="confusion must be"):
        cohen_kappa(np.ones((2, 3)))
