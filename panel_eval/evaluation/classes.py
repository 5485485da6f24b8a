"""The section `classes`: the panel by disagreement class, not scored on the votes that made the class.

Three views fail in different ways: cross-fitted (`ce_crossfit_bits`: no model; classes of one reviewer fewer),
model-based (`kl_bits`: all votes; as good as the posterior), and by the classes that populations may have.
"""

from __future__ import annotations

from panel_eval.evaluation.class_crossfit import Membership
from panel_eval.evaluation.class_populations import PopulationClasses, class_certainty, population_estimates
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.schema import Scale
from panel_eval.schema.class_metrics import Classes

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


def classes_section(comparison: Comparison, membership: Membership, drawn: PopulationClasses) -> Classes:
    """The panel by the classes that populations may have, and what stands behind the numbers by class of votes.

    Args:
        comparison: a panel and its judges beside the people.
        membership: from `leave_one_out`.
        drawn: from `draw_population_classes`.
    """
    posterior = comparison.posterior
    return Classes(
        crossfit_weight={name: float(own.part.sum()) for name, own in membership.items()},
        crossfit_left_out=int((~comparison.humans.counts_known).sum()),
        population=population_estimates(drawn),
        certainty=class_certainty(drawn),
        model_note=model_words(posterior),
        population_rule=population_rule(comparison.humans.scale),
        items_drawn=drawn.rows.size,
        draws=drawn.draws,
    )


def model_words(posterior: HumanPosterior) -> str:
    """Which posterior model-based numbers are made from."""
    return "; ".join(filter(None, (_POSTERIORS.get(posterior.method, posterior.method), posterior.note)))


def population_rule(scale: Scale) -> str:
    """How a population is classed."""
    return _POPULATION_RULE + (_ORDINAL_RULE if scale == "ordinal" else "")
