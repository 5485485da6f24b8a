"""A law a + b n^-c: planted laws are found, as by scipy's least squares; what does not fall has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from panel_eval.stats.power_law import EXPONENTS, fit_power_law

SIZES = np.array([25, 50, 100, 200, 400, 800])


def test_a_planted_law_is_found_and_read_backwards():
    # 1.5 + 2 / n: within .01 of 1.5 from 200 on; 2 / 800 = .0025 above it at 800.
    law = fit_power_law(SIZES, 1.5 + 2.0 / SIZES)
    assert law.asymptote == pytest.approx(1.5, abs=1e-9)
    assert law.scale == pytest.approx(2.0)
    assert law.exponent == pytest.approx(1.0)
    assert law.size_within(0.01) == pytest.approx(200.0)
    assert law.excess(800) == pytest.approx(0.0025)


def test_noisy_laws_agree_with_scipys_least_squares():
    generator = np.random.default_rng(0)
    values = 1.2 + 3.0 * SIZES**-0.8 + generator.normal(scale=0.001, size=(20, SIZES.size))
    ours = fit_power_law(SIZES, values, SIZES.astype(float))
    for row, noisy in enumerate(values):
        theirs, _ = curve_fit(
            lambda n, a, b, c: a + b * n**-c, SIZES, noisy, p0=(1.2, 3.0, 0.8), sigma=SIZES**-0.5, maxfev=10_000
        )
        # Exponents are tried 2.5 % apart, so ours is within half of that of the best one.
        assert ours.exponent[row] == pytest.approx(theirs[2], rel=0.0126)
        assert ours.asymptote[row] == pytest.approx(theirs[0], abs=0.002)


@given(
    st.floats(-3, 3), st.floats(0.01, 10), st.sampled_from(EXPONENTS.tolist()), st.floats(-5, 5), st.floats(0.1, 10)
)
def test_a_law_moves_and_stretches_with_its_values(a, b, c, shift, stretch):
    values = a + b * SIZES**-c
    law = fit_power_law(SIZES, np.stack([values, shift + stretch * values]))
    assert law.exponent == pytest.approx(c)
    assert law.scale == pytest.approx([b, stretch * b], rel=1e-6)
    assert law.asymptote == pytest.approx([a, shift + stretch * a], rel=1e-6, abs=1e-6)


def test_values_that_rise_have_no_excess():
    law = fit_power_law(SIZES, np.log(SIZES))
    assert law.scale == 0.0
    assert np.isnan(law.exponent)
    assert law.size_within(0.01) == law.excess(25) == 0.0
    assert law.asymptote == pytest.approx(np.log(SIZES).mean())


@pytest.mark.parametrize(
    ("sizes", "values", "weights"),
    [
        ([25, 50], [2.0, 1.0], None),
        ([25, 25, 50], [2.0, 2.0, 1.0], None),
        ([0, 25, 50], [2.0, 1.0, 1.0], None),
        ([25, 50, 100], [2.0, 1.0], None),
        ([25, 50, 100], [2.0, 1.0, 1.0], [1.0, 0.0, 1.0]),
    ],
)
def test_too_few_or_impossible_sizes_are_refused(sizes, values, weights):
    with pytest.raises(ValueError, match="sizes"):
        fit_power_law(np.array(sizes), np.array(values), None if weights is None else np.array(weights))
