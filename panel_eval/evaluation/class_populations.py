"""The classes that an item's population may have, and the panel's scores over populations of a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.posterior import MODEL_KNOWN
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.class_metrics import ClassCertainty, PopulationScore
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient
from panel_eval.stats.class_probability import POPULATION_CLASSES, ClassMoments, class_moments

MAX_ITEMS = 20_000
"""Most items whose populations are drawn; of more, as many are picked at random."""
_DRAWS = 600_000
"""Populations drawn in all, shared among the posteriors that differ."""
_FEWEST_DRAWS, _MOST_DRAWS = 100, 10_000
_PICK, _POPULATIONS = 401, 402


@dataclass(frozen=True)
class PopulationClasses:
    """What the populations of some items may be.

    Attributes:
        rows: (n_rows,) the items, all of them if there are not too many.
        moments: posterior expectations of each of them, by class of the population.
        draws: populations drawn for each posterior that differs.
    """

    rows: IntArray
    moments: ClassMoments
    draws: int


def draw_population_classes(comparison: Comparison) -> PopulationClasses:
    """Draw populations from the items' posteriors and class them; items with equal posteriors share their draws."""
    alpha, seed = comparison.posterior.alpha, comparison.seed
    rows = np.arange(len(alpha))
    if rows.size > MAX_ITEMS:
        rows = np.sort(np.random.default_rng([seed, _PICK]).choice(rows.size, MAX_ITEMS, replace=False))
    distinct, code = np.unique(alpha[rows], axis=0, return_inverse=True)
    code = code.reshape(-1)
    draws = int(np.clip(_DRAWS // max(len(distinct), 1), _FEWEST_DRAWS, _MOST_DRAWS))
    ordinal = comparison.humans.scale == "ordinal"
    moments = class_moments(distinct, draws, np.random.default_rng([seed, _POPULATIONS]), ordinal)
    shared = ClassMoments(moments.probability[code], moments.mass[code], moments.entropy_bits[code])
    return PopulationClasses(rows, shared, draws)


def class_probability_columns(drawn: PopulationClasses, n_items: int) -> dict[str, FloatArray]:
    """`class_prob_NAME` of each item for the table of items; NaN where no population was drawn.

    Args:
        drawn: from `draw_population_classes`.
        n_items: number of all items, in the comparison's order.
    """
    table = np.full((n_items, len(POPULATION_CLASSES)), np.nan)
    table[drawn.rows] = drawn.moments.probability
    return {f"class_prob_{name}": table[:, code] for code, name in enumerate(POPULATION_CLASSES)}


def population_estimates(
    comparison: Comparison, drawn: PopulationClasses, forecaster: Forecaster
) -> dict[str, PopulationScore]:
    """Scores over populations of a class: item i takes part with the probability that its population is of it.

    ce = sum_i E[1(class of p_i) CE(p_i, q_i)] / sum_i P(class of p_i), and kl likewise with KL: expectations over
    the posterior, in which score and class come from the same population and not from the same few votes.
    """
    scored = forecaster.scored[drawn.rows]
    segment = comparison.everything.take(_mask(drawn.rows[scored], len(comparison.humans)))
    moments = drawn.moments
    with np.errstate(divide="ignore"):
        losses = -np.log2(forecaster.q[segment.rows])
    notes = (MODEL_KNOWN, segment.interval_note())
    scores = {}
    for code, name in enumerate(POPULATION_CLASSES):
        probability = moments.probability[scored, code]
        mass = moments.mass[scored, code]
        ce = np.where(mass > 0, mass * np.where(mass > 0, losses, 0.0), 0.0).sum(axis=1)
        table = np.column_stack(
            [np.ones(segment.rows.size), probability, ce, ce - moments.entropy_bits[scored, code]]
        )
        scores[name] = _population_score(segment, table, notes)
    return scores


def class_certainty(comparison: Comparison, drawn: PopulationClasses) -> ClassCertainty:
    """How likely each class of populations is, given the class of the votes."""
    humans = comparison.humans
    observed = np.array(humans.derived_class)[drawn.rows]
    probability = drawn.moments.probability
    table = {
        name: dict(zip(POPULATION_CLASSES, probability[observed == name].mean(axis=0).tolist(), strict=True))
        for name in CLASS_NAMES
        if (observed == name).any()
    }
    own = np.full(len(humans), np.nan)
    for code, name in enumerate(POPULATION_CLASSES):
        own[drawn.rows[observed == name]] = probability[observed == name, code]
    return ClassCertainty(probability=table, observed_is_population=_mean(comparison, own))


def _mask(rows: IntArray, n_items: int) -> BoolArray:
    mask = np.zeros(n_items, dtype=np.bool_)
    mask[rows] = True
    return mask


def _mean(comparison: Comparison, values: FloatArray) -> Estimate:
    present = ~np.isnan(values)
    if not present.any():
        return null("no item has enough reviewers for a class")
    segment = comparison.everything.take(present)
    note = segment.interval_note()
    table = values[segment.rows][:, None]
    replicates = None if note else segment.means(table)[:, 0]
    return estimate(float(table.mean()), replicates, segment.rows.size, MODEL_KNOWN, note)


def _population_score(segment: Segment, table: FloatArray, notes: tuple[str | None, ...]) -> PopulationScore:
    """Of columns one, P(class), E[CE 1(class)], E[KL 1(class)]."""
    n = segment.rows.size
    if n == 0:
        return PopulationScore(share=null("no items"), ce_bits=null("no items"), kl_bits=null("no items"))
    replicates = segment.sums(np.where(np.isfinite(table), table, 0.0)) if notes[-1] is None else None
    total = table.sum(axis=0)

    def ratio(over: int, under: int) -> Estimate:
        value = float(quotient(total[over], total[under]))
        if np.isinf(value):
            return null("infinite: the forecast gives a label probability 0", n)
        resampled = None if replicates is None else quotient(replicates[:, over], replicates[:, under])
        return estimate(value, resampled, n, *notes, undefined="no population drawn is of this class")

    return PopulationScore(share=ratio(1, 0), ce_bits=ratio(2, 1), kl_bits=ratio(3, 1))
