"""The items that moved most, as the page shows them: both sides' bars and votes, all texts cut and printable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel_eval.report.comparison.words import signed
from panel_eval.report.numbers import NO_NUMBER
from panel_eval.report.printable import cut, cut_line
from panel_eval.schema.comparison import CandidateComparison, MovedItem

MAX_ITEMS: Final = 60
MAX_LABELS: Final = 12
MAX_JUDGES: Final = 40
NAME_CHARS: Final = 80
CONTENT_CHARS: Final = 600
VOTE_CHARS: Final = 200
PREVIEW_CHARS: Final = 140


@dataclass(frozen=True)
class LabelBars:
    """One label: the share of reviewers and the mass of both panels; None where there is no forecast."""

    label: str
    human: float
    base: float | None
    candidate: float | None


@dataclass(frozen=True)
class JudgeVotes:
    """What one judge said on both sides."""

    judge: str
    base: str
    candidate: str


@dataclass(frozen=True)
class MovedView:
    """One item as the page shows it."""

    item_id: str
    human_class: str
    difference: str
    worse: bool
    reviewers: str
    preview: str
    content: tuple[tuple[str, str], ...]
    bars: tuple[LabelBars, ...]
    labels_left_out: int
    votes: tuple[JudgeVotes, ...]
    judges_left_out: int


def moved_views(candidate: CandidateComparison, labels: Sequence[str]) -> Iterator[MovedView]:
    """At most `MAX_ITEMS` items, in the order of the comparison.

    Args:
        candidate: the comparison.
        labels: of the task, in its order.
    """
    for item in candidate.moved[:MAX_ITEMS]:
        yield _view(item, labels)


def _view(item: MovedItem, labels: Sequence[str]) -> MovedView:
    bars, votes = _bars(item, labels), _votes(item)
    content = tuple((cut_line(name, NAME_CHARS), cut(text, CONTENT_CHARS)) for name, text in item.content.items())
    return MovedView(
        item_id=cut_line(item.item_id, NAME_CHARS),
        human_class=item.human_class,
        difference=signed(item.difference_bits),
        worse=item.difference_bits > 0,
        reviewers=f"{sum(item.human_counts.values()):g}",
        preview=cut_line(" · ".join(text for _, text in content), PREVIEW_CHARS),
        content=content,
        bars=tuple(bars[:MAX_LABELS]),
        labels_left_out=max(len(bars) - MAX_LABELS, 0),
        votes=tuple(votes[:MAX_JUDGES]),
        judges_left_out=max(len(votes) - MAX_JUDGES, 0),
    )


def _bars(item: MovedItem, labels: Sequence[str]) -> list[LabelBars]:
    """One a label; where labels are many, those with the most mass first."""
    total = sum(item.human_counts.values()) or 1.0
    bars = [
        LabelBars(
            cut_line(label, NAME_CHARS),
            item.human_counts.get(label, 0.0) / total,
            item.base.forecast.get(label, 0.0) if item.base.forecast else None,
            item.candidate.forecast.get(label, 0.0) if item.candidate.forecast else None,
        )
        for label in labels
    ]
    if len(bars) > MAX_LABELS:
        bars.sort(key=lambda bar: -max(bar.human, bar.base or 0.0, bar.candidate or 0.0))
    return bars


def _votes(item: MovedItem) -> list[JudgeVotes]:
    judges = sorted(item.base.votes.keys() | item.candidate.votes.keys())
    return [
        JudgeVotes(cut_line(judge, NAME_CHARS), _said(item.base.votes, judge), _said(item.candidate.votes, judge))
        for judge in judges
    ]


def _said(votes: Mapping[str, Sequence[str]], judge: str) -> str:
    """A judge's votes, equal ones counted."""
    words = Counter(votes.get(judge, ()))
    return (
        cut_line(", ".join(text if n == 1 else f"{text} ×{n}" for text, n in words.items()), VOTE_CHARS)
        or NO_NUMBER
    )
