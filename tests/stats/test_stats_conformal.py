import numpy as np
import pytest

from panel_eval.stats.conformal import conformal_threshold, label_sets

TEN = np.array([0.1, 0.5, 0.2, 0.6, 0.3, 0.05, 0.9, 0.7, 0.4, 0.15])


def test_the_worked_quantile():
    # METHODS 6.5: ceil(11 * .8) = 9th of ten scores.
    assert conformal_threshold(TEN, 0.2) == 0.7


def test_too_few_items_give_every_label():
    assert conformal_threshold(np.zeros(8), 0.1) == np.inf  # 8 < 1 / .1 - 1
    assert conformal_threshold(np.arange(9.0), 0.1) == 8.0  # ceil(10 * .9) = 9th
    assert conformal_threshold(np.empty(0), 0.1) == np.inf


@pytest.mark.parametrize("n", [9, 10, 19, 37, 100])
@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.05, 1 / 3])
def test_one_label_for_each_unit_is_split_conformal(n, alpha):
    scores = np.random.default_rng(n).random(n)
    index = int(np.ceil(round((n + 1) * (1 - alpha), 9)))
    expected = np.inf if index > n else np.sort(scores)[index - 1]
    assert conformal_threshold(scores, alpha) == expected
    alone = np.column_stack([scores, scores / 2])
    assert conformal_threshold(alone, alpha, np.tile([1.0, 0.0], (n, 1))) == expected


def test_shares_by_hand():
    # Three units, alpha = .5: mass above the threshold may be .5 * 4 - 1 = 1.
    # Scores with mass: .9 (.5), .8 (.25), .7 (.25), then .2: above .7 lies .75, above .2 lies 1.
    scores = np.array([[0.2, 0.9], [0.2, 0.8], [0.2, 0.7]])
    mass = np.array([[0.5, 0.5], [0.75, 0.25], [0.75, 0.25]])
    assert conformal_threshold(scores, 0.5, mass) == 0.2
    assert conformal_threshold(scores, 0.45, mass) == 0.7  # .45 * 4 - 1 = .8


def test_the_top_label_is_in_every_set_and_ties_go_in_together():
    q = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.3, 0.35, 0.35], [np.nan] * 3])
    assert label_sets(q, 0.1).tolist() == [
        [True, False, False],
        [True, True, False],
        [False, True, True],
        [True, True, True],
    ]
    assert label_sets(q, 0.7)[0].tolist() == [True, True, False]
    assert label_sets(q, np.inf).all()


@pytest.mark.parametrize(
    ("scores", "alpha", "mass"),
    [
        (np.zeros((3, 2)), 0.1, None),
        (np.zeros(3), 0.1, np.ones((3, 2))),
        (np.array([np.nan]), 0.1, None),
        (TEN, 0.0, None),
    ],
)
def test_impossible_inputs_are_refused(scores, alpha, mass):
    with pytest.raises(ValueError, match=r"must"):
        conformal_threshold(scores, alpha, mass)
