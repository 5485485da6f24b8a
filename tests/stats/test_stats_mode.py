import numpy as np
import pytest
from distribution_strategies import distribution_pairs
from hypothesis import given

from panel_eval import stats
from panel_eval.stats.mode import rank_match_argsort


def test_tied_labels_share_the_mode():
    rows = np.array([[0.4, 0.4, 0.2], [0.1, 0.8, 0.1], [np.nan] * 3])
    assert stats.mode_sets(rows).tolist() == [[True, True, False], [False, True, False], [False] * 3]


def test_masses_that_differ_only_in_their_last_bits_are_tied():
    assert 0.1 + 0.2 != 0.3
    assert stats.mode_sets(np.array([[0.1 + 0.2, 0.3, 0.4], [0.35, 0.35 + 1e-10, 0.3 - 1e-10]])).sum(
        axis=1
    ).tolist() == [1, 2]
    assert stats.mode_sets(np.array([[(0.1 + 0.2) / 0.6, 0.3 / 0.6]])).all()


@pytest.mark.parametrize(
    ("q", "accuracy"),
    [
        ([0.6, 0.2, 0.2], 1 / 2),  # the humans' tie is broken rightly half of the time
        ([0.4, 0.2, 0.4], 1 / 4),  # both must fall on the first label
        ([0.4, 0.4, 0.2], 1 / 2),  # 2 matching of 4 combinations
        ([0.2, 0.2, 0.6], 0.0),
        ([1 / 3, 1 / 3, 1 / 3], 1 / 3),
    ],
)
def test_mode_accuracy_when_humans_are_split_between_the_first_two(q, accuracy):
    assert stats.mode_accuracy(np.array([[0.5, 0.5, 0.0]]), np.array([q])) == pytest.approx([accuracy])


def test_mode_of_the_mri_item_matches(mri):
    assert stats.mode_accuracy(*mri) == [1.0]


@given(distribution_pairs())
def test_mode_accuracy_is_the_chance_under_random_tie_breaks(pair):
    p, q = pair
    human, forecast = stats.mode_sets(p), stats.mode_sets(q)
    for row, accuracy in enumerate(stats.mode_accuracy(p, q)):
        a, b = np.flatnonzero(human[row]), np.flatnonzero(forecast[row])
        assert accuracy == pytest.approx(np.mean([x == y for x in a for y in b]))


@pytest.mark.parametrize(
    ("q", "same"),
    [
        ([0.1, 0.6, 0.3], 0.0),  # the humans tie mild and severe, the panel does not
        ([0.2, 0.6, 0.2], 1.0),
        ([0.2 + 1e-12, 0.6, 0.2 - 1e-12], 1.0),
        ([0.4, 0.2, 0.4], 0.0),
    ],
)
def test_a_tie_in_the_ranking_matches_only_a_tie(q, same, mri):
    assert stats.rank_match(mri[0], np.array([q])) == [same]


def test_the_published_ranking_breaks_ties_by_label_order():
    p = np.array([[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.2, 0.5, 0.3], [0.2, 0.5, 0.3]])
    q = np.array([[0.1, 0.6, 0.3], [0.3, 0.6, 0.1], [0.1, 0.6, 0.3], [np.nan] * 3])
    # The tie of the first two rows is read as "first label smaller", which only the first forecast says.
    np.testing.assert_array_equal(rank_match_argsort(p, q), [1.0, 0.0, 1.0, np.nan])


@given(distribution_pairs())
def test_a_forecast_ranks_as_itself_and_a_matching_rank_has_a_matching_mode(pair):
    p, q = pair
    assert stats.rank_match(p, p).all()
    same = stats.rank_match(p, q) == 1
    assert (stats.mode_sets(p)[same] == stats.mode_sets(q)[same]).all()
