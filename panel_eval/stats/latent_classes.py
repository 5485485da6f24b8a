"""A third model of populations: a few kinds of items, the people behind all items of a kind being the same.

With n votes an item only n moments of the populations are known. With two labels, priors of few points are the
extremes among all with the same moments, for functions whose derivative of order n + 1 keeps its sign (Karlin &
Studden 1966, principal representations); Dirichlet and logistic normal spread populations smoothly. What differs
between the forms is what the votes do not tell; that they agree does not mean that the votes tell it.
"""

from __future__ import annotations

import numpy as np

from panel_eval.stats.arrays import FloatArray, distinct_rows, row_sums
from panel_eval.stats.population_mixture import PopulationMixture

MOST_CLASSES = 12
_LEAST = 1e-6
"""Smallest share of a label among the people of a kind: nobody is known never to choose it."""
_STEPS = 400
_ENOUGH = 1e-7
"""Gain of log likelihood an item below which the search stops."""
_START = 0.5


def fit_latent_classes(counts: FloatArray) -> PopulationMixture:
    """The kinds of items that make the votes likeliest, as few as the Bayesian information criterion asks for.

    max over weights w and populations p of sum_i ln sum_j w_j prod_k p_jk^c_ik by expectation and maximisation, for
    1, 2, 3 … kinds, until the criterion -2 ln L + (kinds * n_labels - 1) ln n_items has risen twice.

    Args:
        counts: (n_items, n_labels) votes, at least one an item.

    Returns:
        The kinds, with their share of the items.

    References:
        Lazarsfeld & Henry (1968), "Latent Structure Analysis"; Dempster, Laird & Rubin (1977); Schwarz (1978).
    """
    rows, place = distinct_rows(counts)
    times = np.bincount(place).astype(np.float64)
    seeds = _seeds(rows, times, MOST_CLASSES)
    best, lowest, risen = None, np.inf, 0
    for n_classes in range(1, len(seeds) + 1):
        found, log_likelihood = _fitted(rows, times, seeds[:n_classes])
        criterion = -2.0 * log_likelihood + (n_classes * rows.shape[1] - 1) * np.log(times.sum())
        if best is None or criterion < lowest - 1e-9:
            best, lowest, risen = found, criterion, 0
        else:
            risen += 1
        if risen == 2:
            break
    assert best is not None
    return best


def _seeds(rows: FloatArray, times: FloatArray, most: int) -> FloatArray:
    """(at most `most`, n_labels) where the search starts: the shares of all votes, then rows far from those."""
    overall = times @ rows + _START
    smoothed = rows + _START * rows.shape[1] * (overall / overall.sum())
    shares = smoothed / row_sums(smoothed)[:, None]
    seeds = [overall / overall.sum()]
    far = np.full(len(rows), np.inf)
    for _ in range(min(most, len(rows)) - 1):
        apart = row_sums(shares * (np.log(shares) - np.log(seeds[-1])))
        far = np.minimum(far, apart)
        seeds.append(shares[int((times * far).argmax())])
    return np.array(seeds)


def _fitted(rows: FloatArray, times: FloatArray, seeds: FloatArray) -> tuple[PopulationMixture, float]:
    """Kinds and the log likelihood of the votes, without the ways to order them."""
    p, weight = seeds.copy(), np.full(len(seeds), 1.0 / len(seeds))
    n_items, before = float(times.sum()), -np.inf
    for _ in range(_STEPS):
        log_chance = rows @ np.log(p).T + np.log(weight)
        top = log_chance.max(axis=1, keepdims=True)
        chance = np.exp(log_chance - top)
        total = chance.sum(axis=1, keepdims=True)
        log_likelihood = float(times @ (np.log(total) + top)[:, 0])
        share = times[:, None] * chance / total
        votes = np.maximum(share.T @ rows, _LEAST * n_items / len(p))
        p = np.maximum(votes / row_sums(votes)[:, None], _LEAST)
        p /= row_sums(p)[:, None]
        weight = np.maximum(share.sum(axis=0) / n_items, _LEAST)
        weight /= weight.sum()
        if log_likelihood - before < _ENOUGH * n_items:
            break
        before = log_likelihood
    return PopulationMixture(p, weight), log_likelihood
