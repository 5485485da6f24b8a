"""What the votes leave open about each item's population: its Dirichlet posterior."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.item_choice import random_part
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, row_sums
from panel_eval.stats.dirichlet_multinomial import (
    DirichletMultinomialFit,
    Expansion,
    concentration,
    fit_dirichlet_multinomial,
)
from panel_eval.stats.soft_regression import assign_folds, cross_fitted_forecast

JEFFREYS = 0.5
FEWEST_ITEMS = 100
"""Items with two or more known votes below which a prior is not fitted (METHODS §2.3)."""
FOLDS = 5
_REFERENCE_FLOOR = 1e-3
"""Mass below which the recalibration treats a forecast as this: it enters as a logarithm."""
_MOST_ITEMS = 50_000
"""Items whose votes two parameters are fitted to where there are more."""
_SEED = 231


FORM_KNOWN = "model-based: the interval lets the prior move but takes its form as known, and is somewhat narrow"
"""Of numbers from posteriors whose prior is fitted again in each resample (coverage: benchmarks/README.md)."""
MODEL_KNOWN = "model-based: the interval takes the model as known and is too narrow"
"""Of numbers from posteriors that stay as they are in the resamples."""


@dataclass(frozen=True)
class PriorFit:
    """How the prior was learnt, as much as resampling it needs.

    Attributes:
        theta: (2,) correlation of two votes on one item rho = 1 / (1 + s), and reference weight w.
        base: (n_items, n_labels) base rate b without the item's own votes.
        contrast: (n_items, n_labels) recalibrated panel r minus b; zero where the panel said nothing.
        used: (n_items,) items whose votes the prior was fitted to.
        likelihood: of the votes of those items at theta, with derivatives.
        at_bound: (2,) whether rho and w lie at an end of their range.
    """

    theta: FloatArray
    base: FloatArray
    contrast: FloatArray
    used: BoolArray
    likelihood: Expansion
    at_bound: BoolArray

    def take(self, rows: IntArray) -> PriorFit:
        """What concerns some of the items; theta is what all of them taught."""
        table = self.likelihood.table[rows]
        return replace(
            self,
            base=self.base[rows],
            contrast=self.contrast[rows],
            used=self.used[rows],
            likelihood=Expansion(table[:, 0], table[:, 1:3], table[:, 3:]),
        )


@dataclass(frozen=True)
class HumanPosterior:
    """Dirichlet posterior of each item's population distribution: Dir(counts + prior).

    Attributes:
        prior: (n_items, n_labels) prior pseudo-votes of each item, above 0; never made from the item's own votes.
        alpha: (n_items, n_labels) posterior parameters, counts + prior.
        method: "empirical_bayes" or "jeffreys".
        concentration: total pseudo-votes of the prior, s.
        reference_weight: weight w of the recalibrated panel in the prior's centre w r + (1 - w) b; None where
            there is no such panel.
        note: what must be said beside numbers made from it, or None.
        fit: how the prior was learnt; None for "jeffreys".
    """

    prior: FloatArray
    alpha: FloatArray
    method: str
    concentration: float
    reference_weight: float | None
    note: str | None
    fit: PriorFit | None = None

    @property
    def prior_share(self) -> FloatArray:
        """(n_items,) how far the posterior mean rests on the prior, s / (n + s)."""
        return row_sums(self.prior) / row_sums(self.alpha)

    @property
    def interval_note(self) -> str:
        """What to say beside intervals of numbers whose prior moves with the resamples, if it can."""
        return MODEL_KNOWN if self.fit is None else FORM_KNOWN

    def take(self, rows: IntArray) -> HumanPosterior:
        """The posteriors of some of the items."""
        fit = None if self.fit is None else self.fit.take(rows)
        return replace(self, prior=self.prior[rows], alpha=self.alpha[rows], fit=fit)

    def under(self, theta: FloatArray, counts: FloatArray) -> HumanPosterior:
        """The posteriors if theta, (rho, w), were another.

        Raises:
            ValueError: no prior was fitted, so there is no theta.
        """
        if self.fit is None:
            raise ValueError("no prior was fitted")
        s, w = float(concentration(theta[0])), float(theta[1])
        prior = s * (self.fit.base + w * self.fit.contrast)
        weight = None if self.reference_weight is None else w
        return replace(self, prior=prior, alpha=counts + prior, concentration=s, reference_weight=weight)


def jeffreys_posterior(humans: HumanLabels, note: str | None = None) -> HumanPosterior:
    """The posterior under half a vote for each label: what is left where nothing can be learnt from other items."""
    prior = np.full(humans.counts.shape, JEFFREYS)
    total = JEFFREYS * len(humans.labels)
    return HumanPosterior(prior, humans.counts + prior, "jeffreys", total, None, note)


def human_posterior(
    humans: HumanLabels, forecasts: JudgeForecasts, panel_q: FloatArray, base: FloatArray, seed: int
) -> HumanPosterior:
    """The posterior under a prior learnt from all items (empirical Bayes, METHODS §2.3).

    The prior of item i is s (w r_i + (1 - w) b_i): b_i the label shares of all other items, r_i what a softmax
    regression on the judges' answers, fitted to other items' votes, expects of it. s and w are those that make
    the votes of all items likeliest (Dirichlet-multinomial). No item's own votes shape its r_i or b_i.

    Args:
        humans: the labelled items, in the order of their ids.
        forecasts: what each judge said about them.
        panel_q: (n_items, n_labels) the panel's smoothed forecast; items with NaN rows get the base rate centre.
        base: (n_items, n_labels) label shares of all other items, from `base_rate`.
        seed: seeds the folds.

    Returns:
        The posterior; Jeffreys' prior, and why, where fewer than `FEWEST_ITEMS` items could teach one.
    """
    if (few := _too_few(humans)) is not None:
        return few
    return _learnt(humans, base, _reference_contrast(humans, forecasts, panel_q, base, seed), seed)


def labels_posterior(humans: HumanLabels, base: FloatArray, seed: int) -> HumanPosterior:
    """`human_posterior` without judges: the prior is centred on the label shares of all other items.

    Args:
        humans: the labelled items, in the order of their ids.
        base: (n_items, n_labels) label shares of all other items, from `base_rate`.
        seed: picks the items that the prior is fitted to where there are many.
    """
    few = _too_few(humans)
    return few or replace(_learnt(humans, base, np.zeros(base.shape), seed), note=None)


def _too_few(humans: HumanLabels) -> HumanPosterior | None:
    """Jeffreys' posterior where too few items could teach a prior."""
    several = int((humans.counts_known & (humans.reviewer_count >= 2)).sum())
    if several >= FEWEST_ITEMS:
        return None
    have = f"only {several} items have" if several else "no item has"
    return jeffreys_posterior(
        humans,
        f"{have} two or more reviewers with known counts: the prior is half a vote a label (Jeffreys), as fewer "
        f"than {FEWEST_ITEMS} cannot teach one",
    )


