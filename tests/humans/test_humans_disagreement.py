"""Rules R1 and R2 by the lists of METHODS 7.2 and 7.3, and by properties."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.humans import class_confusion, disagreement_class, dispersion


def class_of(*votes: float, scale: str = "nominal") -> str:
    (name,), _ = disagreement_class(np.array([votes]), scale)
    return name


def adjacent_tie_of(*votes: float) -> bool:
    _, (tie,) = disagreement_class(np.array([votes]), "ordinal")
    return bool(tie)


@pytest.mark.parametrize(
    ("votes", "name"),
    [
        ((4, 0, 0), "agreement"),
        ((3, 1), "minor"),
        ((2, 1, 1), "major"),
        ((2, 2), "unresolved"),
        ((3, 0), "agreement"),
        ((2, 1), "minor"),
        ((1, 1, 1), "unresolved"),
        ((5, 0), "agreement"),
        ((4, 1), "minor"),
        ((3, 2), "major"),
        ((3, 1, 1), "major"),
        ((2, 2, 1), "unresolved"),
        ((9, 1), "agreement"),
        ((6, 3, 1), "major"),
    ],
)
def test_r1_gives_the_published_list(votes, name):
    assert class_of(*votes) == name


@pytest.mark.parametrize("votes", [(0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 1, 0)])
def test_fewer_than_three_votes_are_insufficient(votes):
    assert class_of(*votes) == "insufficient"
    assert class_of(*votes, scale="ordinal") == "insufficient"


def test_the_fewest_votes_that_count_can_be_set():
    counts = np.array([[2, 0], [3, 1]])
    assert disagreement_class(counts, n_min=2)[0] == ("agreement", "minor")
    assert disagreement_class(counts, n_min=5)[0] == ("insufficient", "insufficient")


@pytest.mark.parametrize(
    ("votes", "name"),
    [
        ((1, 2, 1), "major"),  # d = .75
        ((3, 0, 1), "major"),  # R1 minor, d = .75
        ((3, 1, 0), "minor"),  # R1 minor, d = .375
        ((3, 2, 0), "minor"),  # R1 major on adjacent grades with a majority
        ((3, 0, 2), "major"),  # the same votes two grades apart
        ((2, 2, 1), "unresolved"),
        ((9, 0, 1), "agreement"),  # d = 2·(.9·.1 + .9·.1) = .36; R2 leaves agreement alone
        ((0, 3, 2, 0, 0), "minor"),
        ((1, 2, 2, 0, 0), "unresolved"),
    ],
)
def test_r2_corrects_for_how_far_apart_votes_lie(votes, name):
    assert class_of(*votes, scale="ordinal") == name


@pytest.mark.parametrize("votes", [(2, 1), (3, 1), (3, 2), (51, 49)])
def test_on_two_grades_all_votes_are_adjacent_so_a_majority_is_never_major(votes):
    # d is above 1/2 here although no grade lies between; R2's second step undoes its first
    assert class_of(*votes, scale="ordinal") == "minor"


@pytest.mark.parametrize(
    ("votes", "tie"),
    [((2, 2, 0), True), ((0, 2, 2), True), ((2, 0, 2), False), ((2, 2, 1), False), ((3, 1, 0), False)],
)
def test_ties_between_adjacent_grades_are_flagged_and_stay_unresolved(votes, tie):
    assert adjacent_tie_of(*votes) is tie
    if tie:
        assert class_of(*votes, scale="ordinal") == "unresolved"


def test_nominal_items_have_no_adjacent_ties():
    assert not disagreement_class(np.array([[2, 2, 0]]), "nominal")[1].any()


def test_dispersion_has_the_published_values():
    shares = np.array(
        [[0.25, 0.5, 0.25], [0.75, 0, 0.25], [0.75, 0.25, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [1 / 3, 1 / 3, 1 / 3]]
    )
    assert dispersion(shares) == pytest.approx([0.75, 0.75, 0.375, 0.5, 1.0, 8 / 9])


def test_dispersion_of_an_item_without_votes_is_unknown():
    assert np.isnan(dispersion(np.array([[0, 0, 0]]))).all()


def test_shares_that_are_not_whole_votes_are_compared_in_thousandths():
    third = 7 / 3  # 7 weighted reviewers spread evenly: a tie whatever the float says
    assert class_of(third, third, third + 1e-12) == "unresolved"
    assert class_of(3.5, 3.4995, 0.0005) == "unresolved"  # .5 and .49993 agree to three digits
    assert class_of(6.35, 0.65) == "agreement"  # .907
    assert class_of(4.7, 2.3) == "minor"  # .671
    assert class_of(4.6, 2.4) == "major"  # .657
    assert class_of(0.5, 1.6) == "insufficient"  # 2.1 reviewers round to 2


def test_exact_two_thirds_and_nine_tenths_are_inside():
    counts = np.array([[2 * n, n] for n in (1, 7, 10**6)] + [[9 * n, n] for n in (1, 7, 10**6)])
    assert disagreement_class(counts)[0] == ("minor",) * 3 + ("agreement",) * 3


@pytest.mark.parametrize("counts", [[1, 2], [[[1]]], [[-1, 2]], [[np.nan, 1]], [[np.inf, 1]]])
def test_what_is_no_table_of_votes_is_refused(counts):
    with pytest.raises(ValueError, match="counts must be"):
        disagreement_class(np.array(counts, dtype=float))


def test_an_empty_table_gives_no_classes():
    names, ties = disagreement_class(np.zeros((0, 3)))
    assert (names, len(ties)) == ((), 0)


vote_tables = arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(2, 6)), elements=st.integers(0, 30))


@given(vote_tables, st.randoms())
def test_nominal_classes_do_not_depend_on_the_order_of_labels(counts, random):
    order = list(range(counts.shape[1]))
    random.shuffle(order)
    assert disagreement_class(counts)[0] == disagreement_class(counts[:, order])[0]


@given(vote_tables)
def test_ordinal_classes_do_not_depend_on_the_direction_of_the_scale(counts):
    names, ties = disagreement_class(counts, "ordinal")
    turned, turned_ties = disagreement_class(counts[:, ::-1], "ordinal")
    assert names == turned
    assert (ties == turned_ties).all()


@given(vote_tables)
def test_r1_equals_its_wording_in_exact_fractions(counts):
    for row, name in zip(counts.tolist(), disagreement_class(counts)[0], strict=True):
        n = sum(row)
        if n < 3:
            assert name == "insufficient"
            continue
        first, second = sorted(row)[-1], sorted(row)[-2]
        share = Fraction(first, n)
        if first == second:
            assert name == "unresolved"
        elif share >= Fraction(9, 10):
            assert name == "agreement"
        else:
            assert name == ("minor" if share >= Fraction(2, 3) else "major")


@given(vote_tables)
def test_r2_moves_items_only_between_minor_and_major(counts):
    for before, after in zip(disagreement_class(counts)[0], disagreement_class(counts, "ordinal")[0], strict=True):
        assert before == after or {before, after} == {"minor", "major"}


@given(vote_tables)
def test_dispersion_lies_between_consensus_and_the_poles(counts):
    d = dispersion(counts[counts.sum(axis=1) > 0])
    assert (d >= -1e-12).all()
    assert (d <= 1 + 1e-12).all()


def test_confusion_keeps_reported_and_derived_apart():
    table = class_confusion(["major", None, "major", "agreement"], ["major", "minor", "minor", "insufficient"])
    zeros = dict.fromkeys(("agreement", "minor", "major", "unresolved", "insufficient"), 0)
    assert table == {
        "agreement": {**zeros, "insufficient": 1},
        "major": {**zeros, "major": 1, "minor": 1},
        "not reported": {**zeros, "minor": 1},
    }
    assert class_confusion([], []) == {}


def test_confusion_wants_one_derived_class_an_item():
    with pytest.raises(ValueError, match="shorter"):
        class_confusion(["major", "minor"], ["major"])
