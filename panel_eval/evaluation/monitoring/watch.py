"""Streams of nights as the history tells them: levels, changes with their intervals, and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import finite_or_none
from panel_eval.evaluation.monitoring.evidence import Evidence, stream_evidence
from panel_eval.evaluation.monitoring.nights import ItemNight, Night, StreamItems, part_streams, scores
from panel_eval.evaluation.segments import MIN_UNITS
from panel_eval.schema import Estimate
from panel_eval.schema.history import Alarm, Stream, StreamNight
from panel_eval.stats.change_evidence import night_prior
from panel_eval.stats.confidence_sequence import mixing_scale, sequence_half_width
from panel_eval.stats.paired_means import paired_means

LEVEL = 0.05
"""Chance that an interval of changes ever misses."""
TARGET = 1_000
"""Differences around which these intervals are narrowest."""
_LARGEST = 1e300
"""Evidence is not told beyond this: a float cannot hold it."""


@dataclass(frozen=True)
class Series:
    """What the nights have in common.

    Attributes:
        panel: name of the panel.
        task: its task.
        instrument: digest of the instrument.
        began_because: why its streams began.
        current: whether the newest run of panel and task belongs to it.
        alpha: chance of a false alarm.
    """

    panel: str | None
    task: str
    instrument: str
    began_because: str
    current: bool
    alpha: float = 0.05


def watch(nights: Sequence[Night], series: Series) -> list[Stream]:
    """The streams of one instrument's nights.

    Where canary and fresh items are watched side by side, each takes half of alpha from then on, so that the two
    together raise a false alarm with probability alpha at most.

    Args:
        nights: in the order of time.
        series: what they have in common.
    """
    parts = part_streams(nights)
    place = {night.run_id: number for number, night in enumerate(nights)}
    begins = [place[part.watched_from.run_id] for part in parts if part.watched_from is not None]
    found = []
    for part in parts:
        own = 0 if part.watched_from is None else place[part.watched_from.run_id]
        kinds = [sum(begin <= max(own, place[night.run_id]) for begin in begins) for night in part.nights]
        found.append(_stream(part, np.maximum(kinds, 1) / series.alpha, series))
    return found


def _stream(part: StreamItems, thresholds: np.ndarray, series: Series) -> Stream:
    evidence = stream_evidence(part)
    return Stream(
        panel=series.panel,
        task=series.task,
        kind=part.kind,
        instrument=series.instrument,
        began_because=series.began_because,
        nights=[_night(part, evidence, number) for number in range(len(part.nights))],
        current=series.current,
        alarm_at=float(thresholds[-1]),
        alarm=_alarm(part, evidence, thresholds),
        note=_note(part, evidence),
    )


def _night(part: StreamItems, evidence: Evidence, number: int) -> StreamNight:
    night, items = part.nights[number], part.items[number]
    first = number == 0
    return StreamNight(
        run_id=night.run_id,
        started_at=night.started_at,
        n_items=len(items),
        level=_level(items),
        change=_since_first(evidence, number),
        evidence_mean=_told(evidence.mean[number]) if evidence.known[number] else None,
        evidence_ranks=None if first else _told(evidence.ranks[number]),
        evidence=None if first else _told(evidence.both[number]),
    )


def _told(log_value: float) -> float:
    return float(np.exp(min(float(log_value), np.log(_LARGEST))))


def _level(items: Sequence[ItemNight]) -> Estimate:
    known = [item for item in items if np.isfinite(item.score)]
    if not known:
        return Estimate(estimate=None, n=0, note="no item has a score")
    unit = np.unique([item.unit for item in known], return_inverse=True)[1]
    means = paired_means(scores(known)[:, None], np.ones((len(known), 1)), unit)
    few = means.n_units[0] < MIN_UNITS
    return Estimate(
        estimate=float(means.mean[0]),
        low=None if few else finite_or_none(means.low[0]),
        high=None if few else finite_or_none(means.high[0]),
        n=len(known),
        note=f"no interval: fewer than {MIN_UNITS} independent units" if few else None,
    )


def _since_first(evidence: Evidence, number: int) -> Estimate:
    if number == 0:
        return Estimate(estimate=None, n=0, note="the first night: there is nothing to compare it with")
    return _change(evidence, 1, number, LEVEL)


def _change(evidence: Evidence, start: int, number: int, level: float) -> Estimate:
    """Change from a night on, all nights up to another one together, with its confidence sequence."""
    contrasts = evidence.contrasts
    n, value = int(contrasts.units[start, number]), contrasts.difference[start, number]
    if not np.isfinite(value):
        return Estimate(estimate=None, n=n, note="no item with a score before and since")
    if n < MIN_UNITS:
        return Estimate(estimate=float(value), n=n, note=f"no interval: fewer than {MIN_UNITS} independent units")
    count, variance = contrasts.count[start, number], contrasts.variance[start, number]
    half = float(sequence_half_width(count, mixing_scale(TARGET, LEVEL), level) * np.sqrt(variance))
    note = None if variance > 0 else "no score has ever varied"
    return Estimate(estimate=float(value), low=float(value - half), high=float(value + half), n=n, note=note)


def _alarm(part: StreamItems, evidence: Evidence, thresholds: np.ndarray) -> Alarm | None:
    reached = np.flatnonzero(evidence.both >= np.log(thresholds))
    if not reached.size:
        return None
    when, last = int(reached[0]), len(part.nights) - 1
    # Where the evidence is strongest, it tells best since when: later nights may have changed again.
    strongest = when + int(np.argmax(evidence.both[when:]))
    ranks_alone = bool(evidence.mean[strongest] < np.log(thresholds[strongest]))
    start = evidence.likeliest_start(strongest, ranks_alone)
    prior = float(night_prior(last + 1)[start])
    change = _change(evidence, start, last, LEVEL * prior)
    risen = evidence.risen[start : strongest + 1].sum()
    then = risen if ranks_alone else evidence.contrasts.difference[start, max(when, start)]
    direction = "worse" if then > 0 else "better"
    who = "most scores" if ranks_alone else "the panel"
    return Alarm(
        run_id=part.nights[when].run_id,
        started_at=part.nights[when].started_at,
        direction=direction,
        since_run_id=part.nights[start].run_id,
        change=change,
        text=_alarm_text(part, when, start, change, f"{who} became {direction}"),
    )


_ITEMS: Mapping[str, str] = {"canary": "the items that are asked again", "fresh": "new items"}


def _alarm_text(part: StreamItems, when: int, start: int, change: Estimate, what: str) -> str:
    size = "by an unknown amount" if change.estimate is None else f"by {change.estimate:+.3f} bits"
    ends = "" if change.low is None or change.high is None else f" ({change.low:+.3f} to {change.high:+.3f})"
    # The strongest evidence may be of a later change than the one that raised the alarm.
    significant = "Significant since" if start <= when else "An earlier change was significant on"
    return (
        f"On {_ITEMS[part.kind]} {what}, most likely since {part.nights[start].run_id}: "
        f"mean cross-entropy has since changed {size}{ends}. {significant} {part.nights[when].run_id}."
    )


def _note(part: StreamItems, evidence: Evidence) -> str | None:
    notes = []
    if len(part.nights) == 1:
        notes.append("one night: nothing to compare with yet")
    elif not evidence.known[-1]:
        notes.append(f"fewer than {MIN_UNITS} independent units with scores before and since: ranks only")
    missing = sum(not np.isfinite(item.score) for items in part.items for item in items)
    if missing:
        notes.append(f"{missing} scores are missing or infinite and left out")
    return "; ".join(notes) or None
