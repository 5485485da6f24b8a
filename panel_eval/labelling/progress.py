"""How far a study is: for whoever leads it, from its events alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from panel_eval.labelling.answers import Answer, Answers
from panel_eval.labelling.names import known_spelling
from panel_eval.labelling.opening import opened_by
from panel_eval.schema.labelling_log import LabellingEvent

QUICK_S = 2.0
"""Nobody reads an item and weighs labels in less."""


@dataclass(frozen=True)
class ReviewerProgress:
    """How far one reviewer is.

    Attributes:
        reviewer: the name.
        labelled: items with a label in force.
        left: items without one.
        with_confidence, with_evidence: of the labelled ones.
        changed: labels that replaced another one, or withdrew it.
        median_s: median time on a labelled item, seconds; None where no time is known.
        quick: labels given in less than `QUICK_S`.
        left_s: the time that the items left would take at the median, seconds; None if unknown.
        last_at: when the last label came, UTC; None if there was none.
    """

    reviewer: str
    labelled: int
    left: int
    with_confidence: int
    with_evidence: int
    changed: int
    median_s: float | None
    quick: int
    left_s: float | None
    last_at: str | None


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is.

    Attributes:
        task: of the rubric.
        items: how many there are.
        reviewers: sorted by name.
        by_labels: number of labels to how many items have so many, from 0.
    """

    task: str
    items: int
    reviewers: tuple[ReviewerProgress, ...]
    by_labels: dict[int, int]


def study_progress(events: Sequence[LabellingEvent], asked: Sequence[str] = ()) -> StudyProgress:
    """How far a study is.

    Args:
        events: of its log.
        asked: reviewers who are to label; those who have not begun are listed too.
    """
    opened, answers = opened_by(events), Answers(events)
    items = list(opened.items)
    changes = Counter(event.reviewer for event in events if event.event in ("changed", "withdrawn"))
    last = {event.reviewer: event.at for event in events if event.reviewer is not None}
    names = sorted({*answers.reviewers, *(known_spelling(name, answers.reviewers) or name for name in asked)})
    reviewers = tuple(
        _progress(name, list(answers.of(name).values()), len(items), changes[name], last.get(name))
        for name in names
    )
    return StudyProgress(
        opened.task, len(items), reviewers, dict(sorted(Counter(len(answers.on(one)) for one in items).items()))
    )


def _progress(name: str, own: Sequence[Answer], items: int, changed: int, last: str | None) -> ReviewerProgress:
    given = [answer.event for answer in own if answer.label is not None]
    times = [event.seconds for event in given if event.seconds is not None]
    middle = median(times) if times else None
    left = max(0, items - len(given))
    return ReviewerProgress(
        reviewer=name,
        labelled=len(given),
        left=left,
        with_confidence=sum(event.confidence is not None for event in given),
        with_evidence=sum(event.evidence is not None for event in given),
        changed=changed,
        median_s=middle,
        quick=sum(seconds < QUICK_S for seconds in times),
        left_s=None if middle is None else middle * left,
        last_at=last,
    )
