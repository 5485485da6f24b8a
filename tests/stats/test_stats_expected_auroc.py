import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.correlation import weighted_auroc
from panel_eval.stats.expected_auroc import expected_auroc, score_shares

POSITIVE = np.array([True, False, True, False, False])


def test_a_score_that_does_not_vary_has_the_usual_area():
    score = np.array([3.0, 1.0, 2.0, 2.0, 0.0])
    # Pairs: 3 beats 1, 2, 0; 2 beats 1, 0 and ties with 2.
    assert expected_auroc(score_shares(score[None]), POSITIVE) == pytest.approx(5.5 / 6)
    assert expected_auroc(score_shares(np.stack([score] * 3)), POSITIVE) == pytest.approx(5.5 / 6)


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=4))
def test_it_is_the_mean_over_independent_draws_of_both_items(draws):
    table = np.array(draws, dtype=float)
    won = [
        np.mean([np.sign(a - b) / 2 + 0.5 for a in table[:, i] for b in table[:, j]])
        for i in np.flatnonzero(POSITIVE)
        for j in np.flatnonzero(~POSITIVE)
    ]
    assert expected_auroc(score_shares(table), POSITIVE) == pytest.approx(np.mean(won))


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_weight_is_a_number_of_copies(counts):
    score = np.array([[3.0, 1.0, 2.0, 2.0, 0.0]])
    weighted = expected_auroc(score_shares(score), POSITIVE, np.array([counts, [1.0] * 5]))
    assert weighted == pytest.approx(weighted_auroc(score[0], POSITIVE, np.array([counts, [1.0] * 5])), nan_ok=True)


def test_of_selected_items_only_those_count():
    shares = score_shares(np.array([[3.0, 1.0, 2.0, 2.0, 0.0]]))
    rows = np.array([2, 3])
    assert expected_auroc(shares.select(rows), POSITIVE[rows]) == pytest.approx(0.5)


def test_one_kind_of_item_has_no_area():
    assert np.isnan(expected_auroc(score_shares(np.ones((2, 3))), np.ones(3, dtype=bool)))


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="draws"):
        score_shares(np.ones(3))
    with pytest.raises(ValueError, match="positive"):
        expected_auroc(score_shares(np.ones((1, 3))), POSITIVE)
