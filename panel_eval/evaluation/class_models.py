"""Scores by class against the populations that all votes lead to expect, not against the class's own votes."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.class_populations import MODEL_BASED
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import Mean, mean_estimate, null, segment_means
from panel_eval.evaluation.ratios import NO_ITEMS, reviewers_estimate
from panel_eval.schema import Estimate
from panel_eval.stats import cross_entropy_bits, kl_bits
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.posterior_expectations import (
    expected_entropy_bits,
    expected_impurity,
    expected_squared_distance,
)

_INFINITE = "infinite: the forecast gives a label probability 0"


def model_class_estimates(comparison: Comparison, forecaster: Forecaster) -> dict[str, dict[str, Estimate]]:
    """Scores by class against the population that an item's votes and the prior lead to expect.

    Returns:
        Each class to `brier_debiased`, `n_eq`, and `kl_naive_bias_bits`: how much higher the plug-in KL is than the
        KL expected of the same items' populations.
    """
    alpha, q = comparison.posterior.alpha, forecaster.q
    scores = {
        "distance": expected_squared_distance(alpha, q),
        "impurity": np.where(forecaster.scored, expected_impurity(alpha), np.nan),
        "bias": _naive_bias(comparison, q),
    }
    numbers = {}
    for segment in comparison.segments[1:]:
        means = segment_means(scores, segment)
        numbers[segment.name] = {
            "brier_debiased": mean_estimate(means["distance"], MODEL_BASED),
            "n_eq": _modelled(reviewers_estimate(means["impurity"], means["distance"], NO_ITEMS)),
            "kl_naive_bias_bits": _bias_estimate(means["bias"]),
        }
    return numbers


def _naive_bias(comparison: Comparison, q: FloatArray) -> FloatArray:
    """(n_items,) plug-in KL - E[KL(p || q)], with E[KL] = cross-entropy of the posterior mean - E[H(p)].

    Infinite where q gives a label no mass: the expected KL is, and the difference says nothing.
    """
    humans, posterior = comparison.humans, comparison.posterior
    centre = posterior.alpha / row_sums(posterior.alpha)[:, None]
    expected = cross_entropy_bits(centre, q) - expected_entropy_bits(posterior.alpha)
    infinite = np.isinf(expected)
    return np.where(infinite, np.inf, kl_bits(humans.distribution, q) - np.where(infinite, 0.0, expected))


def _bias_estimate(mean: Mean) -> Estimate:
    return null(_INFINITE, mean.n) if mean.n_infinite else mean_estimate(mean, MODEL_BASED)


def _modelled(number: Estimate) -> Estimate:
    if number.estimate is None:
        return number
    return number.model_copy(update={"note": "; ".join(filter(None, (MODEL_BASED, number.note)))})
