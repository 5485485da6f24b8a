"""Dawid and Skene's model: one true label an item, one confusion matrix a reviewer. A diagnostic only.

An item's true label t is drawn from shares pi; reviewer j then gives label k with chance theta_j[t, k], whatever
the item. The posterior of t is sure of itself on items that people honestly see in two ways, because the model has
no such items: it must stand for nobody's soft label (METHODS 4). Its confusion matrices say how reviewers differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

CLASS_PSEUDO_COUNT = 0.5
"""Items that each assumed true label has from the start."""
MOST_STEPS = 3_000
TOLERANCE = 1e-9
"""Gain of the penalised log-likelihood, of its size, below which the steps end."""
STARTS = 4
_SMOOTH = 0.5
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class ReviewedItems:
    """Votes as a table of items by reviewer and label. A missing vote is a cell of zeros.

    Attributes:
        table: (n_items, n_reviewers * n_labels) how often the reviewer gave the item that label, sparse.
        n_reviewers, n_labels: sizes.
    """

    table: csr_array
    n_reviewers: int
    n_labels: int

    @classmethod
    def of(
        cls, item: IntArray, reviewer: IntArray, label: IntArray, n_items: int, n_reviewers: int, n_labels: int
    ) -> ReviewedItems:
        """The table of single votes; two votes of one reviewer on one item count as two.

        Args:
            item: (n_votes,) code of each vote's item, from 0.
            reviewer: (n_votes,) code of who cast it.
            label: (n_votes,) code of what was given.
            n_items: how many items there are.
            n_reviewers: how many reviewers.
            n_labels: how many labels.

        Raises:
            ValueError: arrays of different length, or codes outside their range.
        """
        for codes, size, name in ((item, n_items, "item"), (reviewer, n_reviewers, "reviewer"),
                                  (label, n_labels, "label")):  # fmt: skip
            inside = not codes.size or 0 <= codes.min() <= codes.max() < size
            if codes.shape != item.shape or codes.ndim != 1 or not inside:
                raise ValueError(f"{name} must be (n_votes,) codes below {size}")
        cells = (np.ones(item.size), (item, reviewer * n_labels + label))
        return cls(csr_array(cells, shape=(n_items, n_reviewers * n_labels)), n_reviewers, n_labels)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return int(self.table.shape[0])

    def label_counts(self) -> FloatArray:
        """(n_items, n_labels) votes for each label."""
        columns = np.arange(self.n_reviewers * self.n_labels)
        fold = (np.ones(columns.size), (columns, columns % self.n_labels))
        return np.asarray((self.table @ csr_array(fold, shape=(columns.size, self.n_labels))).toarray())

    def by_one(self) -> ReviewedItems:
        """The same votes as if one reviewer had cast them all."""
        return ReviewedItems(csr_array(self.label_counts()), 1, self.n_labels)


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """A fit.

    Attributes:
        prior: (n_labels,) shares pi of the assumed true labels.
        confusion: (n_reviewers, n_labels, n_labels) theta: true label, then label given; rows sum to 1.
        posterior: (n_items, n_labels) of the assumed true label. Not a soft label.
        objective: penalised log-likelihood, nats.
        steps: of expectation and maximisation.
        converged: whether they ended before `MOST_STEPS`.
    """

    prior: FloatArray
    confusion: FloatArray
    posterior: FloatArray
    objective: float
    steps: int
    converged: bool


def jeffreys_pseudo_counts(n_labels: int) -> FloatArray:
    """(n_labels, n_labels) half a vote in each cell, and half a vote more on the diagonal.

    The half more says which of the orders of the assumed true labels is meant: the one in which people are right
    more often than by luck.
    """
    return np.full((n_labels, n_labels), _SMOOTH) + _SMOOTH * np.eye(n_labels)


def fit_dawid_skene(
    votes: ReviewedItems,
    pseudo_counts: FloatArray,
    *,
    class_pseudo_count: float = CLASS_PSEUDO_COUNT,
    seed: int = 0,
    starts: int = STARTS,
) -> list[DawidSkene]:
    """Fits by expectation and maximisation from several starts, the highest objective first.

    Maximises Σ_i log Σ_t pi_t Π_(votes j, k on i) theta_j[t, k] + Σ_j Σ_tk A_tk log theta_j[t, k] + a Σ_t log pi_t,
    the posterior under Dirichlet(A + 1) rows and a Dirichlet(a + 1) pi; as a function of the logarithms of odds it
    is that under Dirichlet(A) and Dirichlet(a), which `draw_confusions` samples. The first start is the shares of
    each item's votes, the second its most frequent labels; the others mix the shares with random ones. Labels keep
    their order.

    Args:
        votes: who gave what.
        pseudo_counts: (n_labels, n_labels) A, above 0, the same for every reviewer.
        class_pseudo_count: a, above 0.
        seed: of the random starts.
        starts: how many; 1 or more.

    Returns:
        One fit for each start. Where their objectives differ, the votes do not determine the matrices.

    Raises:
        ValueError: no items, or pseudo-counts of another shape or not above 0.

    References:
        Dawid & Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM algorithm";
        Passonneau & Carpenter (2014), "The benefits of a model of annotation", for the Dirichlet priors.
    """
    prior = np.asarray(pseudo_counts, dtype=np.float64)
    if votes.n_items == 0 or prior.shape != (votes.n_labels, votes.n_labels) or not (prior > 0).all():
        raise ValueError("there must be items, and pseudo-counts (n_labels, n_labels) above 0")
    fits = [_climb(votes, prior, class_pseudo_count, first) for first in _starts(votes, seed, starts)]
    return sorted(fits, key=lambda fit: -fit.objective)


def agreeing(fits: list[DawidSkene]) -> int:
    """How many of the fits came to the highest objective, within a millionth of its size."""
    best = fits[0].objective
    return sum(abs(fit.objective - best) <= _SAME * (1.0 + abs(best)) for fit in fits)


def _starts(votes: ReviewedItems, seed: int, starts: int) -> list[FloatArray]:
    """(n_items, n_labels) first guesses of the posterior."""
    counts = votes.label_counts()
    shares = (counts + _SMOOTH / votes.n_labels) / (counts.sum(axis=1, keepdims=True) + _SMOOTH)
    most = (counts == counts.max(axis=1, keepdims=True)).astype(np.float64)
    found = [shares, most / most.sum(axis=1, keepdims=True)]
    generator = np.random.default_rng([seed, 79])
    while len(found) < starts:
        found.append(0.5 * shares + 0.5 * generator.dirichlet(np.ones(votes.n_labels), votes.n_items))
    return found[:starts]


def _climb(votes: ReviewedItems, pseudo_counts: FloatArray, per_class: float, posterior: FloatArray) -> DawidSkene:
    objective, step, converged = -np.inf, 0, False
    while not converged and step < MOST_STEPS:
        step += 1
        prior, confusion = _maximised(votes, pseudo_counts, per_class, posterior)
        posterior, likelihood = expected_truth(votes, prior, confusion)
        penalty = (pseudo_counts * np.log(confusion)).sum() + per_class * np.log(prior).sum()
        new = likelihood + float(penalty)
        converged = new - objective <= TOLERANCE * (1.0 + abs(new))
        objective = new
    return DawidSkene(prior, confusion, posterior, objective, step, converged)


def _maximised(
    votes: ReviewedItems, pseudo_counts: FloatArray, per_class: float, posterior: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The pi and theta that make votes with these chances of the true labels likeliest."""
    weighted = confusion_counts(votes, posterior) + pseudo_counts
    shares = posterior.sum(axis=0) + per_class
    return shares / shares.sum(), weighted / weighted.sum(axis=2, keepdims=True)


