import numpy as np
import pytest
from distribution_strategies import distribution_pairs, distribution_tuples
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from panel_eval import stats

LN2 = np.log(2.0)
DISTANCES = [
    stats.cross_entropy_bits,
    stats.kl_bits,
    stats.jsd_bits,
    stats.js_distance,
    stats.total_variation,
    stats.hellinger,
    stats.squared_distance,
    stats.brier,
    stats.wasserstein_1,
    stats.rps,
    stats.rps_divergence,
    stats.mode_accuracy,
    stats.rank_match,
]
ORDINAL = {stats.wasserstein_1, stats.rps, stats.rps_divergence}


# The worked pair p = (1/4, 1/2, 1/4), q = (.1, .6, .3); values in nats from METHODS 1.1.
@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (stats.cross_entropy_bits, 1.1320522862 / LN2),
        (stats.kl_bits, 0.1332062193),
        (stats.jsd_bits, 0.0288789760),
        (stats.js_distance, 0.1414827934),
        (stats.total_variation, 0.15),  # (.15 + .10 + .05) / 2
        (stats.hellinger, 0.1424860721),
    ],
)
def test_the_mri_item(statistic, value, mri):
    assert statistic(*mri) == pytest.approx([value], abs=1e-10)


def test_kl_is_from_humans_to_panel_and_not_the_reverse(mri):
    p, q = mri
    assert stats.kl_bits(q, p) == pytest.approx([0.1045381558], abs=1e-10)
    assert stats.kl_bits(p, q) > stats.kl_bits(q, p)


def test_a_label_humans_chose_and_the_panel_excludes_is_infinitely_surprising():
    p, q = np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0.0, 0.0]])
    assert stats.kl_bits(p, q) == np.inf
    assert stats.cross_entropy_bits(p, q) == np.inf
    assert stats.kl_bits(q, p) == pytest.approx([1.0])  # log2(1 / .5); the unused third label adds nothing


# METHODS 1.2: the same item with the forecast smoothed in several ways; nats.
@pytest.mark.parametrize(
    ("votes", "alpha", "nats"),
    [
        (5, 0.5, 0.672855),
        (5, 1.0, 0.490415),
        (5, 1 / 3, 0.810930),
        (20, 0.5, 1.211267),
        (20, 1.0, 0.920086),
        (20, 1 / 3, 1.394551),
    ],
)
def test_kl_of_a_smoothed_zero(votes, alpha, nats):
    q = (np.array([[votes, 0.0, 0.0]]) + alpha) / (votes + 3 * alpha)
    assert stats.kl_bits(np.array([[0.5, 0.5, 0.0]]), q) * LN2 == pytest.approx([nats], abs=1e-6)


@pytest.mark.parametrize(("floor", "nats"), [(1e-15, 16.576241), (1e-9, 9.668486), (1e-3, 2.762728)])
def test_kl_keeps_whatever_tiny_mass_it_is_given(floor, nats):
    q = np.array([[1.0, floor, floor]])
    q /= q.sum()
    assert stats.kl_bits(np.array([[0.5, 0.5, 0.0]]), q) * LN2 == pytest.approx([nats], abs=1e-6)


@given(distribution_pairs())
def test_scipy_agrees(pair):
    p, q = pair
    assert stats.kl_bits(p, q) == pytest.approx(entropy(p, q, base=2, axis=1), abs=1e-12)
    assert stats.entropy_bits(p) == pytest.approx(entropy(p, base=2, axis=1), abs=1e-12)
    # scipy subtracts nearly equal numbers and takes the root, so it is good to about the root of 1e-16.
    with np.errstate(invalid="ignore"):
        theirs = np.nan_to_num(jensenshannon(p, q, axis=1))
    assert stats.js_distance(p, q) == pytest.approx(theirs, abs=1e-7)


@given(distribution_pairs())
def test_kl_is_not_negative_and_zero_only_when_equal(pair):
    p, q = pair
    kl = stats.kl_bits(p, q)
    assert (kl >= 0).all()
    assert (stats.kl_bits(p, p) == 0).all()
    # Pinsker's inequality: KL (nats) >= 2 * total variation squared.
    assert (kl * LN2 >= 2 * stats.total_variation(p, q) ** 2 - 1e-12).all()


