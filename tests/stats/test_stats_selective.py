from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval import stats

# METHODS 6.1.
CONFIDENCE = np.array([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5])
ERROR = np.array([0.0, 0, 1, 0, 0, 1, 0, 1, 0, 1])
AREAS = [stats.aurc, stats.aurc_trapezoid, stats.augrc]


def test_the_worked_areas():
    assert stats.aurc(CONFIDENCE, ERROR) == pytest.approx(0.2510714286, abs=1e-10)
    assert stats.aurc_trapezoid(CONFIDENCE, ERROR) == pytest.approx(0.2310714286, abs=1e-10)
    assert stats.augrc(CONFIDENCE, ERROR) == pytest.approx(0.15)
    assert stats.weighted_auroc(CONFIDENCE, ERROR == 0) == pytest.approx(0.7083333333, abs=1e-10)


def test_the_areas_of_a_perfect_ranking():
    # 6 right items, then k wrong ones: selective risk k / (6 + k).
    assert stats.aurc(-ERROR, ERROR) == pytest.approx(sum(k / (6 + k) for k in (1, 2, 3, 4)) / 10)
    assert stats.augrc(-ERROR, ERROR) == pytest.approx(0.08)  # 1/2 * .4^2


def test_the_worked_curve():
    curve = stats.risk_coverage(CONFIDENCE, ERROR)
    assert curve.coverage == pytest.approx(np.arange(1, 11) / 10)
    accuracy = dict(zip(np.round(curve.coverage, 1), 1 - curve.selective_risk, strict=True))
    assert accuracy[0.5] == pytest.approx(0.8)
    assert accuracy[0.8] == pytest.approx(0.625)
    assert curve.generalized_risk == pytest.approx(np.cumsum(ERROR) / 10)


def test_tied_items_enter_together():
    curve = stats.risk_coverage(np.array([0.5, 0.9, 0.5, 0.5 + 1e-12]), np.array([1.0, 0.0, 0.0, 0.5]))
    assert curve.coverage == pytest.approx([0.25, 1.0])
    assert curve.selective_risk == pytest.approx([0.0, 0.375])
    assert curve.generalized_risk == pytest.approx([0.0, 0.375])


def test_the_mean_of_prefixes_is_the_expectation_over_all_orders_of_the_tied():
    confidence = np.array([0.9, 0.7, 0.7, 0.7, 0.2, 0.2])
    loss = np.array([0.3, 1.0, 0.0, 0.2, 0.8, 0.1])
    areas = []
    for order in permutations(range(6)):
        if list(confidence[list(order)]) == sorted(confidence, reverse=True):
            areas.append(np.mean(np.cumsum(loss[list(order)]) / np.arange(1, 7)))
    assert len(areas) == 12  # 3! * 2!
    assert stats.aurc(confidence, loss) == pytest.approx(np.mean(areas), abs=1e-12)


items = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12)


@given(items)
@pytest.mark.parametrize("area", AREAS)
def test_a_weight_is_a_number_of_copies(area, items):
    confidence, loss, counts = np.array(items, dtype=float).T
    copied = float(area(np.repeat(confidence, counts.astype(int)), np.repeat(loss, counts.astype(int))))
    assert area(confidence, loss, counts) == pytest.approx(copied, abs=1e-9, nan_ok=True)
    assert area(confidence, loss, np.stack([counts, counts])) == pytest.approx([copied] * 2, abs=1e-9, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=20))
def test_augrc_of_errors_follows_from_the_auroc(items):
    confidence, error = np.array(items, dtype=float).T
    rate = error.mean()
    if 0 < rate < 1:
        auroc = float(stats.weighted_auroc(confidence, error == 0))
        expected = (1 - auroc) * (1 - rate) * rate + rate**2 / 2
        assert stats.augrc(confidence, error) == pytest.approx(expected, abs=1e-12)


@given(items)
def test_no_ranking_loses_less_than_the_one_by_loss(items):
    confidence, loss, _ = np.array(items, dtype=float).T
    for area in (stats.aurc, stats.augrc):
        assert area(-loss, loss) <= area(confidence, loss) + 1e-9
        assert area(loss, loss) >= area(confidence, loss) - 1e-9


@pytest.mark.parametrize(("area", "share"), [(stats.aurc, 1.0), (stats.aurc_trapezoid, 1.0), (stats.augrc, 0.5)])
def test_a_constant_loss_or_a_constant_confidence_leaves_the_mean_loss(area, share):
    assert area(CONFIDENCE, np.full(10, 0.3)) == pytest.approx(share * 0.3)
    assert area(np.full(10, 0.5), ERROR) == pytest.approx(share * 0.4)


def test_the_mean_of_prefixes_is_continuous_in_the_weights():
    weights = np.ones(10)
    weights[4] += 1e-9  # no longer a whole number of copies
    assert stats.aurc(CONFIDENCE, ERROR, weights) == pytest.approx(0.2510714286, abs=1e-7)


def test_curves_of_resamples(two_resamples_of_three):
    curve = stats.risk_coverage(np.array([0.9, 0.8, 0.7]), np.array([0.0, 1.0, 0.5]), two_resamples_of_three)
    assert curve.coverage == pytest.approx(np.array([[2 / 3, 2 / 3, 1], [0, 1, 1]]))
    risk = np.array([[0, 0, 0.5 / 3], [np.nan, 1, 1]])
    assert curve.selective_risk == pytest.approx(risk, nan_ok=True)
    assert curve.generalized_risk == pytest.approx(np.nan_to_num(risk))


@pytest.mark.parametrize("area", AREAS)
def test_without_items_there_is_no_area(area, two_resamples_of_three):
    assert np.isnan(area(np.array([]), np.array([])))
    assert np.isnan(area(np.full(3, np.nan), np.ones(3), two_resamples_of_three)).tolist() == [True, True]
    assert np.isnan(area(np.ones(3), np.ones(3), np.zeros((1, 3)))).all()
    assert stats.risk_coverage(np.array([]), np.array([])).coverage.shape == (0,)


@pytest.mark.parametrize("area", AREAS)
def test_items_without_a_loss_are_left_out(area):
    loss = np.append(ERROR, np.nan)
    assert area(np.append(CONFIDENCE, 0.99), loss) == pytest.approx(float(area(CONFIDENCE, ERROR)))


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("confidence", "loss"), [([0.5], [0.5, 0.5]), ([0.5], [np.inf])])
def test_losses_that_cannot_be_summed_are_refused(area, confidence, loss):
    with pytest.raises(ValueError, match="loss"):
        area(np.array(confidence), np.array(loss))
