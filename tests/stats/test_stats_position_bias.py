"""Position bias: by hand, without bias for any design, and as large as planted."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.position_bias import PlaceCounts, place_counts, position_excess

ROTATIONS = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]])


def excess_by_item(choices, first, item, n_labels=3):
    shares = np.eye(n_labels)[choices]
    return position_excess(place_counts(shares, np.asarray(first), np.asarray(item), max(item) + 1))


def test_by_hand():
    # Item 0, lists beginning with 0, 1, 2: answers 0, 1, 0. Label 0: chosen first, 1 of 2 elsewhere: +.5; label 1:
    # +1; label 2: not chosen first (0), nor elsewhere: 0. Mean .5, times 2/3. Item 1: always label 2 whatever the
    # list: 0. Item 2: one list only, nothing to compare.
    found = excess_by_item([0, 1, 0, 2, 2, 2, 1], [0, 1, 2, 0, 1, 2, 0], [0, 0, 0, 1, 1, 1, 2])
    assert found[:2] == pytest.approx([1 / 3, 0.0])
    assert np.isnan(found[2])


def test_only_the_place_matters():
    assert excess_by_item([0, 1, 2], [0, 1, 2], [0, 0, 0]) == pytest.approx([1 - 1 / 3])
    assert excess_by_item([1, 2], [1, 2], [0, 0]) == pytest.approx([1 - 1 / 3])  # two lists tell as much


def test_distributions_count_by_their_mass():
    shares = np.array([[0.6, 0.2, 0.2], [0.4, 0.4, 0.2], [0.4, 0.2, 0.4]])
    found = position_excess(place_counts(shares, np.array([0, 1, 2]), np.zeros(3, dtype=int), 1))
    assert found == pytest.approx([0.2 * 2 / 3])


@pytest.mark.parametrize("design", [[0, 1], [0, 1, 2], [0, 0, 1, 2, 2, 2]])
def test_without_bias_nothing_is_found_in_any_design(design):
    """4,000 items whose answers come from the item alone; the mean stays within four Monte-Carlo errors of 0."""
    generator = np.random.default_rng(len(design))
    populations = generator.dirichlet([0.5, 1.0, 2.0], 4000)
    item = np.repeat(np.arange(4000), len(design))
    choices = (populations[item].cumsum(axis=1) > generator.random((item.size, 1))).argmax(axis=1)
    found = excess_by_item(choices, np.tile(design, 4000), item)
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(4000)


def test_a_planted_liking_for_the_first_label_is_found():
    # One answer in five takes the first label whatever it is: excess = .2 · (1 - 1/3) on every item.
    generator = np.random.default_rng(2)
    populations = generator.dirichlet([1.0, 1.0, 1.0], 4000)
    item, first = np.repeat(np.arange(4000), 3), np.tile([0, 1, 2], 4000)
    honest = (populations[item].cumsum(axis=1) > generator.random((item.size, 1))).argmax(axis=1)
    found = excess_by_item(np.where(generator.random(item.size) < 0.2, first, honest), first, item)
    assert found.mean() == pytest.approx(0.2 * 2 / 3, abs=4 * found.std() / np.sqrt(4000))


def test_other_items_are_the_control_where_each_had_one_list():
    generator = np.random.default_rng(3)
    populations, first = generator.dirichlet([3.0, 1.0, 1.0], 6000), generator.integers(3, size=6000)
    honest = (populations.cumsum(axis=1) > generator.random((6000, 1))).argmax(axis=1)
    for liking, planted in ((0.0, 0.0), (0.3, 0.3 * 2 / 3)):
        choices = np.where(generator.random(6000) < liking, first, honest)
        counts = place_counts(np.eye(3)[choices], first, np.arange(6000), 6000)
        assert np.isnan(position_excess(counts)).all()
        summed = PlaceCounts(*(np.sum(part, axis=0) for part in vars(counts).values()))
        assert position_excess(summed) == pytest.approx(planted, abs=4 * 0.5 / np.sqrt(6000))
