"""An explanation as one self-contained, offline page: no script, no request, every text from data escaped."""

from __future__ import annotations

from typing import Any, Final

from panel_eval.report.explanation.tables import (
    adjudication_line,
    answer_of,
    class_line,
    judges_table,
    order_of,
    pairs_table,
    shares_table,
    shown_shares,
)
from panel_eval.report.explanation.terminal import words
from panel_eval.report.numbers import decimal, percent, sentence
from panel_eval.report.page import page_environment
from panel_eval.report.part import filled
from panel_eval.report.printable import cut, cut_line
from panel_eval.schema.explanation import Explanation

TEXT_CHARS: Final = 4_000
REASON_CHARS: Final = 1_200
NAME_CHARS: Final = 80
MOST_TERMS: Final = 12


def render_explanation(found: Explanation) -> str:
    """The whole page as text; texts are cut, so that no rationale makes it large."""
    environment = page_environment()
    environment.globals.update(
        percent0=lambda value: percent(value, 0),
        decimal=decimal,
        words=words,
        answer_of=answer_of,
        order_of=order_of,
        name=lambda text: cut_line(text, NAME_CHARS),
        text=lambda text: cut(text, TEXT_CHARS),
        reason=lambda text: cut(text, REASON_CHARS),
    )
    return environment.get_template("explanation.html.j2").render(_context(found))


def _context(found: Explanation) -> dict[str, Any]:
    return {
        "found": found,
        "shares": shares_table(found),
        "bars": shown_shares(found),
        "judges": judges_table(found),
        "pairs": filled(pairs_table(found)),
        "class_line": class_line(found),
        "adjudicated": adjudication_line(found, REASON_CHARS),
        "notes": [sentence(note) for note in found.notes],
        "most_terms": MOST_TERMS,
    }
