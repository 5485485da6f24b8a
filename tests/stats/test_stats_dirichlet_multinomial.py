"""The Dirichlet-multinomial prior: closed forms, derivatives, known fits, the one-step bootstrap against refits."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

from panel_eval.stats.dirichlet_multinomial import (
    HIGHEST,
    LOWEST,
    concentration,
    fit_dirichlet_multinomial,
    log_likelihood,
    newton_steps,
)
from panel_eval.stats.entropy_estimators import dirichlet_entropy_bits
from panel_eval.stats.parabola import parabola

THETA = np.array([0.2, 0.6])


def votes(n_items, n_reviewers=4, s=3.0, w=0.7, n_labels=3, seed=0):
    """Counts drawn from the model itself, with their base rate and the contrast of their reference."""
    generator = np.random.default_rng(seed)
    reference = generator.dirichlet(np.ones(n_labels), n_items)
    base = np.tile(generator.dirichlet(np.full(n_labels, 5.0)), (n_items, 1))
    gamma = generator.standard_gamma(s * (base + w * (reference - base))) + 1e-12
    counts = generator.multinomial(n_reviewers, gamma / gamma.sum(axis=1, keepdims=True)).astype(float)
    return counts, base, reference - base


def prior(base, contrast, theta):
    return (1 / theta[0] - 1) * (base + theta[1] * contrast)


def textbook(counts, base, contrast, theta):
    """ln Gamma(s) - ln Gamma(s + n) + sum_k ln Gamma(c_k + a_k) - ln Gamma(a_k)."""
    a = prior(base, contrast, theta)
    s, n = a.sum(axis=1), counts.sum(axis=1)
    return gammaln(s) - gammaln(s + n) + (gammaln(counts + a) - gammaln(a)).sum(axis=1)


def central_differences(function, theta, h=1e-4):
    e = h * np.eye(2)
    gradient = [(function(theta + e[i]) - function(theta - e[i])) / (2 * h) for i in range(2)]
    hessian = [
        (function(theta + e[i] + e[j]) - function(theta + e[i] - e[j]) - function(theta - e[i] + e[j])
         + function(theta - e[i] - e[j])) / (4 * h * h)
        for i, j in ((0, 0), (0, 1), (1, 1))
    ]  # fmt: skip
    return np.array(gradient).T, np.array(hessian).T


def test_a_likelihood_by_hand():
    # s = 1 (rho 1/2), m = (1/2, 1/2), votes 2-1: the chance of a, a, b in turn is 1/2 (3/2)/2 (1/2)/3 = 1/16.
    found = log_likelihood(np.array([[2.0, 1.0]]), np.full((1, 2), 0.5), np.zeros((1, 2)), np.array([0.5, 0.3]))
    assert found.value[0] == pytest.approx(np.log(1 / 16))


def test_the_likelihood_is_the_textbook_one():
    counts, base, contrast = votes(50, 9)
    counts[0] = [1.0, 0.0, 0.0]
    assert log_likelihood(counts, base, contrast, THETA).value == pytest.approx(
        textbook(counts, base, contrast, THETA)
    )


def test_derivatives_are_those_of_the_likelihood():
    counts, base, contrast = votes(40)
    found = log_likelihood(counts, base, contrast, THETA)
    gradient, hessian = central_differences(lambda theta: textbook(counts, base, contrast, theta), THETA)
    assert found.gradient == pytest.approx(gradient, abs=1e-5)
    assert found.hessian == pytest.approx(hessian, abs=1e-4)


def test_derivatives_of_the_likelihood_hold_where_the_prior_is_almost_certain():
    # Gamma functions cancel there; the sums over votes do not: no overdispersion is the multinomial log likelihood.
    counts, base, contrast = votes(5)
    found = log_likelihood(counts, base, contrast, np.array([0.0, 0.6]))
    assert found.value == pytest.approx((counts * np.log(base + 0.6 * contrast)).sum(axis=1))


def test_the_fit_is_where_a_search_in_other_parameters_ends():
    counts, base, contrast = votes(300)

    def minus_likelihood(x):
        return -textbook(counts, base, contrast, (1 / (1 + np.exp(x[0])), 1 / (1 + np.exp(-x[1])))).sum()

    searched = minimize(minus_likelihood, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-9})
    fit = fit_dirichlet_multinomial(counts, base, contrast)
    assert concentration(fit.theta[0]) == pytest.approx(np.exp(searched.x[0]), rel=1e-4)
    assert fit.theta[1] == pytest.approx(1 / (1 + np.exp(-searched.x[1])), rel=1e-4)
    assert not fit.at_bound.any()


def test_many_items_give_back_the_prior_they_were_drawn_from():
    fit = fit_dirichlet_multinomial(*votes(60_000, s=3.0, w=0.7))
    assert concentration(fit.theta[0]) == pytest.approx(3.0, rel=0.03)
    assert fit.theta[1] == pytest.approx(0.7, abs=0.02)


def test_weights_are_copies():
    counts, base, contrast = votes(120)
    weights = np.random.default_rng(5).integers(0, 4, 120)
    copied = np.repeat(np.arange(120), weights)
    weighted = fit_dirichlet_multinomial(counts, base, contrast, weights.astype(float))
    assert weighted.theta == pytest.approx(
        fit_dirichlet_multinomial(counts[copied], base[copied], contrast[copied]).theta, abs=1e-5
    )


@pytest.mark.parametrize(
    ("rows", "end"),
    [([[4, 0, 0], [0, 4, 0], [0, 0, 4]], HIGHEST[0]), ([[2, 1, 1], [1, 2, 1], [1, 1, 2]], LOWEST[0])],
)
def test_unanimous_or_evenly_split_items_end_at_a_bound(rows, end):
    counts = np.array(rows * 70, dtype=float)
    base, contrast = np.full(counts.shape, 1 / 3), np.zeros(counts.shape)
    fit = fit_dirichlet_multinomial(counts, base, contrast)
    assert fit.theta[0] == pytest.approx(end)
    assert fit.at_bound[0]
    assert np.isfinite(dirichlet_entropy_bits(counts, prior(base, contrast, fit.theta))).all()


@pytest.mark.parametrize(("w", "end"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_reference_that_is_worthless_or_all_there_is(w, end):
    counts, base, contrast = votes(20_000, w=w)
    fit = fit_dirichlet_multinomial(counts, base, contrast)
    assert fit.theta[1] == pytest.approx(end, abs=0.02)
    assert 0.0 <= fit.theta[1] <= 1.0


def test_a_step_ends_at_the_top_of_the_parabola_within_the_box():
    # Inside the box: H d = -g. From w = .98 at most .02 is left; then rho's best is -(g0 + H01 .02) / H00.
    gradient, hessian = np.array([[30.0, 6.0]]), np.array([[-280.0, -40.0, -40.0]])
    free = newton_steps(gradient, hessian, np.array([0.3, 0.5]))[0]
    assert free == pytest.approx(np.linalg.solve([[280.0, 40.0], [40.0, 40.0]], [30.0, 6.0]))
    tight = newton_steps(np.array([[0.0, 6.0]]), np.array([[-280.0, -40.0, -40.0]]), np.array([0.3, 0.98]))[0]
    assert tight == pytest.approx([-40.0 * 0.02 / 280.0, 0.02])


@pytest.mark.parametrize("n_items", [300, 1000])
def test_one_step_and_a_parabola_stand_for_whole_refits(n_items):
    """Mean entropy of 40 resamples: refitted by search, and by a Newton step and a parabola through five priors."""
    counts, base, contrast = votes(n_items)
    fit = fit_dirichlet_multinomial(counts, base, contrast)
    weights = np.random.default_rng(2).multinomial(n_items, np.full(n_items, 1 / n_items), 40).astype(float)
    terms = fit.likelihood

    def entropy(theta):
        return dirichlet_entropy_bits(counts, prior(base, contrast, theta))

    around = parabola(newton_steps(weights @ terms.gradient, weights @ terms.hessian, fit.theta))
    here = entropy(fit.theta)
    moved = np.array([(entropy(fit.theta + node) - here).mean() for node in around.nodes])
    expanded = weights @ here / n_items + around.weights @ moved
    refits = [fit_dirichlet_multinomial(counts, base, contrast, w).theta for w in weights]
    refitted = [w @ entropy(theta) / n_items for w, theta in zip(weights, refits, strict=True)]
    assert np.abs(expanded - refitted).max() < 0.25 * np.std(refitted)
    assert np.std(expanded) == pytest.approx(np.std(refitted), rel=0.03)
    assert np.corrcoef(expanded, refitted)[0, 1] > 0.995


@pytest.mark.parametrize(
    "given",
    [
        ([[1.5, 1.0]], [[0.5, 0.5]], [[0.0, 0.0]]),
        ([[1.0, 1.0]], [[0.0, 1.0]], [[0.0, 0.0]]),
        ([[1.0, 1.0]], [[0.5, 0.5]], [[-0.5, 0.5]]),
        ([[1.0, 1.0]], [[0.5, 0.3, 0.2]], [[0.0, 0.0]]),
    ],
)
def test_what_cannot_be_fitted(given):
    with pytest.raises(ValueError, match=r"counts|above 0"):
        fit_dirichlet_multinomial(*(np.array(part) for part in given))
