"""What is said beside a number and its interval."""

import numpy as np
import pytest

from panel_eval.evaluation.means import estimate

REPLICATES = np.linspace(0.0, 1.0, 201)


def test_an_interval_of_few_items_is_called_rough():
    few, enough = (estimate(0.5, REPLICATES, n, "remark") for n in (49, 50))
    assert few.note == "remark; fewer than 50 items: the interval is rough"
    assert enough.note == "remark"
    # Evenly spread replicates: 2.5 % lie below .025 and above .975.
    assert (few.low, few.high) == pytest.approx((0.025, 0.975))


def test_without_an_interval_there_is_none_to_be_rough():
    assert estimate(0.5, None, 10).note is None


def test_an_undefined_number_is_null_and_says_why():
    number = estimate(np.nan, REPLICATES, 60, "remark", undefined="no spread")
    assert (number.estimate, number.low, number.note) == (None, None, "no spread; remark")
