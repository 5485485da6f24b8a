"""Drift lines: each reviewer's score over the reviewer's own sequence, on one scale a measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from panel_eval.report.reviewing.tables import DRIFT_TITLES, drift_value, name_of
from panel_eval.schema.reviewer_drift import DriftMeasure, DriftName
from panel_eval.schema.reviewer_report import ReviewerReport

WIDTH: Final = 100
HEIGHT: Final = 40
_EDGE: Final = 4


@dataclass(frozen=True)
class DriftLine:
    """One measure of one reviewer as a line.

    Attributes:
        title: of the measure.
        path: SVG path within `WIDTH` × `HEIGHT`.
        zero: height of the line that means no difference, None where there is none.
        words: the line in words, for those who do not see it.
        first, last: first and last value as text.
        changed: whether the measure is told to have changed.
    """

    title: str
    path: str
    zero: float | None
    words: str
    first: str
    last: str
    changed: bool


def drift_lines(found: ReviewerReport, most: int) -> list[tuple[str, list[DriftLine]]]:
    """(reviewer, lines) of those with a sequence, in the order of the standings; who changed comes first."""
    own = {one.reviewer: one.measures for one in found.drift.reviewers}
    ranges = _ranges([measures for measures in own.values()])
    drawn = [
        (one.reviewer, own[one.reviewer])
        for one in found.standings
        if one.reviewer in own and any(measure.parts for measure in own[one.reviewer].values())
    ]
    drawn.sort(key=lambda pair: not any(measure.changed for measure in pair[1].values()))
    return [
        (
            name_of(reviewer),
            [_line(name, measure, ranges[name]) for name, measure in measures.items() if measure.parts],
        )
        for reviewer, measures in drawn[:most]
    ]


def _ranges(everyone: list[dict[DriftName, DriftMeasure]]) -> dict[DriftName, tuple[float, float]]:
    """Lowest and highest value of each measure over all reviewers, 0 held where it means no difference."""
    values: dict[DriftName, list[float]] = {}
    for measures in everyone:
        for name, measure in measures.items():
            values.setdefault(name, []).extend(part.mean for part in measure.parts)
    found: dict[DriftName, tuple[float, float]] = {}
    for name, seen in values.items():
        held = [0.0, 1.0] if name == "gold" else [0.0]
        seen = [*seen, *held]
        found[name] = (min(seen), max(seen) if max(seen) > min(seen) else min(seen) + 1.0)
    return found


def _line(name: DriftName, measure: DriftMeasure, ends: tuple[float, float]) -> DriftLine:
    low, high = ends
    room = HEIGHT - 2 * _EDGE

    def height(value: float) -> float:
        return HEIGHT - _EDGE - room * (value - low) / (high - low)

    step = WIDTH / max(1, len(measure.parts) - 1)
    points = [f"{place * step:.1f} {height(part.mean):.1f}" for place, part in enumerate(measure.parts)]
    told = [drift_value(name, part.mean) for part in measure.parts]
    return DriftLine(
        title=DRIFT_TITLES[name],
        path=f"M{' L'.join(points)}",
        zero=round(height(0.0), 1) if name in ("agreement", "severity") else None,
        words=f"{DRIFT_TITLES[name]}: {', '.join(told)}",
        first=told[0],
        last=told[-1],
        changed=measure.changed,
    )
