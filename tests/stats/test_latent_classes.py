"""A few kinds of items, found again from votes."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.latent_classes import fit_latent_classes


def test_two_kinds_are_found_again() -> None:
    kinds = np.array([[0.9, 0.08, 0.02], [0.1, 0.3, 0.6]])
    generator = np.random.default_rng(4)
    which = (generator.random(6000) < 0.3).astype(int)
    found = fit_latent_classes(generator.multinomial(5, kinds[which]).astype(float))
    order = np.argsort(-found.populations[:, 0])
    assert found.populations[order] == pytest.approx(kinds, abs=0.02)
    assert found.weight[order] == pytest.approx([0.7, 0.3], abs=0.02)


def test_three_votes_have_three_moments_and_two_kinds_meet_them() -> None:
    """Counts of 0 to 3 votes in the shares 1/4 each are those of an even prior; two points with its moments are
    the nodes of Gauss and Legendre, 1/2 -+ 1/(2 sqrt 3), of the same weight."""
    counts = np.repeat(np.column_stack([np.arange(4.0), 3.0 - np.arange(4.0)]), 500, axis=0)
    found = fit_latent_classes(counts)
    node = 1 / (2 * np.sqrt(3))
    assert np.sort(found.populations[:, 0]) == pytest.approx([0.5 - node, 0.5 + node], abs=2e-3)
    assert found.weight == pytest.approx([0.5, 0.5], abs=5e-3)


def test_items_that_are_all_alike_are_one_kind() -> None:
    counts = np.random.default_rng(2).multinomial(3, [0.6, 0.4], size=400).astype(float)
    found = fit_latent_classes(counts)
    assert found.populations == pytest.approx(counts.sum(axis=0)[None] / counts.sum(), abs=1e-6)


def test_one_label_leaves_a_trace_of_the_others() -> None:
    found = fit_latent_classes(np.tile([3.0, 0.0], (50, 1)))
    assert (found.populations > 0).all()
    assert found.populations[:, 0] == pytest.approx(1.0, abs=1e-4)
