import numpy as np
import pytest
import statsmodels.api as sm

from panel_eval.stats import resampling_weights
from panel_eval.stats.pigeonhole import crossed_standard_error, crossed_sums, pigeonhole


def simulated(n_items, n_reviewers, sd_item, sd_reviewer, sd_vote, seed, share=1.0):
    """(item, reviewer, score) of votes with effects of items, reviewers and their own noise."""
    draw = np.random.default_rng(seed)
    item, reviewer = (axis.ravel() for axis in np.indices((n_items, n_reviewers)))
    kept = draw.random(item.size) < share
    item, reviewer = item[kept], reviewer[kept]
    score = sd_item * draw.normal(size=n_items)[item] + sd_reviewer * draw.normal(size=n_reviewers)[reviewer]
    return item, reviewer, score + sd_vote * draw.normal(size=item.size)


def resampled(item, reviewer, score, n_items, n_reviewers, resamples=2000):
    sums = crossed_sums(score, np.ones(score.size), item, reviewer, (n_items, n_reviewers))
    return pigeonhole(
        sums, resampling_weights(n_items, resamples, 1), resampling_weights(n_reviewers, resamples, 2)
    )


def test_a_resample_by_hand():
    # Two items, two reviewers; item 0 drawn twice, reviewer 1 twice: only the vote of 1 on item 0 counts, 4 times.
    item, reviewer = np.array([0, 0, 1]), np.array([0, 1, 1])
    sums = crossed_sums(np.array([1.0, 5.0, 9.0]), np.array([1.0, 2.0, 1.0]), item, reviewer, (2, 2))
    drawn = pigeonhole(sums, np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 2.0], [2.0, 0.0]]))
    assert drawn.both == pytest.approx([5.0, 1.0])
    assert drawn.items == pytest.approx([11 / 3, 20 / 4])
    assert drawn.reviewers == pytest.approx([19 / 3, 1.0])


def test_nothing_drawn_is_nan():
    sums = crossed_sums(np.array([1.0]), np.array([1.0]), np.array([0]), np.array([0]), (2, 1))
    assert np.isnan(pigeonhole(sums, np.array([[0.0, 2.0]]), np.array([[1.0]])).both).all()


def test_the_standard_error_is_that_of_two_way_clustering():
    item, reviewer, score = simulated(150, 40, 1.0, 0.5, 2.0, seed=6, share=0.3)
    fitted = sm.OLS(score, np.ones(score.size)).fit(
        cov_type="cluster",
        cov_kwds={"groups": np.column_stack([item, reviewer]), "use_correction": False},
    )
    ours = crossed_standard_error(resampled(item, reviewer, score, 150, 40, 20_000), 150, 40)
    # 20,000 resamples know a standard error to half a per cent; the finite factors add about one.
    assert float(ours) == pytest.approx(fitted.bse[0], rel=0.03)


@pytest.mark.parametrize("sds", [(1.0, 0.0, 1.0), (0.5, 0.5, 1.0), (0.0, 0.0, 2.0), (1.0, 1.0, 0.1)])
def test_the_standard_error_is_the_spread_over_new_items_and_new_reviewers(sds):
    # Var(mean) = σ²_item / I + σ²_reviewer / R + σ²_vote / (I R).
    n_items, n_reviewers = 60, 25
    true = np.sqrt(sds[0] ** 2 / n_items + sds[1] ** 2 / n_reviewers + sds[2] ** 2 / (n_items * n_reviewers))
    variances = []
    for seed in range(40):
        item, reviewer, score = simulated(n_items, n_reviewers, *sds, seed=100 + seed)
        drawn = resampled(item, reviewer, score, n_items, n_reviewers, 500)
        variances.append(float(crossed_standard_error(drawn, n_items, n_reviewers)) ** 2)
    # The mean of 40 variances with 24 degrees of freedom is known to about 5 %.
    assert np.sqrt(np.mean(variances)) == pytest.approx(true, rel=0.12)


def test_resampling_both_counts_the_noise_of_votes_three_times():
    # With nothing but noise of single votes the plain bootstrap of both has three times its variance (Owen 2007).
    item, reviewer, score = simulated(80, 80, 0.0, 0.0, 1.0, seed=7)
    both = resampled(item, reviewer, score, 80, 80, 4000).both
    assert both.var() == pytest.approx(3 / 6400, rel=0.15)


def test_one_reviewer_has_no_spread():
    item, reviewer, score = simulated(30, 1, 1.0, 1.0, 1.0, seed=8)
    assert np.isnan(crossed_standard_error(resampled(item, reviewer, score, 30, 1), 30, 1))


def test_draws_that_do_not_fit_are_refused():
    sums = crossed_sums(np.ones(2), np.ones(2), np.array([0, 1]), np.array([0, 0]), (2, 1))
    with pytest.raises(ValueError, match="do not fit"):
        pigeonhole(sums, np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="n_votes"):
        crossed_sums(np.ones(2), np.ones(3), np.array([0, 1]), np.array([0, 0]), (2, 1))
