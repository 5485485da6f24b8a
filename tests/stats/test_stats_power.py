from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from panel_eval.stats.power import cluster_design_effect, items_needed, minimum_detectable_effect

sds = st.floats(0.01, 10)
counts = st.integers(1, 10**6)


def test_reference_values_of_the_methods():
    # z_.975 + z_.8 = 1.959964 + 0.841621 = 2.801585; (2.801585 x .3 / .05)^2 = 282.56
    assert items_needed(0.05, 0.3) == pytest.approx(282.56, abs=0.005)
    assert math.ceil(items_needed(0.05, 0.3)) == 283
    assert minimum_detectable_effect(0.276, 300) == pytest.approx(0.0446, abs=5e-5)
    assert minimum_detectable_effect(0.276, 15) == pytest.approx(0.2, abs=5e-4)


def test_a_cluster_design_by_hand():
    assert cluster_design_effect(5, 0.25) == 2.0
    assert cluster_design_effect(1, 0.9) == 1.0
    assert cluster_design_effect(3, -0.5) == 0.0
    # Half the effective items: sqrt(2) times the effect.
    assert minimum_detectable_effect(1, 100, design_effect=2) == pytest.approx(
        math.sqrt(2) * minimum_detectable_effect(1, 100)
    )


@given(sds, counts, st.floats(0.5, 20), st.floats(0.001, 0.3), st.floats(0.5, 0.99))
def test_items_needed_is_the_inverse(sd, n, deff, alpha, power):
    effect = minimum_detectable_effect(sd, n, design_effect=deff, alpha=alpha, power=power)
    assert items_needed(effect, sd, design_effect=deff, alpha=alpha, power=power) == pytest.approx(n)


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.01, 0.9), (0.1, 0.6)])
def test_power_is_that_of_statsmodels(alpha, power):
    # One sample is the limit of two samples of which the other is infinitely large: ratio = 0 there.
    effect = minimum_detectable_effect(2.0, 50, alpha=alpha, power=power)
    theirs = NormalIndPower().solve_power(effect / 2.0, nobs1=50, alpha=alpha, ratio=0, alternative="larger")
    one_sided = NormalIndPower().solve_power(effect / 2.0, nobs1=50, alpha=alpha / 2, ratio=0, alternative="larger")
    assert one_sided == pytest.approx(power, abs=1e-9)
    assert theirs > power


def test_a_simulated_test_finds_the_effect_four_times_in_five():
    rng = np.random.default_rng(7)
    n, sd = 60, 0.4
    effect = minimum_detectable_effect(sd, n)
    means = rng.normal(effect, sd, (20_000, n)).mean(axis=1)
    found = np.abs(means) > 1.959964 * sd / math.sqrt(n)
    assert found.mean() == pytest.approx(0.8, abs=0.01)  # standard error .0028


def test_odd_numbers():
    assert minimum_detectable_effect(0.3, 0) == math.inf
    assert items_needed(0.0, 0.3) == math.inf
    for bad in ((-1, 10), (math.nan, 10), (1, -1), (1, math.inf)):
        with pytest.raises(ValueError, match="not negative"):
            minimum_detectable_effect(*bad)
    with pytest.raises(ValueError, match="between 0 and 1"):
        minimum_detectable_effect(1, 10, alpha=0)
    with pytest.raises(ValueError, match="clusters"):
        cluster_design_effect(0.5, 0.1)
    with pytest.raises(ValueError, match="clusters"):
        cluster_design_effect(2, math.nan)
