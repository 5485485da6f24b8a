"""The logistic slope: against statsmodels, and its interval by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from panel_eval.stats.fractional_logit import logit_slope


def shares_in_clusters(seed: int, slope: float, n: int = 240, clusters: int = 40) -> tuple[np.ndarray, ...]:
    """Shares of 3 votes; half of the noise of x and of the log-odds belongs to the cluster."""
    generator = np.random.default_rng(seed)
    cluster = np.arange(n) % clusters
    x = generator.normal(size=clusters)[cluster] + generator.normal(size=n)
    odds = 0.3 + slope * x + 0.7 * generator.normal(size=clusters)[cluster]
    return x, generator.binomial(3, expit(odds)) / 3, cluster


def test_slope_and_error_are_those_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x, y, cluster = shares_in_clusters(1, -0.6)
    theirs = sm.GLM(y, sm.add_constant(7 + 3 * x), family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True
    )
    found = logit_slope(7 + 3 * x, y, cluster)
    assert found.slope == pytest.approx(theirs.params[1], rel=1e-6)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.conf_int()[1]), rel=1e-4)
    assert found.p_value == pytest.approx(theirs.pvalues[1], rel=1e-3)
    assert found.n_units == 40


def test_two_groups_by_hand():
    # Log-odds are ln(1/3) where x = 0 (one of four) and ln 3 where x = 1: the slope is ln 9.
    x, y = np.repeat([0.0, 1.0], 4), np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    assert logit_slope(x, y, np.arange(8)).slope == pytest.approx(np.log(9))


@pytest.mark.parametrize(
    ("x", "y"),
    [(np.ones(20), np.tile([0.0, 1.0], 10)), (np.arange(20.0), np.zeros(20)), (np.arange(20.0), np.arange(20) > 9)],
)
def test_no_slope_where_nothing_varies_or_x_separates(x, y):
    found = logit_slope(x, np.asarray(y, float), np.arange(20))
    assert np.isnan([found.slope, found.low, found.high, found.p_value]).all()


def test_no_interval_from_few_clusters():
    x, y, _ = shares_in_clusters(2, -0.5)
    found = logit_slope(x, y, np.arange(x.size) % 7)
    assert np.isfinite(found.slope)
    assert np.isnan([found.low, found.high, found.p_value]).all()


@pytest.mark.slow
def test_without_a_relation_five_in_a_hundred_intervals_leave_0_out():
    # x and the noise of y both come in clusters: an error that took items for independent would be too small.
    missed = [not (f.low <= 0 <= f.high) for f in (logit_slope(*shares_in_clusters(s, 0.0)) for s in range(600))]
    assert 0.03 < np.mean(missed) < 0.085


def test_what_is_no_share_is_refused():
    with pytest.raises(ValueError, match="0, 1"):
        logit_slope(np.arange(9.0), np.arange(9.0), np.arange(9))
