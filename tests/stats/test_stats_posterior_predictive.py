import numpy as np
import pytest

from panel_eval.stats.posterior_predictive import draw_populations, draw_votes


def test_populations_have_the_moments_of_their_dirichlet():
    # Dir(1, 2, 5): mean a/8, variance a(8-a)/(64*9); 40,000 draws know the mean to .0008.
    alpha = np.tile([1.0, 2.0, 5.0], (40_000, 1))
    p = draw_populations(alpha, np.random.default_rng(1))
    assert p.sum(axis=1) == pytest.approx(np.ones(40_000))
    assert p.mean(axis=0) == pytest.approx([1 / 8, 2 / 8, 5 / 8], abs=0.004)
    assert p.var(axis=0) == pytest.approx([7 / 576, 12 / 576, 15 / 576], rel=0.04)


def test_tiny_parameters_give_corners_not_nan():
    p = draw_populations(np.full((2000, 3), 1e-4), np.random.default_rng(2))
    assert np.isfinite(p).all()
    assert (p.max(axis=1) > 0.99).mean() > 0.99


def test_parameters_must_be_above_zero():
    with pytest.raises(ValueError, match="above 0"):
        draw_populations(np.zeros((1, 3)), np.random.default_rng(0))


def test_votes_are_as_many_as_reviewers_and_follow_the_population():
    n = np.repeat([3, 7], 20_000)
    votes = draw_votes(np.tile([0.2, 0.8], (40_000, 1)), n, np.random.default_rng(3))
    assert (votes.sum(axis=1) == n).all()
    assert votes[:20_000, 0].mean() == pytest.approx(0.6, abs=0.02)
    assert votes[20_000:, 0].mean() == pytest.approx(1.4, abs=0.03)
