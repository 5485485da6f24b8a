import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.standard_errors import (
    clustered_standard_error,
    count_clusters,
    design_effect,
    iid_standard_error,
    t_interval,
)

SCORES = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1], dtype=float)
CLUSTERS = np.repeat(np.arange(4), 3)


def test_the_worked_example():
    # METHODS 3.1. Deviations from 2/3 sum to 0, -1, 1, 0 in the clusters: (1/12) sqrt(0 + 1 + 1 + 0).
    assert float(iid_standard_error(SCORES)) == pytest.approx(0.1421338109, abs=1e-10)
    plain = clustered_standard_error(SCORES, CLUSTERS, finite_clusters=False, fewest=2)
    assert float(plain) == pytest.approx(0.1178511302, abs=1e-10)
    assert float(clustered_standard_error(SCORES, CLUSTERS, fewest=2)) == pytest.approx(0.1360827635, abs=1e-10)


def test_four_clusters_are_too_few_by_default():
    assert np.isnan(clustered_standard_error(SCORES, CLUSTERS))


def test_a_clustered_standard_error_is_that_of_a_regression_on_a_constant():
    draw = np.random.default_rng(3)
    cluster = draw.integers(40, size=500)
    scores = draw.normal(size=40)[cluster] + draw.normal(size=500)
    fitted = sm.OLS(scores, np.ones(500)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    ours = clustered_standard_error(scores, cluster, finite_clusters=False)
    assert float(ours) == pytest.approx(fitted.bse[0], rel=1e-10)
    # Their correction is C / (C - 1) times (N - 1) / (N - k); with one constant the second factor is 1.
    fitted = sm.OLS(scores, np.ones(500)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    assert float(clustered_standard_error(scores, cluster)) == pytest.approx(fitted.bse[0], rel=1e-10)


def test_columns_leave_out_their_own_missing_scores():
    draw = np.random.default_rng(4)
    table = draw.normal(size=(60, 3))
    table[::7, 1] = np.nan
    table[:, 2] = np.nan
    cluster = np.arange(60) % 12
    kept = ~np.isnan(table[:, 1])
    for statistic in (iid_standard_error, lambda s, c=cluster: clustered_standard_error(s, c)):
        assert statistic(table).shape == (3,)
        assert np.isnan(statistic(table)[2])
    assert clustered_standard_error(table, cluster)[1] == pytest.approx(
        float(clustered_standard_error(table[kept, 1], cluster[kept]))
    )
    assert iid_standard_error(table)[0] == pytest.approx(table[:, 0].std(ddof=1) / np.sqrt(60))
    assert count_clusters(table, cluster).tolist() == [12, 12, 0]


@given(st.lists(st.floats(-100, 100), min_size=8, max_size=30))
def test_clusters_of_one_are_no_clusters(scores):
    values = np.array(scores)
    alone = clustered_standard_error(values, np.arange(values.size))
    assert float(alone) == pytest.approx(float(iid_standard_error(values)), rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=8, max_size=30), st.integers(2, 5))
def test_copies_of_an_item_tell_nothing_new(scores, copies):
    values = np.array(scores)
    item = np.arange(values.size)
    once = clustered_standard_error(values, item)
    often = clustered_standard_error(np.repeat(values, copies), np.repeat(item, copies))
    assert float(often) == pytest.approx(float(once), rel=1e-9, abs=1e-9)


def test_equal_items_in_a_cluster_cost_its_size():
    # Items that repeat their cluster correlate 1, so 5 of them tell as much as one: deff = 1 + 4 · 1.
    effect = design_effect(np.repeat(np.arange(10.0), 5), np.repeat(np.arange(10), 5))
    assert [float(part) for part in effect] == pytest.approx([1.0, 5.0, 10.0])


def test_design_effect_of_the_worked_example():
    # Cluster means 2/3, 1/3, 1, 2/3 about 2/3: SSB = 3 · 2/9 = 2/3, MSB = 2/9. SST = 8/3, so SSW = 2, MSW = 1/4.
    # ICC = (2/9 - 1/4) / (2/9 + 2 · 1/4) = -1/26; deff = 1 - 2/26; 12 items tell as much as 13.
    effect = design_effect(SCORES, CLUSTERS)
    assert [float(part) for part in effect] == pytest.approx([-1 / 26, 12 / 13, 13.0])


def test_intraclass_correlation_of_a_known_mixture():
    # Variance 1 between and 3 within clusters of uneven size: ICC 1/4.
    draw = np.random.default_rng(5)
    cluster = np.repeat(np.arange(4000), draw.integers(1, 9, size=4000))
    scores = draw.normal(size=4000)[cluster] + np.sqrt(3.0) * draw.normal(size=cluster.size)
    effect = design_effect(scores, cluster)
    assert float(effect.intraclass_correlation) == pytest.approx(0.25, abs=0.02)
    size = np.bincount(cluster)
    expected = 1 + (np.square(size).sum() / cluster.size - 1) * 0.25
    assert float(effect.design_effect) == pytest.approx(expected, abs=0.1)


def test_no_design_effect_without_pairs_or_spread():
    for scores, cluster in (
        (SCORES, np.zeros(12, int)),
        (np.ones(12), CLUSTERS),
        (SCORES, np.arange(12)),
    ):
        assert np.isnan(design_effect(scores, cluster).design_effect)


def test_clusters_that_all_have_the_same_mean_tell_no_number_of_items():
    # Pairs of 0 and 1: ICC = (0 - MSW) / (0 + MSW) = -1, so the design effect is 1 + (2 - 1) (-1) = 0.
    effect = design_effect(np.tile([0.0, 1.0], 10), np.repeat(np.arange(10), 2))
    assert float(effect.intraclass_correlation) == pytest.approx(-1.0)
    assert float(effect.design_effect) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(effect.effective_items)


def test_t_interval_of_four_clusters():
    # t with 3 degrees of freedom: 3.182446 at 97.5 %.
    low, high = t_interval(np.array(0.5), np.array(0.1), 4)
    assert (float(low), float(high)) == pytest.approx((0.5 - 0.3182446, 0.5 + 0.3182446), abs=1e-6)
    assert np.isnan(t_interval(np.array(0.5), np.array(0.1), 1)[0])


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(n_items,\)"):
        iid_standard_error(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="infinite"):
        iid_standard_error(np.array([1.0, np.inf]))
    with pytest.raises(ValueError, match="cluster"):
        clustered_standard_error(SCORES, CLUSTERS[:3])
    with pytest.raises(ValueError, match="level"):
        t_interval(np.array(0.0), np.array(1.0), 9, level=1.0)
