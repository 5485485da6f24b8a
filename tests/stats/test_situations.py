"""Forecasts from the same situation on other items: by hand, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.situations import corrected_forecast, situation_forecast, sums_elsewhere


def test_a_row_never_sees_its_own_unit() -> None:
    # Situation 0 holds units 0 (two rows), 1 and 2; situation 1 only unit 2.
    table = np.array([[1.0], [2.0], [4.0], [8.0], [16.0]])
    found = sums_elsewhere(table, np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, 2, 2]))
    assert found[:, 0].tolist() == [12.0, 12.0, 11.0, 7.0, 0.0]


def forecast(strength: float) -> np.ndarray:
    """Three items in one situation; votes a, a, b; the model expects (.6, .4) of each, and starts at (.5, .5)."""
    return situation_forecast(
        np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        np.full((3, 2), [0.6, 0.4]),
        np.full((3, 2), 0.5),
        np.ones(3),
        np.zeros(3, dtype=np.int64),
        np.arange(3),
        strength,
    )


def test_votes_and_model_are_weighed_by_hand() -> None:
    # Model: (2 * .6 + .5) / 3 = 1.7 / 3. Item 0 sees one a, one b: (1 + 1.7 / 3 * 2) / (2 + 2); item 2 sees two a.
    q = forecast(2.0)
    assert q[0, 0] == pytest.approx((1 + 3.4 / 3) / 4)
    assert q[2, 0] == pytest.approx((2 + 3.4 / 3) / 4)
    assert forecast(np.inf)[:, 0] == pytest.approx([1.7 / 3] * 3)


def test_a_model_is_corrected_by_what_happened_elsewhere() -> None:
    # Item 0 sees one a and one b elsewhere: (1 + 2 * .6) / 4; item 2 sees two a: (2 + 2 * .1) / 4.
    seen, model = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]])
    alone, same = np.arange(3), np.zeros(3, dtype=np.int64)
    q = corrected_forecast(seen, model, np.ones(3), same, alone, 2.0)
    assert q[[0, 2], 0] == pytest.approx([2.2 / 4, 2.2 / 4])
    assert corrected_forecast(seen, model, np.ones(3), same, alone, np.inf) == pytest.approx(model)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        forecast(0.0)
    with pytest.raises(ValueError, match="alike"):
        sums_elsewhere(np.ones((2, 1)), np.zeros(3, dtype=np.int64), np.zeros(2, dtype=np.int64))
