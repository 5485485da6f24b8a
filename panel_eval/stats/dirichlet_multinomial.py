"""Dirichlet-multinomial model of votes: a prior for each item's population, fitted to the votes of all items.

The votes c_i of item i are drawn from a population p_i ~ Dirichlet(s m_i), m_i = b_i + w (r_i - b_i): a base rate
b, a reference r, the weight w of the reference, and a concentration s, the prior's worth in votes. Fitted are
theta = (rho, w) with rho = 1 / (1 + s), the correlation of two votes on one item: the likelihood and its
derivatives are sums over single votes of ratios that stay finite at rho = 0 (reviewers differ by chance only), so
that both ends of both parameters are ordinary points, unlike those of ln s and logit w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import BoolArray, FloatArray, row_sums

LOWEST = np.array([1e-4, 0.0])
"""Least (rho, w): a prior worth 9,999 votes, no weight on the reference."""
HIGHEST = np.array([0.99, 1.0])
"""Greatest (rho, w): a prior worth 0.01 votes, all weight on the reference."""
_MOST_STEPS = 60
_MOST_HALVINGS = 30
_CLOSE = 1e-7
"""A step that promises less than this many nats in all is not taken: far below the likelihood's own noise."""
_PART = 20_000
"""Items that the search begins with where there are more."""
_BLOCK = 1 << 16
"""Items at a time: what their terms are made of needs memory."""


@dataclass(frozen=True)
class Expansion:
    """A number of each item as a function of theta = (rho, w), to second order.

    Attributes:
        value: (n_items,).
        gradient: (n_items, 2) first derivatives by rho and w.
        hessian: (n_items, 3) second derivatives: rho rho, rho w, w w.
    """

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray

    @property
    def table(self) -> FloatArray:
        """(n_items, 6) value, gradient and hessian side by side."""
        return np.column_stack([self.value, self.gradient, self.hessian])


@dataclass(frozen=True)
class DirichletMultinomialFit:
    """The prior that the votes of all items make likeliest.

    Attributes:
        theta: (2,) rho and w.
        likelihood: log likelihood of each item's votes at theta, with its derivatives.
        at_bound: (2,) whether rho and w lie at an end of their range.
    """

    theta: FloatArray
    likelihood: Expansion
    at_bound: BoolArray


def concentration(rho: FloatArray) -> FloatArray:
    """Total pseudo-votes of the prior, s = 1 / rho - 1."""
    return 1.0 / rho - 1.0


def log_likelihood(counts: FloatArray, base: FloatArray, contrast: FloatArray, theta: FloatArray) -> Expansion:
    """Log probability of each item's votes, in the order they were cast, with its derivatives by theta.

    ln p = sum_k sum_{j < c_k} ln((1 - rho) m_k + rho j) - sum_{j < n} ln(1 - rho + rho j), in nats.

    Args:
        counts: (n_items, n_labels) whole numbers of votes.
        base: (n_items, n_labels) base rate b, above 0.
        contrast: (n_items, n_labels) reference minus base rate.
        theta: (2,) rho in [0, 1), w in [0, 1].

    Returns:
        The log likelihoods; time goes with the number of votes.

    References:
        Minka (2000), "Estimating a Dirichlet distribution"; Danaher (1988) on the form with a correlation.
    """
    table = np.empty((len(counts), 6))
    for first in range(0, len(counts), _BLOCK):
        rows = slice(first, first + _BLOCK)
        table[rows] = _vote_terms(counts[rows], base[rows], contrast[rows], theta)
    return Expansion(table[:, 0], table[:, 1:3], table[:, 3:])


def fit_dirichlet_multinomial(
    counts: FloatArray, base: FloatArray, contrast: FloatArray, w: FloatArray | None = None
) -> DirichletMultinomialFit:
    """Fit theta = (rho, w) by maximum likelihood, within `LOWEST` and `HIGHEST`.

    Newton's method inside the box, each step halved until the likelihood rises.

    Args:
        counts: (n_items, n_labels) whole numbers of votes, each row with a vote.
        base: (n_items, n_labels) base rate b, above 0.
        contrast: (n_items, n_labels) reference minus base rate, zero where an item has no reference.
        w: (n_items,) weights of the items, or None for one of each.

    Returns:
        The fit; where every item has one vote rho is not identified and stays where the search began.

    Raises:
        ValueError: shapes that differ, no items, counts that are not whole, a base rate or reference not above 0.
    """
    _check(counts, base, contrast)
    weights = np.ones(len(counts)) if w is None else w
    theta = _start(counts, base, contrast, weights)
    here = log_likelihood(counts, base, contrast, theta)
    for _ in range(_MOST_STEPS):
        totals = weights @ here.table
        step = newton_steps(totals[None, 1:3], totals[None, 3:], theta)[0]
        if totals[1:3] @ step < _CLOSE:
            break
        for _ in range(_MOST_HALVINGS):
            there = log_likelihood(counts, base, contrast, theta + step)
            if weights @ there.value > totals[0]:
                break
            step = 0.5 * step
        else:
            break
        theta, here = theta + step, there
    at_bound = np.asarray((theta <= LOWEST + 1e-9) | (theta >= HIGHEST - 1e-9))
    return DirichletMultinomialFit(theta, here, at_bound)


