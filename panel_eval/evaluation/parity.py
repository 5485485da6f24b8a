"""Skill: where a forecaster stands between a floor and a ceiling, as a ratio of means (METHODS §2.5).

(floor - loss) / (floor - ceiling), all three over the same items and resampled whole. Overall, losses are those of
the observed votes, unbiased for any number of reviewers. By class the votes cannot score what they have chosen, so
there losses are against the population that each item's posterior expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.class_models import centred
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, estimate, infinite_note, null
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.segments import OVERALL
from panel_eval.evaluation.yardsticks import Yardsticks, yardsticks
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.reliability_metrics import Skill, SkillTable
from panel_eval.stats import percentile_interval
from panel_eval.stats.arrays import FloatArray

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


def skill_tables(sample: Comparison, chosen: str | None) -> list[SkillTable]:
    """Skill in every loss, overall and by class, of the panel and then of each judge.

    Floors and ceilings are taken over the items that each of them answered. By class, the average error of the
    model's centre is taken off every loss (`class_models.centred`), so that all classes together have the losses
    that need no model.

    Args:
        sample: the items.
        chosen: what to say of how the items were chosen.
    """
    alike = _answered_alike(sample)
    everything, *classes = sample.segments
    tables: list[dict[str, dict[str, Skill]]] = [{segment.name: {} for segment in sample.segments} for _ in alike]
    levels = [(yardsticks(own), own) for own in (sample, *sample.other_priors.comparisons)]
    for kind, yardstick in enumerate(levels[0][0].observed):
        here, *there = (_columns(own, kind, of, alike) for own, of in levels)
        columns = MovingColumns.made(sample, here, there)
        whole = columns.means(everything) if everything.rows.size else {}
        found = {OVERALL: whole} | {
            segment.name: _by_class(columns.means(segment), whole) if segment.rows.size else {}
            for segment in classes
        }
        for segment, means in found.items():
            remark = _remarks(sample, chosen, yardstick.name, segment != OVERALL)
            for place, table in enumerate(tables):
                table[segment][yardstick.name] = _skill(means, place, alike[place], remark)
    return [
        SkillTable(overall=table[OVERALL], by_class={name: own for name, own in table.items() if name != OVERALL})
        for table in tables
    ]


def _answered_alike(sample: Comparison) -> list[int]:
    """For the panel and each judge, the place of the first of them that answered the same items."""
    first: dict[bytes, int] = {}
    forecasters = (sample.panel, *sample.judges)
    return [first.setdefault(own.scored.tobytes(), place) for place, own in enumerate(forecasters)]


def _columns(levels: Yardsticks, kind: int, sample: Comparison, alike: Sequence[int]) -> Columns:
    """One loss with its floors and ceilings: on the votes, by the model, and what lies between the two."""
    observed, modelled = (own[kind].columns(sample, alike) for own in (levels.observed, levels.modelled))
    share = sample.posterior.prior_share
    columns = dict(observed)
    for name, values in modelled.items():
        both = np.isfinite(values) & np.isfinite(observed[name])
        columns |= {
            f"model {name}": values,
            f"behind model {name}": np.where(np.isnan(values), np.nan, share),
            f"gap {name}": np.subtract(values, observed[name], out=np.full(share.size, np.nan), where=both),
            f"behind gap {name}": np.where(both, share, np.nan),
        }
    return columns


def _by_class(means: Mapping[str, Mean], whole: Mapping[str, Mean]) -> dict[str, Mean]:
    """Losses, floors and ceilings over a class: by the model, its average error over all items taken off."""
    names = [name.removeprefix("model ") for name in means if name.startswith("model ")]
    return {
        name: centred(
            means[f"model {name}"], means[f"behind model {name}"], whole[f"gap {name}"], whole[f"behind gap {name}"]
        )
        for name in names
    }


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


def _skill(means: Mapping[str, Mean], place: int, alike: int, note: str) -> Skill:
    """Skill of one forecaster on one segment, with the floors and ceilings of those that answered alike."""
    if not means:
        return Skill(**dict.fromkeys(_RUNGS, null("no items")))
    loss = means[f"loss {place}"]
    found = {}
    for floor in FLOORS:
        for ceiling in CEILINGS:
            low, high = means[f"{floor} {alike}"], means[f"{ceiling} {alike}"]
            found[f"{floor}_to_{ceiling}"] = skill_estimate(loss, low, high, _room(low, high), note)
    return Skill(**found)
