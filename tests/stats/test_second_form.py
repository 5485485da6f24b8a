"""Populations at given places of their distribution, and the logistic normal as a second form of it."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.logistic_normal import fit_logistic_normal
from panel_eval.stats.posterior_predictive import populations_at, spread_points, votes_at


def test_populations_at_places_have_the_moments_of_their_dirichlet() -> None:
    # Dir(2, 1, 1): mean .5, .25, .25; variance of the first .5 * .5 / 5 = .05.
    p = populations_at(np.tile([2.0, 1.0, 1.0], (4096, 1)), spread_points(1, 4096, 3, [1]))
    assert p.mean(axis=0) == pytest.approx([0.5, 0.25, 0.25], abs=2e-3)
    assert p[:, 0].var() == pytest.approx(0.05, abs=1e-3)


def test_a_little_more_alpha_moves_populations_a_little() -> None:
    points = spread_points(1, 64, 3, [2])
    moved = populations_at(np.tile([2.02, 1.0, 1.0], (64, 1)), points) - populations_at(
        np.tile([2.0, 1.0, 1.0], (64, 1)), points
    )
    assert 0 < np.abs(moved).max() < 0.01


def test_people_at_places_vote_by_their_shares() -> None:
    p = np.array([[0.2, 0.5, 0.3]])
    assert votes_at(p, np.array([[0.1, 0.3, 0.6, 0.69, 0.71]])).tolist() == [[1.0, 3.0, 1.0]]


def test_the_spread_of_logits_is_found_again() -> None:
    generator = np.random.default_rng(5)
    logits = np.log([0.5, 0.3, 0.2]) + 1.5 * generator.standard_normal((4000, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    counts = generator.multinomial(5, p).astype(float)
    fitted = fit_logistic_normal(counts, p.mean(axis=0), 1024, 0)
    assert fitted.sigma == pytest.approx(1.5, abs=0.1)
    assert fitted.populations.mean(axis=0) == pytest.approx(p.mean(axis=0), abs=1e-3)


def test_draws_follow_the_votes() -> None:
    fitted = fit_logistic_normal(np.array([[3.0, 0.0], [0.0, 3.0], [2.0, 1.0]] * 20), np.array([0.5, 0.5]), 256, 0)
    points = (np.arange(64) + 0.5)[None] / 64
    p = fitted.draw(np.array([[30.0, 0.0], [0.0, 30.0]]), np.repeat(points, 2, axis=0))
    assert p.shape == (128, 2)
    assert p[:64, 0].mean() > 0.9
    assert p[64:, 0].mean() < 0.1
