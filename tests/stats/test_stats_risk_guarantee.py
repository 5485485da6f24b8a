"""The promise by simulation: the true risk of what is decided exceeds the target in at most delta of calibrations.

Populations are synthetic, so that the true risk below every threshold is known. 2,000 calibrations each; a share of
.1 has a Monte-Carlo standard error of .0067, and three of them are allowed.
"""

import numpy as np
import pytest
from scipy.stats import binom

from panel_eval.stats.betting_bound import Betting
from panel_eval.stats.conformal import conformal_threshold, label_scores, label_sets
from panel_eval.stats.risk_control import ClopperPearson, control_risk

DELTA = 0.1
CALIBRATIONS = 2000
ALLOWED = DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / CALIBRATIONS)
BOUNDS = {"errors": ClopperPearson(DELTA), "shares": Betting(DELTA)}

# Scores lie on a fine grid of cells of equal probability, or on a coarse one with heavy ties.
FINE = np.arange(20_000) / 20_000


def rising(score):
    return 0.02 + 0.5 * score**2


def just_above(score):
    return np.full(score.shape, 0.105)


def up_and_down(score):
    # Bad where the panel is surest, good then, bad again: the risk crosses 10 % several times.
    return np.where(score < 0.15, 0.2, np.where(score < 0.4, 0.03, np.where(score < 0.6, 0.25, 0.06)))


def steps(score):
    return np.where(score < 0.5, 0.098, np.where(score < 0.55, 0.6, 0.05))


POPULATIONS = {
    "rising": (FINE, rising),
    "just above everywhere": (FINE, just_above),
    "up and down": (FINE, up_and_down),
    "steps": (FINE, steps),
    "ties": (np.repeat([0.0, 0.2, 0.4, 0.6, 0.8], 4000), lambda score: 0.06 + 0.15 * score),
    "one score": (np.zeros(20_000), just_above),
    "ties, up and down": (np.repeat([0.0, 0.2, 0.4, 0.6, 0.8], 4000), up_and_down),
}


def draw_losses(kind, mean, rng):
    return rng.binomial(1, mean) * 1.0 if kind == "errors" else rng.binomial(5, mean) / 5


def simulate(population, kind, n, risk, calibrations=CALIBRATIONS, seed=0):
    """True risk (NaN where nothing is decided) and true coverage of each calibration."""
    scores, loss_of = POPULATIONS[population]
    means = loss_of(scores)
    rng = np.random.default_rng([7, n, seed])
    total = np.concatenate([[0.0], np.cumsum(means)])
    found = []
    for _ in range(calibrations):
        rows = rng.integers(scores.size, size=n)
        control = control_risk(scores[rows], draw_losses(kind, means[rows], rng), risk, BOUNDS[kind], rng)
        below = int(np.searchsorted(scores, control.threshold))
        found.append((total[below] / below if below else np.nan, below / scores.size))
    return np.array(found).T


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOUNDS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_the_promise_holds(population, kind):
    true_risk, _ = simulate(population, kind, 150, 0.1)
    assert (true_risk > 0.1 + 1e-9).mean() <= ALLOWED


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOUNDS)
@pytest.mark.parametrize("population", ["rising", "ties", "one score"])
def test_the_promise_holds_with_ten_items(population, kind):
    # The fewest items that can show a risk of 30 % are 7 (.7^7 < .1), so ten can pass or fail.
    true_risk, _ = simulate(population, kind, 10, 0.3)
    assert (true_risk > 0.3).mean() <= ALLOWED
    strict, coverage = simulate(population, kind, 10, 0.1)
    assert np.isnan(strict).all()
    assert (coverage == 0).all()


@pytest.mark.slow
def test_the_promise_is_not_kept_by_deciding_nothing():
    # Risk below t: .02 + .5 t^2 / 3 = .1 at t = .693. With 2,000 items most of that is decided, at either loss.
    for kind in BOUNDS:
        true_risk, coverage = simulate("rising", kind, 2000, 0.1, calibrations=100)
        assert np.mean(coverage) > 0.85 * 0.693
        assert (true_risk > 0.1).mean() <= 0.2


@pytest.mark.slow
def test_one_threshold_passes_as_often_as_the_exact_bound_lets_it():
    # Sharp, not only safe: with one score there is one threshold, and it passes with so few errors that as few
    # have a probability of at most 10 % under a risk of 10 %.
    most = max(x for x in range(150) if binom.cdf(x, 150, 0.1) <= DELTA)
    expected = binom.cdf(most, 150, 0.105)
    assert expected > 0.03
    true_risk, _ = simulate("one score", "errors", 150, 0.1)
    passed = (~np.isnan(true_risk)).mean()
    assert passed == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / CALIBRATIONS))


@pytest.mark.parametrize("kind", BOUNDS)
def test_no_errors_and_nothing_but_errors(kind):
    rng = np.random.default_rng(1)
    for n in (10, 100):
        everything = control_risk(rng.random(n), np.zeros(n), 0.3, BOUNDS[kind], rng)
        assert everything.threshold == np.inf
        assert control_risk(rng.random(n), np.ones(n), 0.3, BOUNDS[kind], rng).threshold == -np.inf


@pytest.mark.slow
@pytest.mark.parametrize("n", [9, 10, 45, 200])
def test_label_sets_hold_a_random_label(n):
    """Coverage over calibrations is at least 1 - alpha, and no higher than ties and few items make it."""
    rng = np.random.default_rng(n)
    alpha, n_labels, draws = 0.1, 4, 2000
    held = np.zeros((2, draws))
    for draw in range(draws):
        truth = rng.dirichlet(np.full(n_labels, 0.5), size=n + 20)
        q = 0.5 * truth + 0.5 * rng.dirichlet(np.ones(n_labels), size=n + 20)
        votes = rng.multinomial(rng.integers(1, 8, size=n), truth[:n])
        shares = votes / votes.sum(axis=1, keepdims=True)
        one = (np.cumsum(shares, axis=1) <= rng.random((n, 1))).sum(axis=1).clip(max=n_labels - 1)
        scores = label_scores(q[:n])
        thresholds = (
            conformal_threshold(scores[np.arange(n), one], alpha),
            conformal_threshold(scores, alpha, shares),
        )
        for method, threshold in enumerate(thresholds):
            held[method, draw] = (label_sets(q[n:], threshold) * truth[n:]).sum(axis=1).mean()
    error = held.std(axis=1) / np.sqrt(draws)
    assert (held.mean(axis=1) >= 1 - alpha - 3 * error).all()
    # A threshold among n scores covers at most 1 - alpha + 1 / (n + 1); shares come in steps of one more.
    assert (held.mean(axis=1) <= 1 - alpha + np.array([1, 2]) / (n + 1) + 3 * error).all()