def confusion_counts(votes: ReviewedItems, posterior: FloatArray) -> FloatArray:
    """(n_reviewers, n_labels, n_labels) expected votes by assumed true label and label given."""
    counts = np.asarray(votes.table.T @ posterior)
    return counts.reshape(votes.n_reviewers, votes.n_labels, votes.n_labels).transpose(0, 2, 1)


def expected_truth(votes: ReviewedItems, prior: FloatArray, confusion: FloatArray) -> tuple[FloatArray, float]:
    """The posterior of each item's true label, (n_items, n_labels), and the log-likelihood of all votes, nats.

    In logarithms throughout, so that a thousand votes on one item underflow nowhere.
    """
    by_given = np.log(confusion).transpose(0, 2, 1).reshape(-1, votes.n_labels)
    joint = np.asarray(votes.table @ by_given) + np.log(prior)
    top = joint.max(axis=1, keepdims=True)
    scaled = np.exp(joint - top)
    total = scaled.sum(axis=1, keepdims=True)
    return scaled / total, float((np.log(total) + top).sum())


def draw_confusions(
    votes: ReviewedItems,
    fit: DawidSkene,
    pseudo_counts: FloatArray,
    *,
    kept: BoolArray,
    draws: int = 1_000,
    skipped: int = 200,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Draws of pi and theta from their posterior: Gibbs sampling that starts at the fit.

    In turns: each item's true label given pi and theta; pi ~ Dirichlet(items by label + 1/2); theta_j[t] ~
    Dirichlet(votes by label + A_t). Quantiles of the draws are the intervals: unlike a beta interval on expected
    counts they hold what is not known of the true labels. Items are taken as independent.

    Args:
        votes: who gave what.
        fit: from `fit_dawid_skene`.
        pseudo_counts: (n_labels, n_labels) A.
        kept: (n_reviewers,) whose matrices are kept.
        draws: kept of them.
        skipped: first draws that are thrown away.
        seed: of the draws.

    Returns:
        (draws, n_labels) and (draws, n_kept, n_labels, n_labels).

    References:
        Tanner & Wong (1987) on data augmentation; Paun et al. (2018), "Comparing Bayesian models of annotation".
    """
    generator = np.random.default_rng([seed, 1979])
    n_labels = votes.n_labels
    priors = np.empty((draws, n_labels))
    confusions = np.empty((draws, int(kept.sum()), n_labels, n_labels))
    prior, confusion, labels = fit.prior, fit.confusion, np.arange(n_labels)
    for place in range(-skipped, draws):
        chance, _ = expected_truth(votes, prior, confusion)
        below = np.cumsum(chance[:, :-1], axis=1) < generator.random((votes.n_items, 1))
        truth = (below.sum(axis=1)[:, None] == labels).astype(np.float64)
        prior = _dirichlet(generator, truth.sum(axis=0) + CLASS_PSEUDO_COUNT)
        confusion = _dirichlet(generator, confusion_counts(votes, truth) + pseudo_counts)
        if place >= 0:
            priors[place], confusions[place] = prior, confusion[kept]
    return priors, confusions


def _dirichlet(generator: np.random.Generator, alpha: FloatArray) -> FloatArray:
    """One draw for each row of pseudo-counts; no share is quite 0, so that its logarithm is a number."""
    gamma = np.maximum(generator.standard_gamma(alpha), 1e-300)
    return np.asarray(gamma / gamma.sum(axis=-1, keepdims=True))


def accuracy(prior: FloatArray, confusion: FloatArray) -> FloatArray:
    """Chance of giving the assumed true label: Σ_t pi_t theta[t, t], (..., n_labels, n_labels) -> (...)."""
    return np.asarray(np.einsum("...t,...tt->...", prior, confusion))


def mean_shift(prior: FloatArray, confusion: FloatArray) -> FloatArray:
    """Steps of the scale by which labels lie above the assumed true ones: Σ_t pi_t Σ_k theta[t, k] (k - t)."""
    place = np.arange(prior.shape[-1], dtype=np.float64)
    return np.asarray(np.einsum("...t,...tk,tk->...", prior, confusion, place - place[:, None]))


def information_bits(prior: FloatArray, confusion: FloatArray) -> FloatArray:
    """Mutual information of assumed true label and label given, bits: 0 if the labels say nothing of the item.

    Σ_tk pi_t theta[t, k] log2(theta[t, k] / Σ_s pi_s theta[s, k]). High with a low accuracy: labels mixed up the
    same way each time.

    References:
        Raykar & Yu (2012), "Eliminating spammers and ranking annotators", on rows that are all alike.
    """
    joint = prior[..., :, None] * confusion
    given = joint.sum(axis=-2, keepdims=True)
    parts = joint * (np.log2(np.maximum(confusion, 1e-300)) - np.log2(np.maximum(given, 1e-300)))
    return np.asarray(np.maximum(parts.sum(axis=(-2, -1)), 0.0))
