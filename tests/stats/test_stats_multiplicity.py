"""Adjusted p-values against METHODS 3.3 and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm

P = (0.001, 0.012, 0.034, 0.2)
PROCEDURES = {"holm": holm, "fdr_bh": benjamini_hochberg, "fdr_by": benjamini_yekutieli}


@pytest.mark.parametrize(
    ("procedure", "adjusted"),
    [
        (holm, (0.004, 0.036, 0.068, 0.2)),
        (benjamini_hochberg, (0.004, 0.024, 0.0453333333, 0.2)),
        (benjamini_yekutieli, (0.0083333333, 0.05, 0.0944444444, 0.4166666667)),
    ],
)
def test_four_p_values(procedure, adjusted):
    assert procedure(P) == pytest.approx(adjusted)
    assert procedure(P[::-1]) == pytest.approx(adjusted[::-1])  # the order of the tests is kept


@pytest.fixture(scope="module")
def multitest():
    return pytest.importorskip("statsmodels.stats.multitest", reason="the oracle is a test extra")


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12), method=st.sampled_from(sorted(PROCEDURES)))
def test_adjusted_p_values_are_those_of_statsmodels(multitest, p_values, method):
    expected = multitest.multipletests(p_values, method=method)[1]
    assert PROCEDURES[method](p_values) == pytest.approx(expected, abs=1e-12)


def test_no_tests_and_no_probabilities():
    assert holm([]).shape == benjamini_yekutieli([]).shape == (0,)
    for bad in ([np.nan], [1.1], [[0.1]]):
        with pytest.raises(ValueError, match="p_values"):
            benjamini_hochberg(bad)


def test_weighted_holm_by_hand() -> None:
    # p / w = .02, .03, .05: .01/.5 * 1, then .006/.2 * .5, then .015/.3 * .3, made not to fall
    adjusted = holm([0.01, 0.006, 0.015], weights=[0.5, 0.2, 0.3])
    assert adjusted == pytest.approx([0.02, 0.02, 0.02])
    # .02/1 * 4, then .09/3 * 3
    assert holm([0.02, 0.09], weights=[1.0, 3.0]) == pytest.approx([0.08, 0.09])


def test_equal_weights_are_none_and_wrong_ones_are_refused() -> None:
    p = [0.001, 0.012, 0.034, 0.2]
    assert holm(p, weights=[7.0] * 4) == pytest.approx(holm(p))
    for wrong in ([1.0], [0.0, 1.0, 1.0, 1.0], [float("inf"), 1.0, 1.0, 1.0]):
        with pytest.raises(ValueError, match="weights"):
            holm(p, weights=wrong)
