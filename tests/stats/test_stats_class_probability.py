"""Classes of populations, and how likely they are given a few votes (METHODS 7.4)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from panel_eval.humans import disagreement_codes
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats.class_probability import POPULATION_CLASSES, class_moments, population_class

LN2 = np.log(2.0)


def class_of(*shares, ordinal=False):
    return POPULATION_CLASSES[population_class(np.array([shares]), ordinal)[0]]


def test_codes_are_those_of_the_classes_of_votes():
    assert CLASS_NAMES[: len(POPULATION_CLASSES)] == POPULATION_CLASSES


@pytest.mark.parametrize(
    ("votes", "agreement", "minor", "major", "near_tie"),
    [
        # METHODS 7.4; it counts near ties within major
        ((2, 1, 1), 0.006, 0.203, 0.790, 0.241),
        ((4, 0, 0), 0.378, 0.464, 0.158, None),
        ((3, 1, 0), 0.067, 0.437, 0.497, None),
    ],
)
def test_probability_of_a_class_after_four_votes(votes, agreement, minor, major, near_tie):
    alpha = np.array([votes]) + 0.5
    (probability,) = class_moments(alpha, 100_000, np.random.default_rng(1)).probability
    assert probability[:2] == pytest.approx([agreement, minor], abs=0.006)
    assert probability[2:].sum() == pytest.approx(major, abs=0.006)
    if near_tie is not None:
        assert probability[3] == pytest.approx(near_tie, abs=0.006)


def test_agreement_and_minor_have_the_probability_of_their_beta_tails():
    # No two labels can both hold more than half, so P(p1 >= t) = sum_k P(p_k >= t) for t > 1/2.
    alpha = np.random.default_rng(3).gamma(1.0, 2.0, size=(6, 4)) + 0.05
    rest = alpha.sum(axis=1, keepdims=True) - alpha
    above = [beta.sf(t, alpha, rest).sum(axis=1) for t in (0.9, 2 / 3)]
    probability = class_moments(alpha, 60_000, np.random.default_rng(0)).probability
    assert probability[:, 0] == pytest.approx(above[0], abs=0.009)  # four standard errors of a half
    assert probability[:, :2].sum(axis=1) == pytest.approx(above[1], abs=0.009)


def test_near_ties_of_two_labels_have_the_probability_of_a_beta_interval():
    alpha = np.array([[3.5, 2.5], [1.5, 0.5]])
    inside = beta.cdf(0.55, *alpha.T) - beta.cdf(0.45, *alpha.T)
    probability = class_moments(alpha, 60_000, np.random.default_rng(0)).probability
    assert probability[:, 3] == pytest.approx(inside, abs=0.009)


def test_moments_split_what_is_known_of_the_population_by_class():
    alpha = np.array([[2.5, 1.5, 1.5], [4.5, 0.5, 0.5]])
    moments = class_moments(alpha, 40_000, np.random.default_rng(2), ordinal=True)
    assert moments.probability.sum(axis=1) == pytest.approx(np.ones(2))
    assert moments.mass.sum(axis=2) == pytest.approx(moments.probability)
    assert moments.mass.sum(axis=1) == pytest.approx(alpha / alpha.sum(axis=1, keepdims=True), abs=0.006)
    # METHODS 2.2: posterior mean entropy of 1-2-1 and 0-4-0 with half a vote a label
    assert moments.entropy_bits.sum(axis=1) * LN2 == pytest.approx([0.907937, 0.468110], abs=0.006)
    split = moments.entropy_bits / moments.probability
    assert (split[:, 0] < split[:, 1]).all()  # populations that agree have less entropy


@pytest.mark.parametrize(
    ("shares", "nominal", "ordinal"),
    [
        ((0.95, 0.00, 0.05), "agreement", "agreement"),
        ((0.75, 0.25, 0.00), "minor", "minor"),  # d = .375
        ((0.75, 0.00, 0.25), "minor", "major"),  # d = .75
        ((0.60, 0.38, 0.02), "major", "minor"),  # all but a stray 2 % on two neighbours, more than half on one
        ((0.60, 0.02, 0.38), "major", "major"),
        ((0.60, 0.25, 0.15), "major", "major"),
        ((0.52, 0.47, 0.01), "unresolved", "unresolved"),
        ((0.36, 0.34, 0.30), "unresolved", "unresolved"),
    ],
)
def test_class_of_a_population(shares, nominal, ordinal):
    assert (class_of(*shares), class_of(*shares, ordinal=True)) == (nominal, ordinal)


def test_a_majority_on_two_grades_is_never_major():
    assert class_of(0.6, 0.4, ordinal=True) == "minor"
    assert class_of(0.6, 0.4) == "major"


share_rows = st.lists(st.integers(1, 200), min_size=2, max_size=5).filter(lambda row: len(row) > 1)


@given(share_rows)
def test_nominal_classes_are_those_of_as_many_votes_unless_nearly_tied(row):
    counts = np.array([row])
    first, second = sorted(row)[-1], sorted(row)[-2]
    near = 10 * (first - second) < sum(row)
    expected = POPULATION_CLASSES.index("unresolved") if near else disagreement_codes(counts, n_min=0)[0][0]
    on_the_line = {10 * (first - second) == sum(row), 10 * first == 9 * sum(row), 3 * first == 2 * sum(row)}
    if True not in on_the_line:
        assert population_class(counts / counts.sum())[0] == expected


@given(share_rows, st.randoms())
def test_nominal_classes_do_not_depend_on_the_order_of_labels(row, random):
    shuffled = random.sample(row, len(row))
    p, turned = (np.array([shares]) / sum(shares) for shares in (row, shuffled))
    assert population_class(p) == population_class(turned)


@given(share_rows)
def test_ordinal_classes_do_not_depend_on_the_direction_of_the_scale(row):
    p = np.array([row]) / sum(row)
    jittered = p + np.array([[1e-7, *np.zeros(p.shape[1] - 1)]])  # off the lines, where rounding decides
    p = jittered / jittered.sum()
    assert population_class(p, True) == population_class(p[:, ::-1], True)


def test_no_items_and_bad_input():
    none = class_moments(np.zeros((0, 3)), 5, np.random.default_rng(0))
    assert (none.probability.shape, none.mass.shape, none.entropy_bits.shape) == ((0, 4), (0, 4, 3), (0, 4))
    with pytest.raises(ValueError, match="draws"):
        class_moments(np.ones((1, 3)), 0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="sums to"):
        population_class(np.array([[0.5, 0.1]]))


def test_many_items_are_drawn_in_blocks_with_one_answer_each():
    alpha = np.tile([[8.0, 1.0, 1.0]], (600, 1))
    probability = class_moments(alpha, 100, np.random.default_rng(0)).probability  # 60,000 rows: two blocks
    assert probability.shape == (600, 4)
    above = beta.sf(0.9, 8, 2) + 2 * beta.sf(0.9, 1, 9)
    assert probability[:, 0].mean() == pytest.approx(above, abs=0.007)
