"""Wilson's interval, and its effective numbers for clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from panel_eval.stats.wilson import clustered_wilson_interval, wilson_interval


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_it_is_scipys(share: tuple[int, int], level: float) -> None:
    hits, n = share
    expected = binomtest(hits, n).proportion_ci(level, method="wilson")
    assert wilson_interval(hits, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("arguments", [(1, 0), (-1, 3), (4, 3), (1, 3, 1.0), (float("nan"), 3)])
def test_what_is_no_share_is_refused(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="needs 0 <= hits"):
        wilson_interval(*arguments)


def test_items_that_always_come_alike_count_as_one() -> None:
    # 40 clusters of 5 equal items, 10 of them hits: n / d = 200 / (5 * 40 / 39), about 39 items
    hit = np.repeat(np.arange(40) < 10, 5)
    cluster = np.repeat(np.arange(40), 5)
    assert clustered_wilson_interval(hit, cluster) == pytest.approx(wilson_interval(39 / 4, 39), abs=1e-12)
    assert clustered_wilson_interval(hit, None) == wilson_interval(50, 200)


def test_clusters_of_one_item_are_items() -> None:
    hit = np.arange(50) < 20  # the estimated variance of 50 clusters is 50 / 49 of the items': 49 items
    expected = wilson_interval(49 * 0.4, 49)
    assert clustered_wilson_interval(hit, np.arange(50)) == pytest.approx(expected)


def test_without_a_hit_clusters_count_once_each() -> None:
    assert clustered_wilson_interval(np.zeros(60, dtype=bool), np.repeat(np.arange(6), 10)) == wilson_interval(0, 6)
