"""Posteriors put together: only where their classes are alike."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.alike_posteriors import alike_posteriors
from panel_eval.stats.class_probability import class_moments


def test_nominal_labels_may_change_places_and_ordinal_ones_only_ends():
    alpha = np.array([[3.0, 1.0, 2.0], [2.0, 1.0, 3.0], [1.0, 2.0, 3.0]])
    nominal, ordinal = (alike_posteriors(alpha, 10, scale) for scale in (False, True))
    assert nominal.code.tolist() == [0, 0, 0]
    assert nominal.means(alpha).tolist() == [[3.0, 2.0, 1.0]]
    assert len(set(ordinal.code[:2])) == 1
    assert ordinal.n_groups == 2
    assert nominal.width == ordinal.width == 0


@pytest.mark.parametrize("ordinal", [False, True])
def test_putting_together_leaves_the_chances_of_classes_as_they_were(ordinal):
    generator = np.random.default_rng(0)
    alpha = generator.multinomial(8, generator.dirichlet(np.ones(3), 400)) + generator.uniform(0.3, 0.8, (400, 3))
    found = alike_posteriors(alpha, 120, ordinal)
    assert 0 < found.n_groups <= 120
    assert 0 < found.width <= 0.5
    groups = class_moments(found.means(alpha), 4000, np.random.default_rng(1), ordinal).probability
    own = class_moments(alpha, 4000, np.random.default_rng(2), ordinal).probability
    # .011 of it is the error of 4,000 draws on both sides.
    assert np.abs(groups[found.code] - own).mean() < 0.04


def test_a_hundred_labels_on_as_many_items_end_in_few_groups():
    generator = np.random.default_rng(3)
    alpha = generator.multinomial(5, np.full(100, 0.01), 1000) + generator.uniform(0.001, 0.2, (1000, 100))
    assert alike_posteriors(alpha, 50, False).n_groups <= 50
