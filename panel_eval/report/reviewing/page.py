"""Reviewers as one self-contained, offline page: no script, no request, every text from data escaped."""

from __future__ import annotations

from typing import Any, Final

from panel_eval.report.numbers import count, percent, sentence
from panel_eval.report.page import page_environment
from panel_eval.report.part import filled
from panel_eval.report.printable import cut_line
from panel_eval.report.reviewing.lines import drift_lines
from panel_eval.report.reviewing.tables import (
    LABEL_CHARS,
    concern_lines,
    confusion_table,
    drift_table,
    in_order,
    name_of,
    overview_table,
    pace_table,
    sharpness_line,
    votes_table,
)
from panel_eval.schema.reviewer_confusion import ReviewerConfusion
from panel_eval.schema.reviewer_report import ReviewerReport

MOST_REVIEWERS: Final = 100
MOST_CONCERNS: Final = 50
MOST_MATRICES: Final = 24
MOST_LABELS: Final = 8
"""Larger matrices are drawn without numbers in their cells."""
MOST_LINES: Final = 24
MOST_VOTES: Final = 40
_FULL: Final = 45
"""Percent of colour in a cell of share 1: the number on it stays readable."""


def render_reviewers(found: ReviewerReport) -> str:
    """The whole page as text; long lists are cut, so that no delivery makes it large."""
    environment = page_environment()
    environment.globals.update(percent0=lambda value: percent(value, 0), name=name_of, sentence=sentence)
    return environment.get_template("reviewers.html.j2").render(_context(found))


def _context(found: ReviewerReport) -> dict[str, Any]:
    ordered = in_order(found)
    one = len(found.standings) == 1
    return {
        "found": found,
        "title": name_of(found.standings[0].reviewer) if one else "Reviewers",
        "named": bool(found.standings),
        "overview": filled(overview_table(found, MOST_REVIEWERS)),
        "concerns": [] if one else concern_lines(found, MOST_CONCERNS),
        "confusion": filled(confusion_table(found, ordered[:MOST_REVIEWERS])),
        "labels": [cut_line(label, LABEL_CHARS) for label in found.labels],
        "numbers": len(found.labels) <= MOST_LABELS,
        "matrices": [_matrix(each) for each in ordered[:MOST_MATRICES]],
        "matrices_left": max(0, len(ordered) - MOST_MATRICES),
        "sharpness": sharpness_line(found),
        "lines": drift_lines(found, MOST_LINES),
        "changed": filled(drift_table(found, changed=True, most=MOST_REVIEWERS)),
        "unchanged": filled(drift_table(found, changed=False, most=MOST_REVIEWERS)),
        "pace": filled(pace_table(found, MOST_REVIEWERS)),
        "votes": filled(votes_table(found.review.votes, MOST_VOTES, found.review.flagged)),
        "reasons": [
            (count(found.review.by_reason[code]), text)
            for code, text in found.review.reason_texts.items()
            if found.review.by_reason.get(code)
        ],
        "notes": [sentence(note) for note in (*found.notes, *_notes(found))],
    }


def _notes(found: ReviewerReport) -> list[str]:
    return [note for note in (found.reviewers.note, found.gold.note, found.review.note) if note]


def _matrix(one: ReviewerConfusion) -> dict[str, Any]:
    """A small multiple: rows of (share as text, percent of colour, interval)."""
    matrix = one.matrix
    return {
        "reviewer": name_of(one.reviewer),
        "votes": count(one.votes),
        "rows": [
            [
                (percent(share, 0), round(_FULL * share), f"{percent(low, 0)} to {percent(high, 0)}")
                for share, low, high in zip(matrix.share[t], matrix.low[t], matrix.high[t], strict=True)
            ]
            for t in range(len(matrix.share))
        ],
        "rests_on": [f"{votes:.0f}" for votes in matrix.votes],
    }
