"""The classes that an item's population may have, and the panel's scores over populations of a class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.class_models import centred
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.means import Mean, estimate, mean_estimate, null
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.class_metrics import ClassCertainty, PopulationScore
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.class_probability import POPULATION_CLASSES, ClassMoments, class_moments
from panel_eval.stats.divergence import cross_entropy_bits
from panel_eval.stats.posterior_expectations import posterior_mean

MAX_ITEMS = 20_000
"""Most items whose populations are drawn; of more, as many are picked at random."""
_DRAWS = 600_000
"""Populations drawn in all, shared among the posteriors that differ."""
_FEWEST_DRAWS, _MOST_DRAWS = 100, 10_000
_FEWER = 4
"""So many times fewer are drawn under each other prior: only means over items are made of them."""
_PICK, _POPULATIONS = 401, 402


@dataclass(frozen=True)
class PopulationClasses:
    """What the populations of some items may be.

    Attributes:
        rows: (n_rows,) the items, all of them if there are not too many.
        sample: the comparison of these items.
        moments: posterior expectations of each of them, by class of the population.
        under: the same of the items in `sample.other_priors`, under the prior of each node.
        draws: populations drawn for each posterior that differs.
    """

    rows: IntArray
    sample: Comparison
    moments: ClassMoments
    under: Sequence[ClassMoments]
    draws: int

    def columns(self, make: Callable[[ClassMoments, Comparison], Columns]) -> MovingColumns:
        """Scores made of the moments."""
        elsewhere = zip(self.under, self.sample.other_priors.comparisons, strict=True)
        under = [make(moments, other) for moments, other in elsewhere]
        return MovingColumns.made(self.sample, make(self.moments, self.sample), under)


def draw_population_classes(comparison: Comparison) -> PopulationClasses:
    """Draw populations from the items' posteriors and class them; items with equal posteriors share their draws."""
    everyone = np.ones(len(comparison.humans), dtype=bool)
    rows = np.flatnonzero(random_part(everyone, MAX_ITEMS, [comparison.seed, _PICK]))
    sample = comparison.take(rows)
    moments, draws = _moments(sample)
    under = [_moments(other, _FEWER)[0] for other in sample.other_priors.comparisons]
    return PopulationClasses(rows, sample, moments, under, draws)


