"""Whether reviewers change over their own sequence of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.label_quality.reviewers import LEVEL
from panel_eval.evaluation.means import finite_or_none, null
from panel_eval.evaluation.reviewing.sequences import PACE_BLOCK, ScoreSequence, score_sequences
from panel_eval.evaluation.reviewing.timed_votes import TimedVotes, stamp
from panel_eval.schema import Estimate
from panel_eval.schema.reviewer_drift import (
    ChangePoint,
    DriftMeasure,
    DriftName,
    DriftPart,
    DriftSection,
    ReviewerDrift,
)
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.drift import (
    Change,
    Halves,
    change_range,
    change_test,
    compare_halves,
    compare_shares,
    in_blocks,
    middle_split,
    splits,
)
from panel_eval.stats.multiplicity import benjamini_hochberg

FEWEST_UNITS = 12
"""Independent items (blocks of votes, for pace) below which nothing is tested."""
_PARTS = 10
_PART_UNITS = 5
_PROMISING = 0.05
_FINENESS = 5.0
"""How much finer the p-value of the lowest test must be than the level divided by the tests."""
_MOST_PERMUTATIONS = 100_000
_MOST_CELLS = 12_000_000
_NO_TIMES = (
    "no rationale says when its label was given (`at`): the order of the file is not taken for an order of time"
)
_TOO_FEW = (
    f"nobody has {FEWEST_UNITS} timed items, at different times, that others labelled too or whose answer is known"
)
_ADJUSTMENT = (
    "Benjamini-Hochberg over the reviewers: agreement, severity and gold items together, pace by itself; of the "
    "changes told, an expected share of at most the level is none"
)


@dataclass(frozen=True)
class Drift:
    """The section, and what other parts need of it; who changed is in it whether listed or not.

    Attributes:
        section: as it stands in the document.
        fell: (n_reviewers,) time from which agreement or gold items went down, NaN where they did not.
    """

    section: DriftSection
    fell: FloatArray

    def of(self, reviewer: str) -> Drift:
        """The same, telling of one reviewer."""
        own = [one for one in self.section.reviewers if one.reviewer == reviewer]
        return replace(self, section=self.section.model_copy(update={"reviewers": own}))


@dataclass(frozen=True)
class _Tested:
    """A sequence with its test."""

    sequence: ScoreSequence
    change: Change | None
    p_adjusted: float = float("nan")

    @property
    def changed(self) -> bool:
        return bool(self.p_adjusted <= LEVEL)


def drift_section(
    delivery: Delivery, times: TimedVotes | None, listed: Sequence[str], permutations: int, seed: int
) -> Drift:
    """What changed for whom.

    Args:
        delivery: the items with their votes by reviewer.
        times: of the named votes; None where nobody is named.
        listed: reviewers who are told of.
        permutations: random orders behind each p-value; more where they decide.
        seed: of the orders.
    """
    named = delivery.named
    if named is None or times is None:
        return Drift(_section(None, [], [], "the file does not name who cast which vote"), np.zeros(0))
    if not times.timed.any():
        size = len(named.votes.reviewers)
        return Drift(_section(times, [], [], _NO_TIMES + _unreadable(times)), np.full(size, np.nan))
    sequences = list(score_sequences(delivery, named, times))
    tested = _adjusted([_test(one, permutations, seed) for one in sequences], permutations, seed)
    wanted = set(listed)
    measures: dict[int, dict[DriftName, DriftMeasure]] = {}
    for one in tested:
        if one.changed or named.votes.reviewers[one.sequence.reviewer] in wanted:
            measures.setdefault(one.sequence.reviewer, {})[one.sequence.name] = _measure(one, seed)
    few = "" if any(one.change for one in tested) else _TOO_FEW
    section = _section(times, tested, _reviewers(named, times, measures), _note(times, few))
    return Drift(section, _fell(tested, len(named.votes.reviewers)))


def _test(sequence: ScoreSequence, permutations: int, seed: int) -> _Tested:
    blocks = sequence.blocks()
    places = splits(blocks.time)
    if blocks.score.size < FEWEST_UNITS or not places.size:
        return _Tested(sequence, None)
    return _Tested(sequence, change_test(blocks.score, places, permutations=permutations, seed=seed))


def _adjusted(tested: list[_Tested], permutations: int, seed: int) -> list[_Tested]:
    """P-values adjusted in two families; of many tests low ones are first found anew with as many more orders."""
    result = list(tested)
    for pace in (False, True):
        family = [
            place
            for place, one in enumerate(tested)
            if one.change is not None and (one.sequence.name == "pace") == pace
        ]
        if not family:
            continue
        if (needed := round(_FINENESS * len(family) / LEVEL)) > permutations:
            for place in family:
                result[place] = _refined(tested[place], needed, seed)
        p = benjamini_hochberg([change.p_value for place in family if (change := result[place].change)])
        for place, value in zip(family, p.tolist(), strict=True):
            result[place] = replace(result[place], p_adjusted=value)
    return result


def _refined(one: _Tested, needed: int, seed: int) -> _Tested:
    """The same test with fresh and more orders, where a few of them would decide."""
    if one.change is None or not one.change.p_value <= _PROMISING:
        return one
    blocks = one.sequence.blocks()
    permutations = min(needed, _MOST_PERMUTATIONS, _MOST_CELLS // blocks.score.size)
    change = change_test(blocks.score, splits(blocks.time), permutations=permutations, seed=seed + 1)
    return replace(one, change=change)


def _measure(one: _Tested, seed: int) -> DriftMeasure:
    sequence, change = one.sequence, one.change
    place = middle_split(sequence.time)
    halves = None if place is None else _halves(sequence, place)
    back = np.exp if sequence.name == "pace" else float
    return DriftMeasure(
        n=int(sequence.votes.sum()),
        p_value=None if change is None else finite_or_none(change.p_value),
        p_adjusted=finite_or_none(one.p_adjusted),
        changed=one.changed,
        first_half=None if halves is None else float(back(halves.first)),
        second_half=None if halves is None else float(back(halves.second)),
        effect=_effect(sequence, halves),
        change=_change_point(one, seed) if one.changed else None,
        parts=_parts(sequence),
    )


def _halves(sequence: ScoreSequence, place: int) -> Halves | None:
    """The two halves; of gold items as shares, of pace over blocks."""
    if sequence.name == "gold" and (sequence.votes == 1).all():
        return compare_shares(sequence.score > 0.5, place)
    if sequence.name != "pace":
        return compare_halves(sequence.score, place)
    blocks = sequence.blocks()
    middle = middle_split(blocks.time)
    return None if middle is None else compare_halves(blocks.score, middle)


def _effect(sequence: ScoreSequence, halves: Halves | None) -> Estimate:
    n = int(sequence.votes.sum())
    if halves is None:
        return null("too few votes at different times for two halves", n)
    back = np.exp if sequence.name == "pace" else float
    note = "no interval: all scores are alike" if np.isnan(halves.low) else None
    ends = (None, None) if note else (float(back(halves.low)), float(back(halves.high)))
    return Estimate(estimate=float(back(halves.difference)), low=ends[0], high=ends[1], n=n, note=note)


def _change_point(one: _Tested, seed: int) -> ChangePoint | None:
    if one.change is None:
        return None
    blocks, place = one.sequence.blocks(), one.change.place
    first, last = change_range(blocks.score, splits(blocks.time), seed=seed)
    back = np.exp if one.sequence.name == "pace" else float
    return ChangePoint(
        at=stamp(float(blocks.time[place])),
        earliest=stamp(float(blocks.time[first])),
        latest=stamp(float(blocks.time[last])),
        votes_before=int(blocks.votes[:place].sum()),
        before=float(back(blocks.score[:place].mean())),
        after=float(back(blocks.score[place:].mean())),
    )


def _parts(sequence: ScoreSequence) -> list[DriftPart]:
    """Neighbours in up to ten parts, of five units or more."""
    n_parts = min(_PARTS, sequence.score.size // _PART_UNITS)
    if n_parts < 2:
        return []
    mean, first = in_blocks(sequence.score, n_parts)
    votes = np.add.reduceat(sequence.votes, first)
    shown = np.exp(mean) if sequence.name == "pace" else mean
    return [
        DriftPart(start=stamp(time), n=n, mean=value)
        for time, n, value in zip(sequence.time[first].tolist(), votes.tolist(), shown.tolist(), strict=True)
    ]


def _reviewers(
    named: NamedVotes, times: TimedVotes, measures: dict[int, dict[DriftName, DriftMeasure]]
) -> list[ReviewerDrift]:
    timed = np.bincount(named.votes.reviewer[times.timed], minlength=len(named.votes.reviewers))
    return [
        ReviewerDrift(reviewer=named.votes.reviewers[code], timed=int(timed[code]), measures=own)
        for code, own in sorted(measures.items())
    ]


def _section(
    times: TimedVotes | None, tested: list[_Tested], reviewers: list[ReviewerDrift], note: str | None
) -> DriftSection:
    timed = 0 if times is None else int(times.timed.sum())
    return DriftSection(
        timed=timed,
        untimed=0 if times is None else times.time.size - timed,
        tested=sum(one.change is not None for one in tested),
        level=LEVEL,
        fewest=FEWEST_UNITS,
        adjustment=_ADJUSTMENT,
        reviewers=reviewers,
        note=note,
    )


def _fell(tested: list[_Tested], n_reviewers: int) -> FloatArray:
    """The earliest change of each reviewer's agreement or gold items for the worse."""
    found = np.full(n_reviewers, np.nan)
    for one in tested:
        if one.changed and one.change is not None and one.sequence.name in ("agreement", "gold"):
            blocks, place = one.sequence.blocks(), one.change.place
            if blocks.score[place:].mean() < blocks.score[:place].mean():
                found[one.sequence.reviewer] = np.fmin(found[one.sequence.reviewer], blocks.time[place])
    return found


def _note(times: TimedVotes, few: str) -> str | None:
    untimed = times.time.size - int(times.timed.sum())
    said = f"{untimed:,} votes without a time are left out{_unreadable(times)}" if untimed else ""
    pace = (
        ""
        if np.isnan(times.seconds).all()
        else f"pace is tested over blocks of {PACE_BLOCK} votes, from {FEWEST_UNITS * PACE_BLOCK} on"
    )
    return "; ".join(text for text in (few, said, pace) if text) or None


def _unreadable(times: TimedVotes) -> str:
    return f" ({times.unreadable:,} times are not ISO 8601)" if times.unreadable else ""
