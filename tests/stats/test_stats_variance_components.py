"""Variance components: by hand, as in the analysis of variance, free of others' noise, planted parts found."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.variance_components import nested_variances


def parts(values, item, levels, populations=None):
    found = nested_variances(
        np.asarray(values, dtype=float), np.asarray(item), [np.asarray(level) for level in levels], populations
    )
    return found.parts, found.in_mean


def test_two_judges_of_two_and_three_votes_by_hand():
    # One label's mass: judge A 1, 0; judge B 1, 1, 0. Within: A's squares average 1/2, the product of its two
    # votes is 0: 1/2. B: 2/3 less the mean product of pairs (1 + 0 + 0) / 3: 1/3. Mean 5/12, whatever their votes.
    # Between: noise-free squares 0 and 1/3 average 1/6, the product of the means is 1/2 · 2/3 = 1/3: -1/6.
    # The other label (1 - mass) has the same differences: all twice.
    mass = np.array([1.0, 0, 1, 1, 0])
    found, in_mean = parts(np.column_stack([mass, 1 - mass]), [0] * 5, [[0, 0, 1, 1, 1], np.arange(5)])
    assert found[0] == pytest.approx([2 * -1 / 6, 2 * 5 / 12])
    # Judges weigh 1/2 each in the mean: 2 · (1/2)² of between, and 2 · (1/4)² + 3 · (1/6)² of within.
    assert in_mean[0] == pytest.approx([0.5, 2 / 16 + 3 / 36])


def test_all_orders_that_there_are_leave_nothing_to_chance():
    # One judge, three orders that pull to 1, 0 and 1/2: their variance around 1/2 is 1/6 (divisor 3, not 2).
    # A second judge who always says 1/2 differs from it by nothing, as the orders' pulls cancel.
    mass = np.array([1.0, 0.0, 0.5, 0.5, 0.5, 0.5])
    found, _ = parts(mass[:, None], [0] * 6, [[0, 0, 0, 1, 1, 1], np.arange(6)], [np.inf, 3])
    assert found[0] == pytest.approx([0.0, (1 / 6 + 0) / 2])
    drawn, _ = parts(mass[:, None], [0] * 6, [[0, 0, 0, 1, 1, 1], np.arange(6)])
    assert drawn[0] == pytest.approx([-1 / 24, (1 / 4 + 0) / 2])


def test_items_without_votes_and_groups_without_repeats():
    votes, levels = [[1.0, 0], [0, 1], [1, 0], [1, 0], [0, 1]], [[0, 0, 5, 5, 7], [0, 1, 2, 3, 4]]
    found, in_mean = parts(votes, [1, 1, 3, 3, 4], levels)
    assert np.isnan(found[[0, 2, 4]]).all()
    assert np.isnan(found[:, 0]).all()  # one judge an item
    assert found[[1, 3], 1] == pytest.approx([1.0, 0.0])
    assert in_mean[:, 1].tolist() == [0, 0.5, 0, 0.5, 1]


def codes(table):
    """Groups of rows that share their first 1, 2, … entries."""
    depths = range(1, table.shape[1] + 1)
    return [np.unique(table[:, :depth], axis=0, return_inverse=True)[1].reshape(-1) for depth in depths]


def grid(n_items, judges, orders, samples):
    axes = np.meshgrid(*(np.arange(n) for n in (n_items, judges, orders, samples)), indexing="ij")
    return codes(np.stack([axis.ravel() for axis in axes], axis=1))


def test_balanced_designs_give_the_analysis_of_variance():
    """Mean squares by hand: E[MS] = σ_s², + 2 σ_o², + 6 σ_j² for 2 samples of 3 orders of 4 judges."""
    generator = np.random.default_rng(0)
    item, *levels = grid(5, 4, 3, 2)
    values = generator.random((120, 2))
    table = values.reshape(5, 4, 3, 2, 2)
    by_order, by_judge = table.mean(axis=3), table.mean(axis=(2, 3))
    ms_samples = np.square(table - by_order[:, :, :, None]).sum(axis=(1, 2, 3, 4)) / (4 * 3 * 1)
    ms_orders = 2 * np.square(by_order - by_judge[:, :, None]).sum(axis=(1, 2, 3)) / (4 * 2)
    ms_judges = 6 * np.square(by_judge - by_judge.mean(axis=1)[:, None]).sum(axis=(1, 2)) / 3
    wanted = np.stack([(ms_judges - ms_orders) / 6, (ms_orders - ms_samples) / 2, ms_samples], axis=1)
    assert parts(values, item, levels)[0] == pytest.approx(wanted)


def unbalanced(generator, n_items=60):
    """Groups of random sizes: 2-4 judges an item, 2-3 orders a judge, 1-3 samples an order."""
    rows = [
        (item, judge, order, sample)
        for item in range(n_items)
        for judge in range(generator.integers(2, 5))
        for order in range(generator.integers(2, 4))
        for sample in range(generator.integers(1, 4))
    ]
    return codes(np.array(rows))


def test_planted_parts_are_found_in_an_unbalanced_design():
    """400 data sets of 60 items, unbalanced; means within four Monte-Carlo errors of what was planted."""
    generator = np.random.default_rng(5)
    item, *levels = unbalanced(generator)
    planted = np.array([0.30, 0.10, 0.20])
    found = []
    for _ in range(400):
        effects = (
            scale * generator.normal(size=group.max() + 1)[group]
            for scale, group in zip(np.sqrt(planted), levels, strict=True)
        )
        values = sum(effects) + 2 * generator.normal(size=item.max() + 1)[item]
        found.append(np.nanmean(parts(values[:, None], item, levels)[0], axis=0))
    error = np.std(found, axis=0) / 20
    assert (np.abs(np.mean(found, axis=0) - planted) < 4 * error).all()
    assert (error < 0.01).all()


def test_a_noisy_judge_is_not_taken_for_its_quiet_neighbours():
    """Judges of noise 1, .1 and .1 (variance), with 2, 6 and 3 votes: nothing lies between them on average."""
    generator = np.random.default_rng(6)
    judge = np.tile(np.repeat([0, 1, 2], [2, 6, 3]), 4000)
    item = np.repeat(np.arange(4000), 11)
    values = np.sqrt(np.array([1.0, 0.1, 0.1]))[judge] * generator.normal(size=item.size)
    found, _ = parts(values[:, None], item, [item * 3 + judge, np.arange(item.size)])
    assert found.mean(axis=0)[0] == pytest.approx(0, abs=4 * found[:, 0].std() / np.sqrt(4000))
    assert found.mean(axis=0)[1] == pytest.approx(0.4, abs=4 * found[:, 1].std() / np.sqrt(4000))


def test_a_judge_of_one_vote_is_left_out_above():
    # Judges 0 and 1 agree in all votes; judge 2's single vote differs, but by what noise nobody knows.
    found, _ = parts([[1.0], [1], [1], [1], [0]], [0] * 5, [[0, 0, 1, 1, 2], np.arange(5)])
    assert found[0] == pytest.approx([0.0, 0.0])


def test_the_mean_keeps_as_much_of_each_part_as_is_said():
    generator = np.random.default_rng(6)
    item, *levels = unbalanced(generator, n_items=1)
    said = parts(np.zeros((item.size, 1)), item, levels)[1][0]
    judges = levels[0]
    for level, groups in enumerate(levels):
        effects = np.eye(groups.max() + 1)[groups]  # one column for each group's effect
        means = np.mean([effects[judges == judge].mean(axis=0) for judge in range(judges.max() + 1)], axis=0)
        assert np.square(means).sum() == pytest.approx(said[level])


@pytest.mark.parametrize(
    ("levels", "complaint"),
    [([], "a level"), ([[0, 0, 1], [0, 1, 1]], "two groups"), ([[0, 0, 1]], "single votes")],
)
def test_groups_that_are_not_nested(levels, complaint):
    with pytest.raises(ValueError, match=complaint):
        nested_variances(np.ones((3, 2)), np.zeros(3, dtype=int), [np.array(level) for level in levels])
