"""Skill: where a forecaster stands between a floor and a ceiling, as a ratio of means (METHODS §2.5).

(floor - loss) / (floor - ceiling), all three over the same items and resampled whole. Overall, losses are those of
the observed votes, unbiased for any number of reviewers. By class the votes cannot score what they have chosen, so
there losses are against the population that each item's posterior expects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.means import Mean, estimate, infinite_note, null
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.references import uniform
from panel_eval.evaluation.segments import OVERALL
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.reliability_metrics import Skill, SkillTable
from panel_eval.stats import brier, cross_entropy_bits, percentile_interval, rps
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.fresh_panel import expected_scale_spread, scale_spread
from panel_eval.stats.posterior_expectations import expected_entropy_bits, expected_impurity, posterior_mean

Loss = Callable[[FloatArray, FloatArray], FloatArray]
FLOORS = ("base_rate", "uniform")
CEILINGS = ("noise_free", "human_parity")
_RUNGS = tuple(f"{floor}_to_{ceiling}" for floor in FLOORS for ceiling in CEILINGS)
_SAME_VOTES = "the same votes define the class, so populations stand for them"
_ALIKE = "refused: on these items floor and ceiling cannot be told apart"
_LEAST_SURE = 0.5
"""Where the interval of floor less ceiling begins below this part of it, little of its size is sure."""
_CLOSE = "floor and ceiling lie close: only that the skill is large or small can be read, not its size"
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

    def of(self, modelled: bool) -> list[Yardstick]:
        """One kind or the other."""
        return self.modelled if modelled else self.observed


@dataclass(frozen=True)
class Room:
    """What lies between a floor and a ceiling: the difference of their mean losses.

    Attributes:
        value: floor - ceiling.
        replicates: (n_resamples,) the same in each resample.
        refused: why nothing can be placed between them, or None.
        note: what to say of numbers placed between them, or None.
    """

    value: float
    replicates: FloatArray
    refused: str | None
    note: str | None


def yardsticks(sample: Comparison) -> Yardsticks:
    """Floors and ceilings of every loss, item by item.

    The noise-free ceiling is the loss of the population itself: its entropy for cross-entropy, 1 - Σ p*² for the
    Brier score, Σ F* (1 - F*) for the RPS; skill in the Brier score against it is skill in `brier_debiased`. Human
    parity is a fresh panel of as many people: smoothed as the panel is for cross-entropy, unsmoothed for the two
    quadratic losses, which so lose 1 / n more than the population.
    """
    humans, alpha = sample.humans, sample.posterior.alpha
    mean = posterior_mean(alpha)
    n = humans.reviewer_count
    entropy = expected_entropy_bits(alpha)
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


def skill_tables(sample: Comparison, chosen: str | None) -> list[SkillTable]:
    """Skill in every loss, overall and by class, of the panel and then of each judge.

    Floors and ceilings are taken over the items that each of them answered.

    Args:
        sample: the items.
        chosen: what to say of how the items were chosen.
    """
    n_forecasters = 1 + len(sample.judges)
    tables: list[dict[str, dict[str, Skill]]] = [{} for _ in range(n_forecasters)]
    levels, *elsewhere = (yardsticks(other) for other in (sample, *sample.elsewhere.comparisons))
    for modelled in (False, True):
        columns = {
            yardstick.name: _moving(sample, yardstick, same)
            for yardstick, *same in zip(*(found.of(modelled) for found in (levels, *elsewhere)), strict=True)
        }
        for segment in sample.segments[1:] if modelled else sample.segments[:1]:
            for table in tables:
                table[segment.name] = {}
            for name, own in columns.items():
                means = own.means(segment) if segment.rows.size else {}
                for place, table in enumerate(tables):
                    table[segment.name][name] = _skill(means, place, _remarks(sample, chosen, name, modelled))
    return [
        SkillTable(overall=table[OVERALL], by_class={name: own for name, own in table.items() if name != OVERALL})
        for table in tables
    ]


def _remarks(sample: Comparison, chosen: str | None, name: str, modelled: bool) -> str:
    """What to say beside every skill in a loss; overall, those of the quadratic losses need no model."""
    posterior = sample.posterior
    model = (posterior.interval_note, posterior.note) if modelled or name == "ce_bits" else ()
    return "; ".join(part for part in (*model, chosen, _SAME_VOTES if modelled else None) if part)


def skill_estimate(loss: Mean, floor: Mean, ceiling: Mean, room: Room, note: str) -> Estimate:
    """(floor - loss) / (floor - ceiling), or why there is no such number.

    Args:
        loss: of the forecaster.
        floor: of the floor, over the same items.
        ceiling: of the ceiling, over the same items.
        room: between the two.
        note: a remark.
    """
    if loss.n == 0:
        return null("no items")
    if infinite := max(loss.n_infinite, floor.n_infinite, ceiling.n_infinite):
        return null(infinite_note(infinite), loss.n)
    if room.refused:
        return null(room.refused, loss.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = (floor.replicates - loss.replicates) / room.replicates
    return estimate((floor.value - loss.value) / room.value, replicates, loss.n, note, room.note)


def _room(floor: Mean, ceiling: Mean) -> Room:
    """Refused where the interval of the difference is not above zero."""
    value, replicates = floor.value - ceiling.value, floor.replicates - ceiling.replicates
    refused = close = None
    if floor.interval_note:
        refused = f"refused: {floor.interval_note}, so floor and ceiling cannot be told apart"
    else:
        low, high = percentile_interval(replicates)
        if not low > 0:
            refused = _PEOPLE_BELOW if high <= 0 else _ALIKE
        elif low < _LEAST_SURE * value:
            close = _CLOSE
    return Room(value, replicates, refused, close)


def _loss(yardstick: Yardstick, forecaster: Forecaster) -> FloatArray:
    """(n_items,) its loss; NaN also where there is no floor or ceiling to hold it against."""
    loss = yardstick.loss(yardstick.shares, forecaster.q)
    known = np.isfinite(sum(np.where(np.isinf(level), 0.0, level) for level in yardstick.levels.values()))
    return np.where(known, loss, np.nan)


def _moving(sample: Comparison, yardstick: Yardstick, same: Sequence[Yardstick]) -> MovingColumns:
    """Losses, floors and ceilings, and the same under other priors by the yardsticks made there."""
    elsewhere = sample.elsewhere
    return MovingColumns(
        columns=_columns(yardstick, sample),
        moves=sample.prior_moves,
        rows=elsewhere.rows,
        under=[_columns(own, other) for own, other in zip(same, elsewhere.comparisons, strict=True)],
    )


def _columns(yardstick: Yardstick, sample: Comparison) -> Columns:
    """What the panel and each judge lose, and their floors and ceilings over the items that they answered."""
    columns: Columns = {}
    for place, forecaster in enumerate((sample.panel, *sample.judges)):
        columns[f"loss {place}"] = loss = _loss(yardstick, forecaster)
        columns |= {f"{name} {place}": np.where(np.isnan(loss), np.nan, v) for name, v in yardstick.levels.items()}
    return columns


def _skill(means: Mapping[str, Mean], place: int, note: str) -> Skill:
    """Skill of one forecaster on one segment."""
    if not means:
        return Skill(**dict.fromkeys(_RUNGS, null("no items")))
    loss = means[f"loss {place}"]
    found = {}
    for floor in FLOORS:
        for ceiling in CEILINGS:
            low, high = means[f"{floor} {place}"], means[f"{ceiling} {place}"]
            found[f"{floor}_to_{ceiling}"] = skill_estimate(loss, low, high, _room(low, high), note)
    return Skill(**found)


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
