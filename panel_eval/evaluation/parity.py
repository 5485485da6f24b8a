"""Skill: where a forecaster stands between a floor and a ceiling, as a ratio of means (METHODS §2.5).

(floor - loss) / (floor - ceiling), all three over the same items and resampled whole. Overall, losses are those of
the observed votes, unbiased for any number of reviewers. By class the votes cannot score what they have chosen, so
there losses are against the population that each item's posterior expects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.means import Mean, estimate, infinite_note, null, segment_means
from panel_eval.evaluation.references import uniform
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.reliability_metrics import Skill, SkillTable
from panel_eval.stats import brier, cross_entropy_bits, percentile_interval, rps
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.entropy_estimators import dirichlet_entropy_bits
from panel_eval.stats.fresh_panel import expected_scale_spread, scale_spread
from panel_eval.stats.posterior_expectations import expected_impurity

Loss = Callable[[FloatArray, FloatArray], FloatArray]
FLOORS = ("base_rate", "uniform")
CEILINGS = ("noise_free", "human_parity")
_MODELLED = "model-based: the same votes define the class"
_ALIKE = "refused: on these items floor and ceiling cannot be told apart"
_PEOPLE_BELOW = "refused: on these items a fresh panel of people does no better than the floor"


@dataclass(frozen=True)
class Yardstick:
    """One loss, and what floors and ceilings lose.

    Attributes:
        name: the metric whose skill this is.
        loss: of human shares and a forecast, linear in the shares.
        shares: (n_items, n_labels) the human shares.
        levels: floor or ceiling to (n_items,) its loss.
    """

    name: str
    loss: Loss
    shares: FloatArray
    levels: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Yardsticks:
    """The losses for all items together (on observed votes) and for a class (on what the posterior expects)."""

    observed: list[Yardstick]
    modelled: list[Yardstick]


def yardsticks(sample: Comparison) -> Yardsticks:
    """Floors and ceilings of every loss, item by item.

    The noise-free ceiling is the loss of the population itself: its entropy for cross-entropy, 1 - Σ p*² for the
    Brier score, Σ F* (1 - F*) for the RPS; skill in the Brier score against it is skill in `brier_debiased`. Human
    parity is a fresh panel of as many people: smoothed as the panel is for cross-entropy, unsmoothed for the two
    quadratic losses, which so lose 1 / n more than the population.
    """
    humans, alpha = sample.humans, sample.posterior.alpha
    mean = alpha / row_sums(alpha)[:, None]
    n = humans.reviewer_count
    entropy = dirichlet_entropy_bits(humans.counts, sample.posterior.prior)
    spread = np.where(humans.counts_known, scale_spread(humans.distribution, n), np.nan)
    kinds: tuple[tuple[str, Loss, FloatArray, FloatArray], ...] = (
        ("brier_debiased", brier, human_impurity(humans), expected_impurity(alpha)),
        ("rps", rps, spread, expected_scale_spread(alpha)),
    )
    found = Yardsticks(
        [
            _yardstick(
                sample, "ce_bits", cross_entropy_bits, humans.distribution, entropy, expected_ce_bits(sample, n)
            )
        ],
        [
            _yardstick(
                sample, "ce_bits", cross_entropy_bits, mean, entropy, expected_ce_bits(sample, n, modelled=True)
            )
        ],
    )
    for name, loss, unbiased, expected in kinds[: 2 if humans.scale == "ordinal" else 1]:
        more = 1.0 + 1.0 / n
        found.observed.append(_yardstick(sample, name, loss, humans.distribution, unbiased, unbiased * more))
        found.modelled.append(_yardstick(sample, name, loss, mean, expected, expected * more))
    return found


def skill_table(
    sample: Comparison, forecaster: Forecaster, levels: Yardsticks | None, chosen: str | None
) -> SkillTable:
    """Skill of one forecaster in every loss, overall and by class.

    Args:
        sample: the items.
        forecaster: the panel or a judge.
        levels: from `yardsticks`; None where there are no items.
        chosen: what to say of how the items were chosen.
    """
    tables = {}
    losses: dict[int, FloatArray] = {}
    for segment in sample.segments:
        overall = segment.name == OVERALL
        measured = [] if levels is None else levels.observed if overall else levels.modelled
        note = "; ".join(part for part in (chosen, sample.posterior.note, None if overall else _MODELLED) if part)
        for yardstick in measured:
            if id(yardstick) not in losses:
                losses[id(yardstick)] = yardstick.loss(yardstick.shares, forecaster.q)
        tables[segment.name] = {
            yardstick.name: _skill(yardstick, losses[id(yardstick)], segment, note) for yardstick in measured
        }
    by_class = {name: table for name, table in tables.items() if name != OVERALL}
    return SkillTable(overall=tables[OVERALL], by_class=by_class)


def skill_estimate(loss: Mean, floor: Mean, ceiling: Mean, *notes: str | None) -> Estimate:
    """(floor - loss) / (floor - ceiling), refused where the interval of the denominator is not above zero."""
    if loss.n == 0:
        return null("no items")
    if infinite := max(loss.n_infinite, floor.n_infinite, ceiling.n_infinite):
        return null(infinite_note(infinite), loss.n)
    if loss.interval_note:
        return null(f"refused: {loss.interval_note}, so floor and ceiling cannot be told apart", loss.n)
    room = floor.replicates - ceiling.replicates
    low, high = percentile_interval(room)
    if high <= 0:
        return null(_PEOPLE_BELOW, loss.n)
    if not low > 0:
        return null(_ALIKE, loss.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = (floor.replicates - loss.replicates) / room
    return estimate((floor.value - loss.value) / (floor.value - ceiling.value), replicates, loss.n, *notes)


def _yardstick(
    sample: Comparison, name: str, loss: Loss, shares: FloatArray, noise_free: FloatArray, parity: FloatArray
) -> Yardstick:
    levels = {
        "base_rate": loss(shares, sample.base_rate),
        "uniform": loss(shares, uniform(sample.humans)),
        "noise_free": noise_free,
        "human_parity": parity,
    }
    return Yardstick(name, loss, shares, levels)


def _skill(yardstick: Yardstick, loss: FloatArray, segment: Segment, note: str) -> Skill:
    if not segment.rows.size:
        nothing = null("no items")
        return Skill(**{f"{floor}_to_{ceiling}": nothing for floor in FLOORS for ceiling in CEILINGS})
    # All over the same items: those with a forecast and with every floor and ceiling.
    columns = {"loss": loss, **yardstick.levels}
    absent = np.isnan(np.column_stack([values[segment.rows] for values in columns.values()])).any(axis=1)
    missing = np.zeros(loss.size, dtype=np.bool_)
    missing[segment.rows] = absent
    means = segment_means({name: np.where(missing, np.nan, values) for name, values in columns.items()}, segment)
    return Skill(
        **{
            f"{floor}_to_{ceiling}": skill_estimate(means["loss"], means[floor], means[ceiling], note)
            for floor in FLOORS
            for ceiling in CEILINGS
        }
    )
