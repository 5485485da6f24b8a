import numpy as np
import pytest
from distribution_strategies import distribution_tuples
from hypothesis import given

from panel_eval import stats

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
