"""Every reviewer at a glance, those with the gravest concerns first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from panel_eval.evaluation.label_quality.delivery import NamedVotes
from panel_eval.evaluation.label_quality.reviewers import LEVEL
from panel_eval.evaluation.reviewing.timed_votes import TimedVotes, in_order
from panel_eval.evaluation.reviewing.votes import FlaggedVotes
from panel_eval.schema.reviewer_drift import DriftMeasure, DriftName, ReviewerDrift
from panel_eval.schema.reviewer_quality import PassRate, ReviewerQuality
from panel_eval.schema.reviewer_report import Concern, ConcernCode, ReviewerStanding
from panel_eval.stats.arrays import IntArray

_GRAVITY = {code: place for place, code in enumerate(get_args(ConcernCode))}
_BETTER: tuple[DriftName, ...] = ("agreement", "gold")
"""Scores of which more is better."""


@dataclass(frozen=True)
class _Pace:
    """How one reviewer's labels came in."""

    first_at: str | None
    last_at: str | None
    median_seconds: float | None
    n_seconds: int
    longest_run: int | None
    longest_run_label: str | None


def standings(
    named: NamedVotes,
    times: TimedVotes,
    quality: Sequence[ReviewerQuality],
    drift: list[ReviewerDrift],
    flagged: FlaggedVotes,
    labels: tuple[str, ...],
) -> list[ReviewerStanding]:
    """All named reviewers: by their gravest concern, then by how little they agree beyond what is expected.

    Args:
        named: the votes.
        times: of them.
        quality: of each reviewer, in the order of their codes.
        drift: of those who are told of.
        flagged: votes to look at again.
        labels: names.
    """
    changes = {one.reviewer: one.measures for one in drift}
    orders = in_order(times, named)
    seconds = _by_reviewer(named)
    found = []
    for code, one in enumerate(quality):
        concerns = sorted(_concerns(one, changes.get(one.reviewer, {})), key=lambda each: _GRAVITY[each.code])
        pace = _pace(named, times, orders[code], seconds[code], labels)
        standing = ReviewerStanding(
            reviewer=one.reviewer,
            concerns=concerns,
            votes=one.votes,
            votes_to_review=int(flagged.by_reviewer[code]),
            **vars(pace),
        )
        found.append((_rank(concerns, one), standing))
    return [standing for _, standing in sorted(found, key=lambda pair: (*pair[0], pair[1].reviewer))]


def _rank(concerns: list[Concern], one: ReviewerQuality) -> tuple[int, int, float]:
    gravest = _GRAVITY[concerns[0].code] if concerns else len(_GRAVITY)
    difference = one.difference.estimate
    return gravest, -len(concerns), np.inf if difference is None else difference


def _concerns(one: ReviewerQuality, measures: dict[DriftName, DriftMeasure]) -> Iterator[Concern]:
    if one.gold.status == "fails":
        yield Concern(code="fails_gold", text=_gold(one.gold))
    if one.deviates:
        text = f"agrees {_points(one.difference.estimate)} points less with others than they do among themselves"
        yield Concern(code="agrees_too_little", text=f"{text} ({_range(one)})")
    if one.gold.status == "flagged":
        yield Concern(code="gold_unclear", text=_gold(one.gold))
    if one.severity is not None and one.severity_p_adjusted is not None and one.severity_p_adjusted <= LEVEL:
        steps = one.severity.estimate or 0.0
        side = "above" if steps > 0 else "below"
        yield Concern(code="stands_off", text=f"stands {abs(steps):.2f} steps {side} the others on average")
    for name, measure in measures.items():
        if measure.changed and measure.change is not None:
            worse = name in _BETTER and measure.change.after < measure.change.before
            yield Concern(code="got_worse" if worse else "changed", text=_change(name, measure))


def _gold(rate: PassRate) -> str:
    text = f"passed {rate.passed} of {rate.n} gold items"
    if rate.rate.low is None or rate.rate.high is None:
        return text
    return f"{text} (95% interval {rate.rate.low:.0%} to {rate.rate.high:.0%})"


def _points(share: float | None) -> str:
    return f"{abs(100.0 * (share or 0.0)):.0f}"


def _range(one: ReviewerQuality) -> str:
    low, high = one.difference.low, one.difference.high
    return "no interval" if low is None or high is None else f"{_points(high)} to {_points(low)}"


def _change(name: DriftName, measure: DriftMeasure) -> str:
    """What changed and when. Of the halves: before and after the change found are the two most uneven parts."""
    change, first, second = measure.change, measure.first_half, measure.second_half
    if change is None:
        return ""
    values = {
        "agreement": f"agreement beyond what is expected changed{_halves(first, second, '+.2f')}",
        "severity": f"steps above the others changed{_halves(first, second, '+.2f')}",
        "gold": f"share of gold items passed changed{_halves(first, second, '.0%')}",
        "pace": f"seconds a label changed{_halves(first, second, '.0f')}",
    }
    day = 16 if change.earliest[:10] == change.latest[:10] else 10  # within one day the minute is told
    at, earliest, latest = (text[:day].replace("T", " ") for text in (change.at, change.earliest, change.latest))
    return f"{values[name]}, about {at} ({earliest} to {latest})"


def _halves(first: float | None, second: float | None, form: str) -> str:
    if first is None or second is None:
        return ""
    told = [re.sub(r"^[+-](0\.0+)$", r"\1", format(value, form)) for value in (first, second)]
    return f" ({told[0]} in the first half of the votes, {told[1]} in the second)".replace("(-", "(−").replace(
        " -", " −"
    )


def _by_reviewer(named: NamedVotes) -> list[IntArray]:
    order = np.argsort(named.votes.reviewer, kind="stable")
    ends = np.cumsum(np.bincount(named.votes.reviewer, minlength=len(named.votes.reviewers)))
    return list(np.split(order, ends[:-1]))


def _pace(named: NamedVotes, times: TimedVotes, timed: IntArray, own: IntArray, labels: tuple[str, ...]) -> _Pace:
    seconds = times.seconds[own]
    stated = seconds[np.isfinite(seconds)]
    run, label = _longest_run(named.votes.label[timed])
    return _Pace(
        first_at=times.stamp(int(timed[0])) if timed.size else None,
        last_at=times.stamp(int(timed[-1])) if timed.size else None,
        median_seconds=float(np.median(stated)) if stated.size else None,
        n_seconds=int(stated.size),
        longest_run=run or None,
        longest_run_label=labels[label] if run else None,
    )


def _longest_run(label: IntArray) -> tuple[int, int]:
    """Length and label of the first longest run; (0, 0) of nothing."""
    if not label.size:
        return 0, 0
    starts = np.flatnonzero(np.append(True, label[1:] != label[:-1]))
    lengths = np.diff(np.append(starts, label.size))
    best = int(lengths.argmax())
    return int(lengths[best]), int(label[starts[best]])
