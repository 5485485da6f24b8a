"""The parts of the votes' variance, as far as the votes can tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.evaluation.uncertainty.remedies import remedy, together
from panel_eval.schema import Estimate
from panel_eval.schema.uncertainty_metrics import Source, UncertaintyPart
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient
from panel_eval.stats.variance_components import NestedSums, nested_sums, variance_components

_SMALLEST = 1e-12
_NOTHING = "no two votes on an item to compare"


@dataclass(frozen=True)
class UsableVotes:
    """Usable votes, by item, judge and sample.

    Attributes:
        shares: (n_votes, n_labels) what each says.
        item: (n_votes,) row of the item.
        judge: (n_votes,) row of the judge.
        order: (n_votes,) code of the label order; votes that name none share one.
    """

    shares: FloatArray
    item: IntArray
    judge: IntArray
    order: IntArray

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Parts:
    """Total, parts, and what has no part of its own."""

    total: Estimate
    parts: list[UncertaintyPart]
    not_told: dict[Source, str]


@dataclass(frozen=True)
class _Level:
    """A level that repeats: what it comes from, the group of each vote, and (n_items,) the items it repeats on."""

    sources: list[Source]
    group: IntArray
    repeats: BoolArray


def variance_parts(votes: UsableVotes, model: Sequence[str] | None, everything: Segment) -> Parts:
    """Split the variance of votes on an item by source.

    Args:
        votes: the usable votes.
        model: of each judge, where several prompts ask one model; None where that is not known.
        everything: the items, with their resamples.
    """
    rows, levels, not_told = _told_apart(votes, model, everything.rows.size)
    if not levels:
        return Parts(null(_NOTHING, everything.rows.size), [], not_told)
    sums = nested_sums(votes.shares[rows], votes.item[rows], [level.group for level in levels])
    solved = _solve(sums, everything)
    repeats = np.logical_or.reduce([level.repeats for level in levels])
    parts = [_part(level, solved, place, everything) for place, level in enumerate(levels)]
    return Parts(_number(solved.components.sum(axis=1), repeats, everything), parts, not_told)


def _codes(votes: UsableVotes, model: Sequence[str] | None) -> tuple[dict[Source, IntArray], dict[Source, str]]:
    """Codes of the groups of each level that could tell something, the coarsest first, and why others cannot."""
    codes: dict[Source, IntArray] = {}
    missing: dict[Source, str] = {}
    if model is None or len(set(model)) == len(model):
        codes["judges"] = votes.judge
        missing["prompts"] = (
            "which judges share a model is not known" if model is None else "no two judges share a model"
        )
    else:
        codes["judges"] = np.unique(np.array(model), return_inverse=True)[1][votes.judge]
        codes["prompts"] = votes.judge
    if (votes.order == votes.order[:1]).all():
        missing["label_orders"] = "all votes were asked in one label order, or name none"
    else:
        codes["label_orders"] = votes.order
    codes["samples"] = np.arange(len(votes))
    return codes, missing


def _told_apart(
    votes: UsableVotes, model: Sequence[str] | None, n_items: int
) -> tuple[IntArray, list[_Level], dict[Source, str]]:
    """The votes to use, and the levels that repeat on enough items; others belong to the level above them."""
    codes, not_told = _codes(votes, model)
    rows, above, levels = np.arange(len(votes)), votes.item, list[_Level]()
    for source, code in codes.items():
        group = _within(above, code[rows])
        repeats = _repeats(votes.item[rows], above, group, n_items)
        if repeats.sum() >= MIN_ITEMS:
            levels.append(_Level([source], code, repeats))
            above = group
            continue
        only = _first_groups(above, group)
        rows, above = rows[only], above[only]
        if levels:
            not_told[source] = f"too few repeats to tell them from {together(levels[-1].sources)}"
            levels[-1].sources.append(source)
        else:
            not_told[source] = f"fewer than {MIN_ITEMS} items were asked in more than one way"
    above = votes.item[rows]
    for place, level in enumerate(levels):
        above = _within(above, level.group[rows])
        levels[place] = _Level(level.sources, above, level.repeats)
    return rows, levels, not_told


def _within(above: IntArray, code: IntArray) -> IntArray:
    """Codes of the groups within the groups above, from 0."""
    pairs: IntArray = np.unique(above * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
    return pairs


def _repeats(item: IntArray, above: IntArray, group: IntArray, n_items: int) -> BoolArray:
    """(n_items,) the items where a group above holds two groups or more."""
    first = np.unique(group, return_index=True)[1]
    several = np.bincount(above[first], minlength=1) > 1
    found = np.zeros(n_items, dtype=bool)
    found[item[first][several[above[first]]]] = True
    return found


def _first_groups(above: IntArray, group: IntArray) -> BoolArray:
    """(n_votes,) the votes of the first group in each group above."""
    lowest = np.full(int(above.max(initial=-1)) + 1, group.size)
    np.minimum.at(lowest, above, group)
    return np.asarray(group == lowest[above])


@dataclass(frozen=True)
class _Solved:
    """Components, and what is left of them in the panel: (1 + n_resamples, n_levels), all items first."""

    components: FloatArray
    in_panel: FloatArray


def _solve(sums: NestedSums, everything: Segment) -> _Solved:
    n_levels = sums.squares.shape[1]
    table = np.zeros((everything.rows.size, n_levels * (n_levels + 2) + 1))
    asked = len(sums.squares)
    flat = [sums.squares, sums.expected.reshape(asked, -1), sums.in_mean, (sums.in_mean[:, :1] > 0)]
    table[:asked] = np.hstack(flat)
    drawn = np.vstack([table.sum(axis=0), everything.sums(table)])
    squares, rest = drawn[:, :n_levels], drawn[:, n_levels:]
    expected = rest[:, : n_levels**2].reshape(-1, n_levels, n_levels)
    components = variance_components(squares, expected)
    return _Solved(components, components * quotient(rest[:, n_levels**2 : -1], rest[:, -1:]))


def _part(level: _Level, solved: _Solved, place: int, everything: Segment) -> UncertaintyPart:
    own, total = solved.components[:, place], solved.components.sum(axis=1)
    share = null("the votes on an item never differ", int(level.repeats.sum()))
    if total[0] > _SMALLEST:
        share = _number(quotient(own, total), level.repeats, everything)
    return UncertaintyPart(
        sources=level.sources,
        variance=_number(own, level.repeats, everything),
        share=share,
        left_in_panel=_number(solved.in_panel[:, place], level.repeats, everything),
        remedy=remedy(level.sources),
    )


def _number(drawn: FloatArray, repeats: BoolArray, everything: Segment) -> Estimate:
    """The number, with its interval from the resamples behind it."""
    no_interval = everything.interval_note(repeats)
    return estimate(float(drawn[0]), None if no_interval else drawn[1:], int(repeats.sum()), no_interval)
