"""Bounds and thresholds by hand; that the promise holds is simulated in test_stats_risk_guarantee.py."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from panel_eval.stats.betting_bound import Betting
from panel_eval.stats.risk_control import (
    ClopperPearson,
    candidate_thresholds,
    clopper_pearson_upper,
    control_risk,
    first_rank,
    minimum_n,
)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("errors", "n", "delta", "bound"),
    [
        (0, 100, 0.1, 0.0227627790),  # METHODS 6.5
        (3, 100, 0.1, 0.0655857515),
        (5, 100, 0.05, 0.1022533776),
        (0, 1, 0.1, 0.9),  # no error in one trial: 1 - p = .1
        (7, 7, 0.1, 1.0),
        (0, 0, 0.1, 1.0),
    ],
)
def test_clopper_pearson(errors, n, delta, bound):
    assert float(clopper_pearson_upper(errors, n, delta)) == pytest.approx(bound, abs=1e-9)


def test_clopper_pearson_is_the_exact_binomial_interval():
    errors, n = np.array([0, 1, 4, 19, 50]), np.array([3, 20, 20, 20, 1000])
    ours = clopper_pearson_upper(errors, n, 0.07)
    theirs = [
        binomtest(int(x), int(size), alternative="less").proportion_ci(0.93, "exact").high
        for x, size in zip(errors, n, strict=True)
    ]
    assert ours == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(
    ("errors", "n", "delta", "message"), [(3, 2, 0.1, "errors"), (-1, 2, 0.1, "errors"), (0, 5, 1.0, "delta")]
)
def test_impossible_counts_are_refused(errors, n, delta, message):
    with pytest.raises(ValueError, match=message):
        clopper_pearson_upper(errors, n, delta)


def test_the_table_of_minimum_n():
    assert [minimum_n(risk, 0.1) for risk in (0.05, 0.1, 0.15, 0.2)] == [45, 22, 15, 11]  # METHODS 6.5


@pytest.mark.parametrize("errors", [0, 1, 7])
def test_minimum_n_is_the_first_that_passes(errors):
    n = minimum_n(0.08, 0.05, errors)
    # The bound is at most the risk where so few errors have probability of at most delta under it.
    assert binom.cdf(errors, n, 0.08) <= 0.05 < binom.cdf(errors, n - 1, 0.08)


def test_the_search_ends_at_the_first_failure_and_does_not_come_back():
    # 30 right, then 20 wrong, then 1,000 right: the loosest thresholds would pass, but are never reached.
    scores = np.arange(1050.0)
    losses = np.concatenate([np.zeros(30), np.ones(20), np.zeros(1000)])
    bound = ClopperPearson(0.1)
    found = control_risk(scores, losses, 0.1, bound, generator())
    assert bound.holds(losses, 0.1)
    # A fifth of 1,050 is 210, which may hold 15 errors; it holds 20.
    assert first_rank(1050, 0.1, bound) == minimum_n(0.1, 0.1, 15) == 210
    assert bound.holds(np.repeat([0.0, 1.0], [195, 15]), 0.1)
    assert found.threshold == -np.inf
    assert found.tried == 1


def test_nothing_is_decided_if_the_strictest_threshold_fails():
    losses = np.zeros(60)
    losses[0] = 1.0  # the item the panel is surest of is wrong: 1 of 22 shows no risk under 10 %
    found = control_risk(np.arange(60.0), losses, 0.1, ClopperPearson(0.1), generator())
    assert (found.threshold, found.n, found.tried) == (-np.inf, 0, 1)
    assert np.isnan(found.upper)


def test_the_threshold_by_hand():
    # 60 items, one wrong at place 40: 22, ..., 40 items without an error pass; with one error 38 are needed, so
    # all pass until place 45, 50, ... bring further errors: two among 46 need 52.
    losses = np.zeros(60)
    losses[[40, 45]] = 1.0
    found = control_risk(np.arange(60.0), losses, 0.1, ClopperPearson(0.1), generator())
    assert found.threshold == 45.0  # the item of score 45 is not below it
    assert (found.n, found.tried) == (45, 45 - 22 + 2)
    assert found.mean_loss == pytest.approx(1 / 45)
    assert found.upper == pytest.approx(float(clopper_pearson_upper(1, 45, 0.1)))


def test_everything_is_decided_where_nothing_is_lost():
    found = control_risk(np.arange(22.0), np.zeros(22), 0.1, ClopperPearson(0.1), generator())
    assert (found.threshold, found.n) == (np.inf, 22)
    assert control_risk(np.arange(21.0), np.zeros(21), 0.1, ClopperPearson(0.1), generator()).n == 0


def test_ties_move_together():
    scores = np.repeat([0.1, 0.2, 0.2 + 1e-12, 0.3], 20)
    losses = np.concatenate([np.zeros(60), np.ones(20)])
    found = control_risk(scores, losses, 0.1, ClopperPearson(0.1), generator())
    assert (found.threshold, found.n) == (0.3, 60)
    one_score = control_risk(np.zeros(80), losses, 0.1, ClopperPearson(0.1), generator())
    assert one_score.n == 0
    assert one_score.tried == 1


def test_thresholds_are_chosen_without_the_losses_and_are_few():
    scores = np.round(np.random.default_rng(3).random(5000), 3)
    thresholds = candidate_thresholds(scores, 300)
    assert thresholds.size == 100
    assert (scores < thresholds[0]).sum() >= 300
    assert thresholds[-1] == np.inf
    assert np.isin(thresholds[:-1], scores).all()


def test_a_betting_bound_depends_on_the_seed_but_not_on_the_file():
    # The order in which losses are read is the generator's; scores and losses by themselves decide nothing more.
    rng = np.random.default_rng(5)
    scores, losses = rng.random(300), rng.beta(1, 12, 300)
    first = control_risk(scores, losses, 0.12, Betting(0.1), generator())
    assert first == control_risk(scores, losses, 0.12, Betting(0.1), generator())


def test_no_items_decide_nothing():
    nothing = control_risk(np.empty(0), np.empty(0), 0.1, ClopperPearson(0.1), generator())
    assert (nothing.threshold, nothing.tried) == (-np.inf, 0)


@pytest.mark.parametrize(
    ("scores", "losses", "risk"),
    [([np.nan], [0.0], 0.1), ([0.1], [1.5], 0.1), ([0.1], [np.nan], 0.1), ([0.1], [0.0], 0.0)],
)
def test_impossible_inputs_are_refused(scores, losses, risk):
    with pytest.raises(ValueError, match=r"must"):
        control_risk(np.array(scores), np.array(losses), risk, ClopperPearson(0.1), generator())


@pytest.mark.parametrize("n", [30, 100, 1000])
def test_betting_is_nearly_as_tight_as_possible_where_nothing_is_lost(n):
    # No bound of level delta can be below 1 - delta^(1/n) there: that of Clopper and Pearson.
    exact = float(clopper_pearson_upper(0, n, 0.1))
    assert exact < Betting(0.1).upper(np.zeros(n)) < 1.2 * exact


def test_betting_where_everything_is_lost():
    assert Betting(0.1).upper(np.ones(50)) == 1.0
    assert Betting(0.1).upper(np.empty(0)) == 1.0
    assert not Betting(0.1).holds(np.empty(0), 0.5)


def test_betting_of_one_loss_by_hand():
    # One loss of 0: bet sqrt(2 ln 10 / .25) = 4.29, at most .9 / (1 - m); the capital 1 + .9 m / (1 - m) is 10
    # at m / (1 - m) = 10, m = 10 / 11. There .9 / (1 - m) = 9.9 is above 4.29, so the bet is 4.29:
    # 1 + 4.29 m = 10 has no solution below 1.
    assert Betting(0.1).upper(np.zeros(1)) == 1.0
    # With delta = .5 the bet is sqrt(2 ln 2 / .25) = 2.3548; 1 + 2.3548 m = 2 at m = .42466, where .9 / (1 - m)
    # = 1.564 is lower: 1 + .9 m / (1 - m) = 2 at m / (1 - m) = 1 / .9, m = 1 / 1.9 = .52632; .9 / (1 - m) = 1.9.
    assert Betting(0.5).upper(np.zeros(1)) == pytest.approx(1 / 1.9, abs=1e-8)


def test_betting_uses_how_little_losses_vary():
    # Hoeffding's bound knows only that losses lie in [0, 1]: mean + sqrt(ln(1 / delta) / 2n).
    losses = np.random.default_rng(1).beta(2, 18, 500)
    upper = Betting(0.1).upper(losses)
    assert losses.mean() < upper < losses.mean() + 0.3 * np.sqrt(np.log(10) / 1000)


def test_betting_holds_where_its_bound_says_so():
    losses = np.random.default_rng(2).random(80) * 0.3
    bound = Betting(0.1)
    upper = bound.upper(losses)
    assert bound.holds(losses, upper + 1e-6)
    assert not bound.holds(losses, upper - 1e-6)


def test_betting_needs_a_few_more_items_than_clopper_pearson():
    fewest = Betting(0.1).fewest(0.1)
    assert 22 < fewest < 28
    assert Betting(0.1).holds(np.zeros(fewest), 0.1)
    assert not Betting(0.1).holds(np.zeros(fewest - 1), 0.1)


def test_the_fewest_items_of_a_small_risk_are_found_at_once():
    """About as many times more as the risk is smaller, and a tenth more than the exact bound: 230,258 of 1e-5."""
    fewest = Betting(0.1).fewest(1e-5)
    assert 1.05 * 230_258 < fewest < 1.2 * 230_258
    assert Betting(0.1).holds(np.zeros(fewest), 1e-5)
    assert not Betting(0.1).holds(np.zeros(fewest - 1), 1e-5)
