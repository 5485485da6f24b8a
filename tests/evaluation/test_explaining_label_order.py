"""Whether one item's answers go with the place of their label; how often two answers differ."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.evaluation.explaining.label_order import Answers, label_order_effect, repetition
from panel_eval.evaluation.recorded_votes import NO_ORDER

ROTATIONS = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]])


def answers(labels: list[int], judges: list[int], orders: list[int]) -> Answers:
    return Answers(np.eye(3)[labels], np.array(judges), np.array(orders), ROTATIONS)


def test_without_two_known_orders_nothing_is_said_of_order() -> None:
    assert label_order_effect(answers([0, 1, 2], [0, 0, 1], [0, 0, 1]), 0) is None
    unknown = answers([0, 1], [0, 0], [NO_ORDER, NO_ORDER])
    assert label_order_effect(unknown, 0) is None
    assert not repetition(unknown).orders_known


def test_where_some_orders_are_not_known_no_pair_is_said_to_be_of_another_order() -> None:
    again = repetition(answers([0, 0, 1], [0, 0, 0], [0, 1, NO_ORDER]))
    assert not again.orders_known
    assert (again.same_order.pairs, again.same_order.apart, again.other_order.pairs) == (3, 2, 0)


def test_few_answers_are_counted_and_not_tested() -> None:
    # the label at place 1 of orders 0, 1, 2 is 0, 1, 2
    effect = label_order_effect(answers([0, 1, 2, 1], [0, 0, 0, 1], [0, 1, 2, 1]), 0)
    assert effect is not None
    assert effect.n_votes == 3  # judge 1 was asked in one order only
    assert effect.mass_by_place == [3.0, 0.0, 0.0]
    assert effect.p_value is None
    assert effect.note == "no test: 3 answers, fewer than 12"
    # stood first and chosen: 1 of 1; elsewhere: 0 of 2; times (K - 1) / K
    assert effect.first_excess == pytest.approx(2 / 3)


def test_answers_that_follow_the_first_place_are_found() -> None:
    orders = [place % 3 for place in range(15)]
    effect = label_order_effect(answers(orders, [0] * 15, orders), 0)
    assert effect is not None
    assert effect.p_value == 1 / 5000  # no deal of 4,999 comes as far


def test_ties_that_share_a_label_do_not_differ() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
    again = repetition(Answers(shares, np.zeros(4, dtype=int), np.zeros(4, dtype=int), ROTATIONS))
    assert (again.same_order.pairs, again.same_order.apart) == (6, 1)  # only the third and the fourth


@pytest.mark.slow
def test_without_an_effect_the_test_holds_its_level() -> None:
    # 300 synthetic items, three judges of eight answers that know nothing of order: standard error of 0.05 is 0.013
    generator = np.random.default_rng(8)
    judge = np.repeat(np.arange(3), 8)
    found = []
    for _ in range(300):
        preferred = generator.dirichlet([1, 1, 1], size=3)
        labels = [int(generator.choice(3, p=preferred[j])) for j in judge]
        effect = label_order_effect(Answers(np.eye(3)[labels], judge, generator.integers(3, size=24), ROTATIONS), 1)
        assert effect is not None
        assert effect.p_value is not None
        found.append(effect.p_value)
    assert (np.array(found) <= 0.05).mean() < 0.05 + 3 * 0.013