def _moments(sample: Comparison, fewer: int = 1) -> tuple[ClassMoments, int]:
    """Moments of each item's posterior, and how often each that differs was drawn from."""
    distinct, code = np.unique(sample.posterior.alpha, axis=0, return_inverse=True)
    code = code.reshape(-1)
    draws = int(np.clip(_DRAWS // max(len(distinct), 1), _FEWEST_DRAWS, _MOST_DRAWS)) // fewer
    generator = np.random.default_rng([sample.seed, _POPULATIONS])
    moments = class_moments(distinct, draws, generator, sample.humans.scale == "ordinal")
    return ClassMoments(moments.probability[code], moments.mass[code], moments.entropy_bits[code]), draws


def class_probability_columns(drawn: PopulationClasses, n_items: int) -> dict[str, FloatArray]:
    """`class_prob_NAME` of each item for the table of items; NaN where no population was drawn.

    Args:
        drawn: from `draw_population_classes`.
        n_items: number of all items, in the comparison's order.
    """
    table = np.full((n_items, len(POPULATION_CLASSES)), np.nan)
    table[drawn.rows] = drawn.moments.probability
    return {f"class_prob_{name}": table[:, code] for code, name in enumerate(POPULATION_CLASSES)}


def population_estimates(drawn: PopulationClasses) -> dict[str, PopulationScore]:
    """The panel over populations of a class: item i takes part with the probability that its population is of it.

    ce = sum_i E[1(class of p_i) CE(p_i, q_i)] / sum_i P(class of p_i), and kl likewise with KL: expectations over
    the posterior, in which score and class come from the same population and not from the same few votes. What the
    prior's centre gets wrong about this panel on average is taken off (`class_models.centred`), so that all classes
    together have the cross-entropy of the votes.
    """
    sample = drawn.sample
    scored = sample.everything.take(sample.panel.scored)
    if not scored.rows.size:
        nothing = null("no items")
        return {
            name: PopulationScore(share=nothing, ce_bits=nothing, kl_bits=nothing) for name in POPULATION_CLASSES
        }
    gap = MovingColumns.of(sample, _gap_columns).means(scored)
    scores = {}
    for code, name in enumerate(POPULATION_CLASSES):
        columns = drawn.columns(partial(_class_columns, code=code))
        scores[name] = _population_score(columns.means(scored), gap, sample.posterior.interval_note)
    return scores


def class_certainty(drawn: PopulationClasses) -> ClassCertainty:
    """How likely each class of populations is, given the class of the votes."""
    observed = np.array(drawn.sample.humans.derived_class)
    probability = drawn.moments.probability
    table = {
        name: dict(zip(POPULATION_CLASSES, probability[observed == name].mean(axis=0).tolist(), strict=True))
        for name in CLASS_NAMES
        if (observed == name).any()
    }
    return ClassCertainty(probability=table, observed_is_population=_certainty(drawn))


def _certainty(drawn: PopulationClasses) -> Estimate:
    """Mean probability that an item's population is of the class of its votes."""
    sample = drawn.sample
    mean = drawn.columns(_same_class).means(sample.everything)["same"]
    return mean_estimate(mean, sample.posterior.interval_note, missing="no item has enough reviewers for a class")


def _same_class(moments: ClassMoments, sample: Comparison) -> Columns:
    """Probability of the class of the item's votes; NaN where the votes are too few for one."""
    observed, own = np.array(sample.humans.derived_class), np.full(len(sample.humans), np.nan)
    for code, name in enumerate(POPULATION_CLASSES):
        own[observed == name] = moments.probability[observed == name, code]
    return {"same": own}


def _class_columns(moments: ClassMoments, sample: Comparison, code: int) -> Columns:
    """P(class), E[CE 1(class)] and E[KL 1(class)] of the panel's items, and the prior's share in the class."""
    probability, mass = moments.probability[:, code], moments.mass[:, code]
    with np.errstate(divide="ignore"):
        losses = -np.log2(sample.panel.q)
    ce = np.where(mass > 0, mass * np.where(mass > 0, losses, 0.0), 0.0).sum(axis=1)
    behind = probability * sample.posterior.prior_share
    return {"share": probability, "ce": ce, "kl": ce - moments.entropy_bits[:, code], "behind": behind}


def _gap_columns(sample: Comparison) -> Columns:
    """By how much the panel's expected cross-entropy exceeds that on the votes, and the prior's share in it."""
    q = sample.panel.q
    expected = cross_entropy_bits(posterior_mean(sample.posterior.alpha), q)
    observed = cross_entropy_bits(sample.humans.distribution, q)
    both = np.isfinite(expected) & np.isfinite(observed)
    gap = np.subtract(expected, observed, out=np.full(both.size, np.nan), where=both)
    return {"gap": gap, "behind": np.where(both, sample.posterior.prior_share, np.nan)}


def _within(share: Estimate) -> Estimate:
    """A share whose interval, moved along with the prior, would leave 0 to 1."""
    if share.low is None or share.high is None:
        return share
    return share.model_copy(update={"low": max(share.low, 0.0), "high": min(share.high, 1.0)})


def _population_score(means: Mapping[str, Mean], gap: Mapping[str, Mean], note: str) -> PopulationScore:
    """The share of a class, and scores over it as ratios of means, the error of the prior's centre taken off."""
    share, n = means["share"], means["share"].n

    def ratio(name: str) -> Estimate:
        if means[name].n_infinite:
            return null("infinite: the forecast gives a label probability 0", n)
        over = centred(means[name], means["behind"], gap["gap"], gap["behind"])
        resampled = None if share.interval_note else quotient(over.replicates, share.replicates)
        value = over.value / share.value if share.value > 0 else np.nan
        undefined = "no population drawn is of this class"
        return estimate(value, resampled, n, note, share.interval_note, undefined=undefined)

    return PopulationScore(share=_within(mean_estimate(share, note)), ce_bits=ratio("ce"), kl_bits=ratio("kl"))