def newton_steps(gradient: FloatArray, hessian: FloatArray, theta: FloatArray) -> FloatArray:
    """One Newton step from theta for each of many log likelihoods, within the bounds of theta.

    Maximises g d + d H d / 2 over the box. With g = sum_i w_i g_i and H = sum_i w_i H_i of a bootstrap resample
    this is its refit to second order (a one-step bootstrap). Where H is not negative definite its part that
    is not is left out.

    Args:
        gradient: (n_fits, 2) sums of first derivatives.
        hessian: (n_fits, 3) sums of second derivatives: rho rho, rho w, w w.
        theta: (2,) where the derivatives were taken.

    Returns:
        (n_fits, 2) steps.

    References:
        Davidson & MacKinnon (1999), "Bootstrap testing in nonlinear models", on bootstrapping by few steps.
    """
    lowest, highest = LOWEST - theta, HIGHEST - theta
    (a, b, c), g = _negative_definite(hessian), gradient
    determinant = a * c - b * b
    free = np.column_stack([b * g[:, 1] - c * g[:, 0], b * g[:, 0] - a * g[:, 1]]) / determinant[:, None]
    inside = np.asarray((free >= lowest) & (free <= highest)).all(axis=1)
    candidates = [np.where(np.column_stack([inside, inside]), free, 0.0)]
    for ends in (lowest, highest):
        # On an edge of the box one coordinate is known and the other is a parabola's clipped top.
        other = np.clip(-(g[:, 1] + b * ends[0]) / c, lowest[1], highest[1])
        candidates.append(np.column_stack([np.full(len(g), ends[0]), other]))
        other = np.clip(-(g[:, 0] + b * ends[1]) / a, lowest[0], highest[0])
        candidates.append(np.column_stack([other, np.full(len(g), ends[1])]))
    steps = np.array(candidates)
    d, e = steps[:, :, 0], steps[:, :, 1]
    gain = g[:, 0] * d + g[:, 1] * e + 0.5 * (a * d * d + 2.0 * b * d * e + c * e * e)
    best: FloatArray = steps[gain.argmax(axis=0), np.arange(len(g))]
    return best


def _vote_terms(counts: FloatArray, base: FloatArray, contrast: FloatArray, theta: FloatArray) -> FloatArray:
    """(n_items, 6) log likelihood and derivatives, vote by vote."""
    rho, w = theta
    item, label = np.nonzero(counts)
    cells = np.stack([counts[item, label], base[item, label], contrast[item, label]])
    cells[1] += w * cells[2]
    table = np.zeros((6, len(counts)))
    j = 0
    while item.size:
        # The (j + 1)-th vote for a label has chance u before division; j - m is its derivative by rho.
        _, centre, tilt = cells
        u = (1.0 - rho) * centre + rho * j
        by_rho, by_w = (j - centre) / u, (1.0 - rho) * tilt / u
        terms = (np.log(u), by_rho, by_w, -(by_rho**2), -tilt / u - by_rho * by_w, -(by_w**2))
        for row, term in zip(table, terms, strict=True):
            row += np.bincount(item, term, minlength=len(counts))
        j += 1
        left = cells[0] > j
        item, cells = item[left], cells[:, left]
    n = row_sums(counts).astype(np.int64)
    j_all = np.arange(n.max(initial=0))
    v = 1.0 - rho + rho * j_all
    for column, term in ((0, np.log(v)), (1, (j_all - 1) / v), (3, -(((j_all - 1) / v) ** 2))):
        table[column] -= np.concatenate([[0.0], np.cumsum(term)])[n]
    return table.T


def _start(counts: FloatArray, base: FloatArray, contrast: FloatArray, weights: FloatArray) -> FloatArray:
    """Where to begin: the best of a few points, or what a part of very many items settles on."""
    if len(counts) > _PART:
        part = slice(None, None, -(-len(counts) // _PART))
        return fit_dirichlet_multinomial(counts[part], base[part], contrast[part], weights[part]).theta
    points = [np.array([rho, w]) for rho in (0.05, 0.3, 0.7) for w in (0.1, 0.5, 0.9)]
    values = [weights @ log_likelihood(counts, base, contrast, point).value for point in points]
    return points[int(np.argmax(values))]


def _negative_definite(hessian: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Entries (a, b, c) of the Hessians: diagonal below zero, and the coupling cut back if need be."""
    scale = 1e-9 + 1e-9 * np.abs(hessian).max(axis=1)
    a, c = np.minimum(hessian[:, 0], -scale), np.minimum(hessian[:, 2], -scale)
    most = 0.99 * np.sqrt(a * c)
    return a, np.clip(hessian[:, 1], -most, most), c


def _check(counts: FloatArray, base: FloatArray, contrast: FloatArray) -> None:
    if counts.ndim != 2 or not counts.size or counts.shape != base.shape or counts.shape != contrast.shape:
        raise ValueError(f"counts {counts.shape}, base {base.shape} and contrast {contrast.shape} must be alike")
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise ValueError("counts must be whole numbers of votes")
    if not ((base > 0).all() and (base + contrast > 0).all()):
        raise ValueError("base rate and reference must be above 0")
