import numpy as np
import pytest
from distribution_strategies import distribution_tuples
from hypothesis import given

from panel_eval import stats
from panel_eval.stats.panel_spread import corrected_spread

# METHODS 4 and 6.2: three judges on one item.
JUDGES = np.array([[[0.8, 0.1, 0.1]], [[0.2, 0.6, 0.2]], [[0.5, 0.3, 0.2]]])


def test_the_worked_panel():
    assert stats.total_spread_bits(JUDGES) == pytest.approx([1.4591479], abs=1e-7)
    assert stats.within_judge_bits(JUDGES) == pytest.approx([1.2594513], abs=1e-7)
    assert stats.between_judge_bits(JUDGES) == pytest.approx([0.1996966], abs=1e-7)


def test_a_judge_that_did_not_answer_is_left_out():
    silent = np.concatenate([JUDGES, np.full((1, 1, 3), np.nan)])
    assert stats.total_spread_bits(silent) == pytest.approx(stats.total_spread_bits(JUDGES))
    assert stats.within_judge_bits(silent) == pytest.approx(stats.within_judge_bits(JUDGES))


@pytest.mark.parametrize("spread", [stats.total_spread_bits, stats.within_judge_bits, stats.between_judge_bits])
def test_an_item_nobody_answered_has_no_spread(spread):
    assert np.isnan(spread(np.full((2, 1, 3), np.nan))).all()


def test_hard_votes_show_only_disagreement_between_judges():
    votes = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert stats.within_judge_bits(votes) == [0.0]
    assert stats.between_judge_bits(votes) == [1.0]


@given(distribution_tuples(3))
def test_total_is_within_plus_between_and_between_is_bounded(judges):
    q = np.stack(judges)
    between = stats.between_judge_bits(q)
    assert stats.total_spread_bits(q) == pytest.approx(stats.within_judge_bits(q) + between, abs=1e-12)
    assert (between >= 0).all()
    assert (between <= np.log2(3) + 1e-12).all()


@given(distribution_tuples(2))
def test_between_two_judges_is_their_jensen_shannon_divergence(judges):
    assert stats.between_judge_bits(np.stack(judges)) == pytest.approx(stats.jsd_bits(*judges), abs=1e-12)


def test_judges_must_give_distributions():
    with pytest.raises(ValueError, match="n_judges"):
        stats.total_spread_bits(JUDGES[0])
    with pytest.raises(ValueError, match="sums to"):
        stats.within_judge_bits(JUDGES * 2)


def test_the_worked_panel_in_nats():
    spread = corrected_spread(JUDGES, np.full((3, 1), np.inf))  # stated distributions: nothing to correct
    assert spread.total * np.log(2) == pytest.approx([1.0114042647], abs=1e-10)
    assert spread.within * np.log(2) == pytest.approx([0.8729851376], abs=1e-10)
    assert spread.between * np.log(2) == pytest.approx([0.1384191271], abs=1e-10)
    assert spread.corrected.all()


def test_the_jackknife_of_three_votes_by_hand():
    # One judge, votes 2-1: H = .9183 bits; without one of the two 1-1 (1 bit), without the other 2-0 (0 bits).
    votes = np.array([[[2.0, 1.0]]])
    entropy = np.log2(3) - 2 / 3
    by_hand = 3 * entropy - 2 * (2 / 3 * 1.0 + 1 / 3 * 0.0)
    spread = corrected_spread(votes / 3, np.array([[3.0]]))
    assert spread.within == pytest.approx([by_hand])
    assert spread.total == pytest.approx([by_hand])


def vote_shares(generator, populations, votes):
    return generator.multinomial(votes, populations) / votes


@pytest.mark.parametrize(("votes", "plain_at_least", "corrected_within"), [(5, 0.3, 0.1), (10, 0.15, 0.025)])
def test_judges_who_agree_seem_to_differ_until_corrected(votes, plain_at_least, corrected_within):
    # Four judges draw from the same population of four labels: nothing lies between them.
    generator = np.random.default_rng(4)
    populations = np.broadcast_to(generator.dirichlet(np.ones(4), 4000), (4, 4000, 4))
    q = vote_shares(generator, populations, votes)
    assert stats.between_judge_bits(q).mean() > plain_at_least
    spread = corrected_spread(q, np.full((4, 4000), float(votes)))
    assert spread.between.mean() == pytest.approx(0.0, abs=corrected_within)
    assert spread.within.mean() == pytest.approx(stats.within_judge_bits(populations).mean(), abs=corrected_within)


def test_judges_who_differ_keep_their_difference():
    generator = np.random.default_rng(5)
    populations = generator.dirichlet(np.ones(3), (3, 4000))
    truth = stats.between_judge_bits(populations).mean()
    q = vote_shares(generator, populations, 10)
    spread = corrected_spread(q, np.full((3, 4000), 10.0))
    assert stats.between_judge_bits(q).mean() > truth + 0.05
    assert spread.between.mean() == pytest.approx(truth, abs=0.02)


def test_single_votes_cannot_be_corrected():
    # Two items; on the first, one judge cast a single vote. On the second, one judge did not answer.
    q = np.array([[[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [np.nan, np.nan]]])
    spread = corrected_spread(q, np.array([[4.0, 4.0], [1.0, 0.0]]))
    assert spread.corrected.tolist() == [False, True]
    assert spread.total[0] == pytest.approx(stats.total_spread_bits(q)[0])
    assert spread.total[1] > stats.total_spread_bits(q)[1]
    assert spread.between[1] == pytest.approx(0.0)


def test_votes_must_fit_the_judges():
    with pytest.raises(ValueError, match="votes"):
        corrected_spread(JUDGES, np.ones((3, 2)))