@given(distribution_tuples(3, smallest=1))
def test_two_forecasts_differ_in_kl_as_in_cross_entropy(triple):
    p, q, r = triple
    in_kl = stats.kl_bits(p, q) - stats.kl_bits(p, r)
    in_cross_entropy = stats.cross_entropy_bits(p, q) - stats.cross_entropy_bits(p, r)
    assert in_kl == pytest.approx(in_cross_entropy, abs=1e-12)


LARGEST = {
    stats.jsd_bits: 1.0,
    stats.js_distance: np.sqrt(LN2),
    stats.total_variation: 1.0,
    stats.hellinger: 1.0,
    stats.squared_distance: 2.0,
}


@given(distribution_pairs())
def test_distances_are_symmetric_and_bounded(pair):
    p, q = pair
    for distance, largest in LARGEST.items():
        there = distance(p, q)
        assert there == pytest.approx(distance(q, p), abs=1e-12), distance
        assert (there >= 0).all(), distance
        assert (there <= largest + 1e-12).all(), distance


@pytest.mark.parametrize(("distance", "largest"), LARGEST.items())
def test_forecasts_with_nothing_in_common_are_farthest_apart(distance, largest):
    assert distance(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])) == pytest.approx([largest])


@given(distribution_tuples(3))
def test_no_detour_is_shorter(triple):
    a, b, c = triple
    for distance in (stats.js_distance, stats.total_variation, stats.hellinger):
        assert (distance(a, c) <= distance(a, b) + distance(b, c) + 1e-7).all(), distance


@given(distribution_pairs(), st.randoms(use_true_random=False))
def test_the_order_of_nominal_labels_does_not_matter(pair, random):
    p, q = pair
    order = list(range(p.shape[1]))
    random.shuffle(order)
    for statistic in set(DISTANCES) - ORDINAL:
        assert statistic(p[:, order], q[:, order]) == pytest.approx(statistic(p, q), abs=1e-12), statistic


def test_jsd_of_nearly_equal_rows_is_a_number():
    p = np.array([[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]])
    q = np.array([[0.1 + 1e-17, 0.2, 0.7 - 1e-16], [1.0, 5e-324, 0.0]])
    assert (stats.js_distance(p, q) >= 0).all()  # scipy's own can be NaN here (issue 20083)
    assert (stats.js_distance(p, q) < 1e-7).all()


@pytest.mark.parametrize("statistic", DISTANCES)
def test_an_item_nobody_answered_has_no_score(statistic):
    p = np.array([[0.5, 0.5], [0.5, 0.5]])
    q = np.array([[np.nan, np.nan], [0.5, 0.5]])
    scores = statistic(p, q)
    assert np.isnan(scores[0])
    assert np.isfinite(scores[1])


@pytest.mark.parametrize("statistic", DISTANCES)
def test_no_items_give_no_scores(statistic):
    assert statistic(np.empty((0, 3)), np.empty((0, 3))).shape == (0,)


GOOD = [[0.5, 0.5]]


@pytest.mark.parametrize("statistic", DISTANCES)
@pytest.mark.parametrize(
    ("p", "q", "said"),
    [
        ([0.5, 0.5], GOOD, "shape"),
        (GOOD, [[0.2, 0.3, 0.5]], "differ in shape"),
        (GOOD, [[0.5, 0.5], [0.5, 0.5]], "differ in shape"),
        (GOOD, [[1.2, -0.2]], "negative"),
        (GOOD, [[0.5, 0.49]], "sums to"),
        ([[0.5, 0.500002]], GOOD, "sums to"),
        (GOOD, [[np.inf, 0.5]], "sums to"),
        (GOOD, [[np.nan, 1.0]], "sums to"),
        ([[np.nan, np.nan]], GOOD, "sums to"),
    ],
)
def test_rows_that_are_not_distributions_are_refused(statistic, p, q, said):
    with pytest.raises(ValueError, match=said):
        statistic(np.array(p), np.array(q))


def test_the_error_names_the_row():
    with pytest.raises(ValueError, match=r"q row 1 sums to 0\.9"):
        stats.kl_bits(np.array([[0.5, 0.5]] * 3), np.array([[0.5, 0.5], [0.5, 0.4], [0.5, 0.5]]))
