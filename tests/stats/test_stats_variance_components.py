"""Variance components: a table by hand, what sums of squares hold on average, planted components found."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.variance_components import nested_sums, variance_components


def components(values, item, levels):
    sums = nested_sums(np.asarray(values, dtype=float), np.asarray(item), [np.asarray(level) for level in levels])
    return variance_components(sums.squares.sum(axis=0), sums.expected.sum(axis=0)), sums


def test_two_judges_of_two_and_three_votes_by_hand():
    # One label's mass: judge A 1, 0; judge B 1, 1, 1. Within: .5 on 3 degrees of freedom, so 1/6.
    # Between: A's mean .5, B's 1, all .8: 2 · .09 + 3 · .04 = .3, which on average holds the within once and the
    # between (5 - (4 + 9) / 5) = 2.4 times: (.3 - 1/6) / 2.4 = .05556. The other label (1 - mass) doubles both.
    mass = np.array([1.0, 0, 1, 1, 1])
    found, sums = components(np.column_stack([mass, 1 - mass]), [0] * 5, [np.array([0, 0, 1, 1, 1]), np.arange(5)])
    assert found == pytest.approx([2 * (0.3 - 1 / 6) / 2.4, 2 / 6])
    assert sums.squares[0] == pytest.approx([0.6, 1.0])
    assert sums.expected[0] == pytest.approx(np.array([[2.4, 1.0], [0.0, 3.0]]))
    # Judges weigh 1/2 each in the mean: 2 · (1/2)² of between, and 2 · (1/4)² + 3 · (1/6)² of within.
    assert sums.in_mean[0] == pytest.approx([0.5, 2 / 16 + 3 / 36])


def test_a_component_may_be_negative():
    # Two judges who each split evenly: nothing between them, less than their votes alone would show.
    found, _ = components([[1, 0], [0, 1], [1, 0], [0, 1]], [0] * 4, [[0, 0, 1, 1], [0, 1, 2, 3]])
    assert found == pytest.approx([-0.5, 1.0])


def test_items_without_votes_are_rows_of_nothing():
    votes, levels = [[1.0, 0], [0, 1], [1, 0], [1, 0]], [[0, 0, 5, 5], [0, 1, 2, 3]]
    found, sums = components(votes, [1, 1, 3, 3], levels)
    packed, _ = components(votes, [0, 0, 1, 1], levels)
    assert found[1] == packed[1] == pytest.approx(0.5)
    assert len(sums.squares) == 4
    assert not sums.squares[[0, 2]].any()
    assert not sums.expected[[0, 2]].any()


def unbalanced(generator, n_items=40):
    """Groups of random sizes: 1-4 judges an item, 1-3 orders a judge, 1-3 samples an order."""
    rows = [
        (item, judge, order, sample)
        for item in range(n_items)
        for judge in range(generator.integers(1, 5))
        for order in range(generator.integers(1, 4))
        for sample in range(generator.integers(1, 4))
    ]
    table = np.array(rows)
    codes = [np.unique(table[:, : depth + 1], axis=0, return_inverse=True)[1].reshape(-1) for depth in range(4)]
    return codes[0], codes[1:]


def test_what_squares_hold_is_what_single_effects_make_of_them():
    """E[squares] = Σ σ² Σ_h squares of the effect that is 1 in group h and 0 elsewhere: exact, level by level."""
    item, levels = unbalanced(np.random.default_rng(3), n_items=6)
    expected = nested_sums(np.zeros((item.size, 1)), item, levels).expected.sum(axis=0)
    for finer, groups in enumerate(levels):
        made = sum(
            nested_sums((groups == group)[:, None].astype(float), item, levels).squares.sum(axis=0)
            for group in range(groups.max() + 1)
        )
        assert made == pytest.approx(expected[:, finer], abs=1e-9)


def test_planted_components_are_found_in_an_unbalanced_design():
    """400 data sets of 40 items, unbalanced; means within four Monte-Carlo errors of what was planted."""
    generator = np.random.default_rng(5)
    item, levels = unbalanced(generator)
    planted = np.array([0.30, 0.10, 0.20])
    found = []
    for _ in range(400):
        effects = (
            scale * generator.normal(size=group.max() + 1)[group]
            for scale, group in zip(np.sqrt(planted), levels, strict=True)
        )
        values = sum(effects) + 2 * generator.normal(size=item.max() + 1)[item]
        found.append(components(values[:, None], item, levels)[0])
    error = np.std(found, axis=0) / 20
    assert (np.abs(np.mean(found, axis=0) - planted) < 4 * error).all()
    assert (error < 0.005).all()


def test_the_mean_keeps_as_much_of_each_component_as_is_said():
    generator = np.random.default_rng(6)
    item, levels = unbalanced(generator, n_items=1)
    said = nested_sums(np.zeros((item.size, 1)), item, levels).in_mean[0]
    judges = levels[0]
    for level, groups in enumerate(levels):
        effects = np.eye(groups.max() + 1)[groups]  # one column for each group's effect
        means = np.mean([effects[judges == judge].mean(axis=0) for judge in range(judges.max() + 1)], axis=0)
        assert np.square(means).sum() == pytest.approx(said[level])


def test_a_level_without_repeats_is_not_told():
    found, _ = components([[1.0, 0], [0, 1]], [0, 0], [[0, 1], [0, 1]])
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("levels", "complaint"),
    [([], "a level"), ([[0, 0, 1], [0, 1, 1]], "two groups"), ([[0, 0, 1]], "single votes")],
)
def test_groups_that_are_not_nested(levels, complaint):
    with pytest.raises(ValueError, match=complaint):
        nested_sums(np.ones((3, 2)), np.zeros(3, dtype=int), [np.array(level) for level in levels])