def _learnt(humans: HumanLabels, base: FloatArray, contrast: FloatArray, seed: int) -> HumanPosterior:
    """The posterior under the prior that makes the votes of all items likeliest."""
    used = random_part(humans.counts_known, _MOST_ITEMS, [seed, _SEED, 1])
    fitted = fit_dirichlet_multinomial(humans.counts[used], base[used], contrast[used])
    fit = PriorFit(fitted.theta, base, contrast, used, _on_all_items(fitted.likelihood, used), fitted.at_bound)
    s, w = float(concentration(fitted.theta[0])), float(fitted.theta[1])
    prior = s * (base + w * contrast)
    has_reference = bool(contrast.any())
    note = _note(fitted, has_reference)
    alpha = humans.counts + prior
    return HumanPosterior(prior, alpha, "empirical_bayes", s, w if has_reference else None, note, fit)


def concentration_note(fit: PriorFit) -> str | None:
    """What to say of a concentration at an end of its range."""
    if not fit.at_bound[0]:
        return None
    if fit.theta[0] < 0.5:
        return "at its upper bound: reviewers of one item differ no more than chance and the prior explain"
    return "at its lower bound: reviewers of one item nearly always agree"


def weight_note(fit: PriorFit) -> str | None:
    """What to say of a reference weight at an end of its range."""
    if not fit.at_bound[1]:
        return None
    if fit.theta[1] < 0.5:
        return "at its lower bound: the judges' answers tell nothing beyond the overall label shares"
    return "at its upper bound: the overall label shares add nothing to the judges' answers"


def _reference_contrast(
    humans: HumanLabels, forecasts: JudgeForecasts, panel_q: FloatArray, base: FloatArray, seed: int
) -> FloatArray:
    """(n_items, n_labels) recalibrated panel minus base rate; zero where there is none."""
    contrast = np.zeros(base.shape)
    scored = np.flatnonzero(~np.isnan(panel_q[:, 0]))
    clusters = np.arange(len(humans)) if humans.clusters is None else np.array(humans.clusters)
    codes = np.unique(clusters[scored], return_inverse=True)[1]
    if scored.size < FEWEST_ITEMS or codes.max() + 1 < FOLDS:
        return contrast

    def design(rows: IntArray) -> FloatArray:
        said = forecasts.q_raw[:, scored[rows]]
        silent = np.where(np.isnan(said), 1.0 / said.shape[2], said)
        panel = np.log(np.maximum(panel_q[scored[rows]], _REFERENCE_FLOOR))
        return np.column_stack([panel, *silent])

    generator = np.random.default_rng([seed, _SEED])
    fold = assign_folds(codes, FOLDS, generator)
    with one_blas_thread():
        reference = cross_fitted_forecast(design, humans.counts[scored], fold, generator)
    contrast[scored] = reference - base[scored]
    return contrast


def _on_all_items(likelihood: Expansion, used: BoolArray) -> Expansion:
    """The terms of the items used, zero for all others."""
    if used.all():
        return likelihood
    table = np.zeros((used.size, 6))
    table[used] = likelihood.table
    return Expansion(table[:, 0], table[:, 1:3], table[:, 3:])


def _note(fitted: DirichletMultinomialFit, has_reference: bool) -> str | None:
    if not has_reference:
        return "too few panel forecasts to learn from: the prior is centred on the overall label shares"
    return None
