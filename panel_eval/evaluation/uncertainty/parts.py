"""The parts of the votes' variance, with intervals over items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import Segment
from panel_eval.evaluation.uncertainty.designs import Block, Split, UsableVotes, best_split, votes_in_cell
from panel_eval.evaluation.uncertainty.remedies import remedy, together
from panel_eval.schema import Estimate
from panel_eval.schema.uncertainty_metrics import Source, UncertaintyPart
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient

_SMALLEST = 1e-12
_NOTHING = "no two votes on an item to compare"
_NEVER = "the votes on an item never differ"


@dataclass(frozen=True)
class Parts:
    """The split of the variance of votes.

    Attributes:
        total: sum of the parts.
        parts: the coarsest first.
        not_told: sources without a part of their own, and why.
        lone_judges: (n_lone,) rows of judges that had to be left out, as they have one vote an item.
    """

    total: Estimate
    parts: list[UncertaintyPart]
    not_told: dict[Source, str]
    lone_judges: list[int]


def variance_parts(votes: UsableVotes, model: Sequence[str] | None, everything: Segment) -> Parts:
    """Split the variance of votes on an item by source, as far as these votes tell sources apart.

    Args:
        votes: the usable votes, at least one.
        model: of each judge, where several prompts ask one model; None where that is not known.
        everything: the items, with their resamples.
    """
    shared = model if model is not None and len(set(model)) < len(model) else None
    split = best_split(votes, shared)
    not_told = _not_told(votes, model, split)
    if split is None:
        return Parts(null(_NOTHING, everything.rows.size), [], not_told, [])
    drawn = _Drawn.of(split, everything)
    parts = [_part(block, place, drawn) for place, block in enumerate(split.blocks)]
    total = drawn.number(drawn.parts.sum(axis=1), np.asarray(drawn.present.any(axis=1)))
    return Parts(total, parts, not_told, _lone_judges(votes, split))


@dataclass(frozen=True)
class _Drawn:
    """Means over all items, then over each resample of them: (1 + n_resamples, n_blocks).

    Attributes:
        parts: of the parts.
        in_panel: of what is left of them in the panel's mean.
        present: (n_items, n_blocks) whether the item tells something of the part.
        everything: the items.
    """

    parts: FloatArray
    in_panel: FloatArray
    present: BoolArray
    everything: Segment

    @classmethod
    def of(cls, split: Split, everything: Segment) -> _Drawn:
        n_items, n_blocks = everything.rows.size, len(split.blocks)
        table = np.full((n_items, 2 * n_blocks), np.nan)
        asked = split.variances.in_mean[:, 0] > 0
        table[: len(asked), :n_blocks] = split.variances.parts
        table[: len(asked), n_blocks:] = np.where(asked[:, None], split.variances.in_mean, np.nan)
        drawn = np.vstack([np.nanmean(table, axis=0), everything.means(table)])
        parts = drawn[:, :n_blocks]
        return cls(parts, parts * drawn[:, n_blocks:], ~np.isnan(table[:, :n_blocks]), everything)

    def number(self, column: FloatArray, present: BoolArray) -> Estimate:
        """The first value, with its interval from the others, over the items in a mask."""
        no_interval = self.everything.interval_note(present)
        return estimate(float(column[0]), None if no_interval else column[1:], int(present.sum()), no_interval)


def _part(block: Block, place: int, drawn: _Drawn) -> UncertaintyPart:
    own, total, present = drawn.parts[:, place], drawn.parts.sum(axis=1), drawn.present[:, place]
    told = total[0] > _SMALLEST
    return UncertaintyPart(
        sources=list(block),
        variance=drawn.number(own, present),
        share=drawn.number(quotient(own, total), present) if told else null(_NEVER, int(present.sum())),
        left_in_panel=drawn.number(drawn.in_panel[:, place], present),
        remedy=remedy(block),
    )


def _not_told(votes: UsableVotes, model: Sequence[str] | None, split: Split | None) -> dict[Source, str]:
    """Sources without a part of their own, and why."""
    reasons: dict[Source, str] = {}
    blocks = split.blocks if split else ()
    if "judges" not in [source for block in blocks for source in block]:
        reasons["judges"] = "too few items were answered by two judges"
    if model is None:
        reasons["prompts"] = "which judges share a model is not known"
    elif len(set(model)) == len(model):
        reasons["prompts"] = "no two judges share a model"
    if (votes.order == votes.order[0]).all():
        reasons["label_orders"] = "all votes were asked in one label order, or name none"
    for block in blocks:
        for source in block[1:]:
            reasons[source] = f"too few repeats to tell it from {together(block[:1])}"
    return reasons


def _lone_judges(votes: UsableVotes, split: Split) -> list[int]:
    """Judges with one vote an item, where judges are told from what their votes repeat."""
    if "judges" in split.blocks[-1] or "prompts" in split.blocks[-1]:
        return []
    repeated = np.unique(votes.judge[votes_in_cell(votes) > 1])
    return sorted(set(votes.judge.tolist()) - set(repeated.tolist()))
