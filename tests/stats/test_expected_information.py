"""What further votes tell: against enumeration of every sequence of votes, and against numerical integration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from panel_eval.stats.class_information import class_information, labels_told_apart, outcomes
from panel_eval.stats.expected_information import entropy_after_votes_bits, vote_information_bits
from panel_eval.stats.posterior_expectations import expected_entropy_bits

ALPHAS = st.lists(
    st.lists(st.floats(0.01, 50.0), min_size=3, max_size=3), min_size=1, max_size=4
).map(np.array)  # fmt: skip


def entropy_after_by_enumeration(alpha: np.ndarray, m: int) -> float:
    """Every sequence of m votes by its probability (a Polya urn), times the entropy of the mean after it."""
    expected = 0.0
    for votes in product(range(alpha.size), repeat=m):
        now, chance = alpha.copy(), 1.0
        for vote in votes:
            chance *= now[vote] / now.sum()
            now[vote] += 1
        mean = now / now.sum()
        expected -= chance * float(mean @ np.log2(mean))
    return expected


@pytest.mark.parametrize("alpha", [[0.5, 0.5], [4.5, 0.5, 0.5], [0.3, 2.0, 1.1, 0.02]])
def test_the_expected_entropy_is_that_of_every_sequence_of_votes(alpha):
    row = np.array(alpha)
    ours = entropy_after_votes_bits(row[None], 5)[0]
    assert ours == pytest.approx([entropy_after_by_enumeration(row, m) for m in range(6)], abs=1e-12)


def test_one_vote_on_a_coin_with_a_flat_prior():
    # Dir(1, 1): the next vote is a fair coin, 1 bit; E[H(p)] = 1 / (2 ln 2) = .7213 bits. The first vote tells
    # 1 - .7213. After it the mean is (2/3, 1/3) whichever side came: .9183 - .7213 for the second.
    information = vote_information_bits(np.array([[1.0, 1.0]]), 2)[0]
    two_thirds = -(2 / 3 * np.log2(2 / 3) + 1 / 3 * np.log2(1 / 3))
    assert information == pytest.approx([1 - 0.5 / np.log(2), two_thirds - 0.5 / np.log(2)])


def test_what_a_vote_tells_is_how_far_the_population_is_from_its_estimate():
    # E[KL(p || M_m)] over populations and votes drawn from them: 200,000 draws have an error of .001 or less.
    generator = np.random.default_rng(5)
    alpha = np.array([2.5, 0.7, 0.4])
    p = generator.dirichlet(alpha, 200_000)
    information = vote_information_bits(alpha[None], 4)[0]
    for m in range(4):
        mean = (alpha + generator.multinomial(m, p)) / (alpha.sum() + m)
        kl = np.where(p > 0, p * np.log2(np.maximum(p, 1e-300) / mean), 0.0).sum(axis=1).mean()
        assert information[m] == pytest.approx(kl, abs=3e-3)


@given(ALPHAS)
@settings(max_examples=60, deadline=None)
def test_each_vote_tells_something_and_less_than_the_one_before(alpha):
    information = vote_information_bits(alpha, 6)
    assert (information >= 0).all()
    assert (np.diff(information, axis=1) <= 0).all()
    # All votes together cannot tell more than is unknown about the next of them.
    assert (information[:, 0] <= np.log2(3) - expected_entropy_bits(alpha) + 1e-9).all()


def test_a_vote_tells_more_of_a_split_item_than_of_a_unanimous_one():
    unanimous, split = vote_information_bits(np.array([[4.5, 0.5, 0.5], [2.5, 1.5, 1.5]]), 1)[:, 0]
    assert split > unanimous > 0


def test_huge_and_tiny_parameters_stay_finite():
    alpha = np.array([[1e9, 1e-9, 1e-9], [1e-9, 1e-9, 1e-9], [9999.0, 1e-4, 5e3]])
    information = vote_information_bits(alpha, 20)
    assert np.isfinite(information).all()
    assert (information >= 0).all()
    assert information[0, 0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("alpha", "most"), [([[1.0, 0.0]], 2), ([1.0, 1.0], 2), ([[1.0, 1.0]], 0)])
def test_what_is_no_posterior_is_refused(alpha, most):
    with pytest.raises(ValueError, match="must be"):
        vote_information_bits(np.array(alpha), most)


# ---------------------------------------------------------------- class

CODES = 4


def classes_of_two_labels(p: np.ndarray) -> np.ndarray:
    """The population rule for two labels, written from its words: near tie, nine in ten, two in three, else."""
    top = np.maximum(p, 1 - p)
    return np.select([2 * top - 1 < 0.1, top >= 0.9, top >= 2 / 3], [3, 0, 1], default=2)


def class_gain_by_integration(a: float, b: float, m: int) -> tuple[float, float]:
    """(H(class), I(class; m votes)) for Beta(a, b), both from integrals over p in closed form.

    P(class, c votes of m) = C(m, c) * integral over the class's intervals of p^c (1 - p)^(m - c) dBeta(a, b), and
    that is the Beta-binomial probability of c times the Beta(a + c, b + m - c) mass of the intervals.
    """
    edges = np.array([0.0, 0.1, 1 / 3, 0.45, 0.55, 2 / 3, 0.9, 1.0])
    code = classes_of_two_labels((edges[1:] + edges[:-1]) / 2)

    def masses(a: float, b: float) -> np.ndarray:
        return np.bincount(code, np.diff(beta(a, b).cdf(edges)), CODES)

    def entropy(p: np.ndarray) -> float:
        p = p[p > 0]
        return float(-(p * np.log2(p)).sum())

    left = 0.0
    for votes in product((0, 1), repeat=m):
        now, chance = [a, b], 1.0
        for vote in votes:
            chance *= now[vote] / sum(now)
            now[vote] += 1
        left += chance * entropy(masses(*now))
    return entropy(masses(a, b)), entropy(masses(a, b)) - left


@pytest.mark.parametrize(("a", "b"), [(3.5, 0.5), (2.5, 1.5), (2.5, 2.5), (0.6, 0.6)])
def test_the_class_of_two_labels_is_told_as_integration_says(a, b):
    found = class_information(np.array([[a, b]]), 4, 100_000, np.random.default_rng(1))
    for m in range(1, 5):
        entropy, gain = class_gain_by_integration(a, b, m)
        assert found.entropy_bits[0] == pytest.approx(entropy, abs=0.01)
        assert found.gain_bits[0, m] == pytest.approx(gain, abs=0.005)


def test_few_draws_make_a_vote_look_better_by_less_than_the_docstring_says():
    alpha = np.tile([[2.7, 1.6, 0.7]], (400, 1))
    few = class_information(alpha, 1, 1000, np.random.default_rng(2)).gain_bits[:, 1].mean()
    many = class_information(alpha[:1], 1, 400_000, np.random.default_rng(3)).gain_bits[0, 1]
    assert many < few < many + 0.002


@given(ALPHAS, st.booleans())
@settings(max_examples=25, deadline=None)
def test_votes_never_take_from_what_is_known_of_the_class(alpha, ordinal):
    found = class_information(alpha, 4, 200, np.random.default_rng(0), ordinal)
    assert (found.gain_bits[:, 0] == 0).all()
    assert (np.diff(found.gain_bits, axis=1) >= 0).all()
    assert (found.gain_bits[:, -1] <= found.entropy_bits + 1e-9).all()
    assert found.probability.sum(axis=1) == pytest.approx(1)


def test_one_vote_on_a_tie_tells_nothing_of_the_class_and_two_do():
    # Beta(2.5, 2.5) is the same from both sides: whichever label the next vote has, each class is as likely as
    # before. Two equal votes do move it. So gains are not concave, and a plan may have to buy votes in pairs.
    found = class_information(np.array([[2.5, 2.5]]), 2, 200_000, np.random.default_rng(4)).gain_bits[0]
    assert class_gain_by_integration(2.5, 2.5, 1)[1] == pytest.approx(0, abs=1e-12)
    assert class_gain_by_integration(2.5, 2.5, 2)[1] > 0.02
    assert found == pytest.approx([0, 0, class_gain_by_integration(2.5, 2.5, 2)[1]], abs=0.002)


def test_with_many_labels_only_the_likeliest_are_told_apart():
    assert labels_told_apart(4, 5) == 4
    assert outcomes(3, 2) == 3 + 6
    assert labels_told_apart(12, 5) == 6
    alpha = np.concatenate([[2.5, 1.5], np.full(10, 0.05)])[None]
    lumped = class_information(alpha, 5, 4000, np.random.default_rng(0))
    apart = class_information(alpha, 2, 4000, np.random.default_rng(0))
    assert (lumped.told_apart, apart.told_apart) == (6, 12)
    # Less is told apart, so less is learnt; but hardly, as the ten rarely get a vote.
    assert apart.gain_bits[0, 2] - 0.02 < lumped.gain_bits[0, 2] <= apart.gain_bits[0, 2] + 1e-12
