"""The section `classes`: the panel by disagreement class, not scored on the votes that made the class.

Three views that fail in different ways: cross-fitted (no model; classes of one reviewer fewer), model-based
(all votes; as good as the posterior), and by the classes that populations may have.
"""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.class_crossfit import Membership, crossfit_estimates, leave_one_out
from panel_eval.evaluation.class_populations import (
    MODEL_BASED,
    PopulationClasses,
    class_certainty,
    draw_population_classes,
    population_estimates,
)
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import Mean, mean_estimate, null, segment_means
from panel_eval.evaluation.metric_tables import reviewers_estimate
from panel_eval.schema import Estimate
from panel_eval.schema.class_metrics import Classes, Crossfit, CrossfitScore, ModelScore
from panel_eval.stats import cross_entropy_bits, kl_bits
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.posterior_expectations import (
    expected_entropy_bits,
    expected_impurity,
    expected_squared_distance,
)

_NO_ITEMS = "no items"
_INFINITE = "infinite: the forecast gives a label probability 0"
_POPULATION_RULE = (
    "of the population's shares p1 ≥ p2: unresolved if p1 - p2 < 0.1, agreement if p1 ≥ 0.9, minor if p1 ≥ 2/3, "
    "else major"
)
_ORDINAL_RULE = (
    "; minor becomes major if the dispersion is at least 0.5, and major becomes minor if two neighbouring labels "
    "hold at least 0.9 and one label more than half"
)
_POSTERIORS = {
    "empirical_bayes": "each item's votes plus pseudo-votes whose number and centre were learnt from all items",
    "jeffreys": "each item's votes plus half a vote for every label: without a learnt prior the numbers are pulled "
    "towards the middle",
}


def classes_section(comparison: Comparison, populations: PopulationClasses | None = None) -> Classes:
    """Everything by class: cross-fitted, model-based, and by the classes that populations may have.

    Args:
        comparison: a panel and its judges beside the people.
        populations: from `draw_population_classes`, if they were drawn before.
    """
    drawn = draw_population_classes(comparison) if populations is None else populations
    models = model_class_estimates(comparison, comparison.panel)
    posterior = comparison.posterior
    return Classes(
        crossfit=_crossfit(comparison, leave_one_out(comparison)),
        model={name: ModelScore(**numbers) for name, numbers in models.items()},
        population=population_estimates(comparison, drawn, comparison.panel),
        certainty=class_certainty(comparison, drawn),
        model_note="; ".join(filter(None, (_POSTERIORS.get(posterior.method, posterior.method), posterior.note))),
        population_rule=_POPULATION_RULE + (_ORDINAL_RULE if comparison.humans.scale == "ordinal" else ""),
        items_drawn=drawn.rows.size,
        draws=drawn.draws,
    )


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
            "n_eq": _modelled(reviewers_estimate(means["impurity"], means["distance"], _NO_ITEMS)),
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


def _crossfit(comparison: Comparison, membership: Membership) -> Crossfit:
    def scores(forecaster: Forecaster) -> dict[str, CrossfitScore]:
        estimates = crossfit_estimates(comparison, membership, forecaster)
        return {name: CrossfitScore(**numbers) for name, numbers in estimates.items()}

    return Crossfit(
        panel=scores(comparison.panel),
        judges={judge.name: scores(judge) for judge in comparison.judges},
        weight={name: float(own.part.sum()) for name, own in membership.items()},
        items_left_out=int((~comparison.humans.counts_known).sum()),
    )


def _bias_estimate(mean: Mean) -> Estimate:
    return null(_INFINITE, mean.n) if mean.n_infinite else mean_estimate(mean, MODEL_BASED)


def _modelled(number: Estimate) -> Estimate:
    if number.estimate is None:
        return number
    return number.model_copy(update={"note": "; ".join(filter(None, (MODEL_BASED, number.note)))})
