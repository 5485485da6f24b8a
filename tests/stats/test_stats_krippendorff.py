"""Krippendorff's alpha against its published example and the `krippendorff` package, and alpha across groups."""

import numpy as np
import pytest
from agreement_examples import FOUR_CODERS, counts_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panel_eval.stats.chance_agreement import cohen_kappa
from panel_eval.stats.krippendorff import cross_alpha, krippendorff_alpha, normalised_cross_alpha
from panel_eval.stats.vote_pairs import coincidences, pair_agreement

krippendorff = pytest.importorskip("krippendorff", reason="the oracle is a test extra")


def coincidence_matrix(votes):
    return coincidences(votes).sum(axis=0)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434210526), ("ordinal", 0.8153875038), ("interval", 0.8491071429)]
)
def test_alpha_of_the_four_coders(level, alpha):
    table = coincidence_matrix(counts_of(FOUR_CODERS, 5))
    assert float(krippendorff_alpha(table, level)) == pytest.approx(alpha, abs=5e-11)


def count_tables():
    return st.tuples(st.integers(1, 8), st.integers(2, 5)).flatmap(
        lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4), fill=st.nothing())
    )


@given(count_tables(), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_krippendorff_package(counts, level):
    kept = counts[counts.sum(axis=1) >= 2]  # a lone vote forms no pair
    alpha = float(krippendorff_alpha(coincidence_matrix(counts), level))
    if (kept.sum(axis=0) > 0).sum() < 2:
        assert np.isnan(alpha)  # everyone one label: no alpha, least of all 1
        return
    values = np.arange(counts.shape[1], dtype=float)
    oracle = krippendorff.alpha(value_counts=kept, value_domain=values, level_of_measurement=level)
    assert alpha == pytest.approx(oracle, abs=1e-9)


def test_interval_alpha_follows_the_values():
    table = coincidence_matrix(np.array([[2, 1, 0], [0, 1, 2], [1, 0, 2.0]]))
    values = np.array([0.0, 1.0, 10.0])
    oracle = krippendorff.alpha(
        value_counts=np.array([[2, 1, 0], [0, 1, 2], [1, 0, 2]]),
        value_domain=values,
        level_of_measurement="interval",
    )
    assert float(krippendorff_alpha(table, "interval", values)) == pytest.approx(oracle)
    assert oracle != pytest.approx(float(krippendorff_alpha(table, "interval")))


def test_many_tables_at_once_are_each_as_alone():
    counts = counts_of(FOUR_CODERS, 5)
    tables = np.array([coincidence_matrix(counts), coincidence_matrix(counts[:6]), np.zeros((5, 5))])
    for level in ("nominal", "ordinal", "interval"):
        together = krippendorff_alpha(tables, level)
        assert together[:2] == pytest.approx([float(krippendorff_alpha(table, level)) for table in tables[:2]])
        assert np.isnan(together[2])


@given(count_tables())
def test_whole_shares_pair_as_their_counts(counts):
    """Each vote as a rater of its own, all mass on one label, gives the pairs of the counts."""
    raters = int(counts.sum(axis=1).max(initial=0))
    shares = np.zeros((max(raters, 1), *counts.shape))
    for i, row in enumerate(counts):
        for rater, label in enumerate(np.repeat(np.arange(row.size), row)):
            shares[rater, i, label] = 1.0
    assert coincidences(shares) == pytest.approx(coincidences(counts))


def test_a_tied_rater_counts_half_for_either_label():
    # a says x; b is tied between x and y. Pairs (x, x): 1/2 each way round; (x, y) and (y, x): 1/2.
    shares = np.array([[[1.0, 0.0]], [[0.5, 0.5]]])
    assert coincidences(shares)[0] == pytest.approx(np.array([[1.0, 0.5], [0.5, 0.0]]))
    assert pair_agreement(coincidences(shares), np.eye(2)) == pytest.approx([0.5])


def test_coincidences_of_the_mri_item():
    # 1-2-1 of four, 12 ordered pairs over 3: moderate with itself 2/3, with mild 2/3; mild with severe 1/3.
    expected = [[0, 2 / 3, 1 / 3], [2 / 3, 2 / 3, 2 / 3], [1 / 3, 2 / 3, 0]]
    assert coincidences([[1, 2, 1]])[0] == pytest.approx(np.array(expected))
    assert (coincidences([[0, 1, 0]]) == 0).all()  # a lone vote pairs with nothing


def test_cross_alpha_by_hand():
    # Reviewers 60 x, 40 y; the judge 50 and 50; 80 of 100 pairs agree: 1 - .2 / (.6 * .5 + .4 * .5) = .6
    assert float(cross_alpha([[45, 15], [5, 35]])) == pytest.approx(0.6)
    # A judge that always says the same is at chance, whatever the reviewers say.
    assert float(cross_alpha([[60, 0], [40, 0]])) == pytest.approx(0.0)
    assert np.isnan(cross_alpha([[60, 0], [0, 0]]))


@given(arrays(np.int64, (3, 3), elements=st.integers(0, 9), fill=st.nothing()))
def test_nominal_cross_alpha_is_cohens_kappa(table):
    assert float(cross_alpha(table)) == pytest.approx(float(cohen_kappa(table)), nan_ok=True)


def test_ordinal_cross_alpha_forgives_near_misses():
    near, far = [[10, 5, 0], [0, 10, 5], [5, 0, 10]], [[10, 0, 5], [5, 10, 0], [0, 5, 10]]
    assert float(cross_alpha(near)) == pytest.approx(float(cross_alpha(far)))
    shifted, swapped = [[10, 10, 0], [0, 10, 10], [0, 0, 10]], [[10, 0, 10], [0, 20, 0], [10, 0, 10]]
    assert float(cross_alpha(shifted, "ordinal")) > float(cross_alpha(swapped, "ordinal"))


def test_judges_drawn_like_the_reviewers_agree_as_much_as_these_allow():
    """Two groups drawn from the same populations: normalised agreement across them is 1."""
    draw = np.random.default_rng(5)
    populations = draw.dirichlet([0.8, 0.8, 0.8], size=40_000)
    people, judges = draw.multinomial(4, populations).astype(float), draw.multinomial(3, populations).astype(float)
    within = [float(krippendorff_alpha(coincidence_matrix(group))) for group in (people, judges)]
    across = float(cross_alpha(people.T @ judges))
    # Four standard errors of 40,000 items are about .012.
    assert float(normalised_cross_alpha(across, *within)) == pytest.approx(1.0, abs=0.015)
    assert np.isnan(normalised_cross_alpha(0.5, 0.4, -0.1))


def test_values_and_tables_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="values must be"):
        krippendorff_alpha(np.eye(3), "interval", [1.0, 2.0])
    with pytest.raises(ValueError, match="tables must be"):
        krippendorff_alpha(np.ones((2, 3)))
    with pytest.raises(ValueError, match="votes must be"):
        coincidences(np.ones(3))
    with pytest.raises(ValueError, match="not negative"):
        coincidences([[1.0, -1.0]])
