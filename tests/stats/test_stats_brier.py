import numpy as np
import pytest
from distribution_strategies import distribution_pairs
from hypothesis import given

from panel_eval import stats


def test_the_mri_item(mri):
    assert stats.squared_distance(*mri) == pytest.approx([0.035])  # .15^2 + .10^2 + .05^2
    assert stats.brier(*mri) == pytest.approx([0.66])  # .035 + (1 - 1/16 - 1/4 - 1/16)


def test_debiased_brier_of_the_mri_item_is_negative(mri):
    assert stats.brier_debiased(*mri, np.array([4])) == pytest.approx([0.035 - 0.625 / 3])


@given(distribution_pairs())
def test_brier_is_the_mean_over_votes_of_the_score_of_each_vote(pair):
    p, q = pair
    votes = np.eye(p.shape[1])
    per_vote = np.array([[np.sum((row - vote) ** 2) for vote in votes] for row in q])
    assert stats.brier(p, q) == pytest.approx((p * per_vote).sum(axis=1), abs=1e-12)


def test_impurity_is_the_share_of_pairs_of_reviewers_that_disagree():
    # 1-2-1: of the 6 pairs of reviewers only the pair of "moderate" votes agrees. 2-0-0: none disagrees.
    p = np.array([[0.25, 0.5, 0.25], [1.0, 0.0, 0.0]])
    assert stats.impurity(p, np.array([4, 2])) == pytest.approx([5 / 6, 0.0])


def test_one_reviewer_shows_no_spread(mri):
    p, q = np.array([[1.0, 0.0, 0.0]]), mri[1]
    assert np.isnan(stats.impurity(p, np.array([1]))).all()
    assert np.isnan(stats.brier_debiased(p, q, np.array([1]))).all()
    assert np.isfinite(stats.brier(p, q)).all()


def test_human_equivalent_reviewers_is_a_ratio_of_means_over_items_with_both():
    impurity = np.array([0.6, 0.4, np.nan, 0.9])
    distance = np.array([0.3, 0.1, 0.2, np.nan])
    # First two items: mean .5 / mean .2. The mean of ratios would be 3.
    assert stats.human_equivalent_reviewers(impurity, distance) == pytest.approx(2.5)
    w = np.array([[0.0, 2.0, 1.0, 1.0], [0.0, 0.0, 3.0, 1.0]])
    assert stats.human_equivalent_reviewers(impurity, distance, w) == pytest.approx([4.0, np.nan], nan_ok=True)


def test_a_forecast_nearer_than_can_be_measured_is_worth_any_number_of_reviewers():
    assert stats.human_equivalent_reviewers(np.array([0.5]), np.array([-0.01])) == np.inf


def test_without_disagreement_no_number_of_reviewers_is_named():
    assert np.isnan(stats.human_equivalent_reviewers(np.array([0.0]), np.array([0.1])))


@pytest.mark.parametrize("n", [[4, 4], 4, [[4]]])
def test_reviewers_must_match_the_items(n, mri):
    with pytest.raises(ValueError, match="n must be"):
        stats.brier_debiased(*mri, np.array(n))
