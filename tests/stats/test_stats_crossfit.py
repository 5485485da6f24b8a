"""Leaving one vote out: classes of the others by hand and by brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.humans import disagreement_codes
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats.crossfit import NOBODY, classes_without_one_vote, distinct_rows, left_out_loss

AGREEMENT, MINOR, MAJOR, UNRESOLVED, INSUFFICIENT = range(len(CLASS_NAMES))

vote_tables = arrays(np.int64, st.tuples(st.integers(0, 12), st.integers(1, 5)), elements=st.integers(0, 7))


def nominal(rows):
    return disagreement_codes(rows)[0]


def test_classes_of_the_others_by_hand():
    votes = np.array([[3, 1, 1], [4, 1, 0], [2, 2, 0], [3, 0, 0]])
    assert classes_without_one_vote(votes, nominal).tolist() == [
        [MAJOR, MINOR, MINOR],  # 2-1-1, 3-0-1, 3-1-0
        [MINOR, AGREEMENT, NOBODY],  # 3-1-0, 4-0-0
        [MINOR, MINOR, NOBODY],  # 1-2-0, 2-1-0
        [INSUFFICIENT, NOBODY, NOBODY],  # two votes are left
    ]


@given(vote_tables, st.sampled_from(["nominal", "ordinal"]))
def test_classes_of_the_others_equal_brute_force(votes, scale):
    classes = classes_without_one_vote(votes, lambda rows: disagreement_codes(rows, scale)[0])
    for item, row in enumerate(votes):
        for label, cast in enumerate(row):
            others = row - (np.arange(row.size) == label)
            expected = disagreement_codes(others[None], scale)[0][0] if cast else NOBODY
            assert classes[item, label] == expected


@given(vote_tables)
def test_distinct_rows_are_distinct_and_give_back_the_table(votes):
    rows, code = distinct_rows(votes)
    assert (rows[code] == votes).all()
    assert len({tuple(row) for row in rows.tolist()}) == len(rows) <= len(votes)


def test_counts_too_large_for_one_number_are_told_apart():
    votes = np.array([[2**40, 1], [1, 2**40], [2**40, 1]])
    rows, code = distinct_rows(votes)
    assert len(rows) == 2
    assert (rows[code] == votes).all()


@pytest.mark.parametrize("votes", [[1, 2], [[[1]]], [[-1, 2]]])
def test_what_is_no_table_of_votes_is_refused(votes):
    with pytest.raises(ValueError, match="votes must be"):
        distinct_rows(np.array(votes))


def test_an_infinite_loss_counts_only_where_its_vote_is_left_out():
    part = np.array([[0.5, 0.0], [0.5, 0.25]])
    losses = np.array([[3.0, np.inf], [3.0, np.inf]])
    assert left_out_loss(part, losses).tolist() == [1.5, np.inf]


def test_losses_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="part and losses"):
        left_out_loss(np.ones((2, 3)), np.ones((2, 2)))
