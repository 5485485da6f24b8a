"""The section "Items" of the page: a table of a few items for paper, and the explorer's data and script."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from markupsafe import Markup

from panel_eval.report.explorer.choosing import RULE, most_telling
from panel_eval.report.explorer.command import shell_word
from panel_eval.report.explorer.document import ItemColumns, Lengths
from panel_eval.report.explorer.embedding import json_in_page
from panel_eval.report.explorer.static_table import static_rows
from panel_eval.report.page import page_environment
from panel_eval.report.view import RunView

MAX_ITEMS: Final = 2000
STATIC_ITEMS: Final = 20
LADDER: Final = (
    Lengths(), Lengths(2000, 1000), Lengths(1200, 600), Lengths(800, 400), Lengths(500, 250), Lengths(300, 150),
    Lengths(180, 100), Lengths(100, 60), Lengths(100, 60, judge_labels=3), Lengths(60, 40, judge_labels=1),
    Lengths(40, 0, judge_labels=0),
)  # fmt: skip
"""How much of each text is embedded: the first that fits. Texts are cut before an item is dropped."""


def explorer(run: RunView, room: int) -> str:
    """The inside of the section: all that shows items, in at most `room` bytes of UTF-8 where that can be.

    Args:
        run: the results.
        room: bytes left on the page.

    Returns:
        HTML, every text in it escaped.
    """
    template = page_environment().get_template("explorer.html.j2")
    chosen = most_telling(run.items, MAX_ITEMS)
    columns = ItemColumns(run, chosen)
    told = _told(run)
    frame = {
        "rows": static_rows(run, most_telling(run.items, STATIC_ITEMS)),
        "script": Markup(f"<script>{script()}</script>"),
        "rule": RULE,
        "total": len(run.items),
        "many_labels": len(run.metrics.labels),
    }
    empty = template.render(**frame, data=Markup(""), shown=len(columns), lengths=LADDER[-1], cut=True)
    fitted = _fitted(columns, told, room - len(empty.encode()))
    cut = columns.texts_cut(fitted.lengths)
    return template.render(**frame, data=fitted.data, shown=fitted.shown, lengths=fitted.lengths, cut=cut)


def content_security_policy() -> str:
    """The policy of a page with the explorer: this one script by its hash, no request to anywhere."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def script() -> str:
    """The explorer's script, as it stands in the page between its tags."""
    return (resources.files("panel_eval.report") / "templates" / "explorer.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Fitted:
    data: Markup
    shown: int
    lengths: Lengths


def _fitted(columns: ItemColumns, told: dict[str, Any], room: int) -> _Fitted:
    """The longest texts that fit, found by halving the ladder; at its end fewer items."""

    def data(lengths: Lengths, first: int | None = None) -> Markup:
        return json_in_page({**told, **columns.document(lengths, first)})

    def fits(text: Markup) -> bool:
        return len(text.encode()) <= room

    low, high = 0, len(LADDER) - 1
    found: dict[int, Markup] = {}
    while low < high:
        middle = (low + high) // 2
        found[middle] = data(LADDER[middle])
        low, high = (low, middle) if fits(found[middle]) else (middle + 1, high)
    text, shown = found.get(low) or data(LADDER[low]), len(columns)
    while not fits(text) and shown:
        shown = min(shown - 1, int(shown * max(room, 0) / len(text.encode()) * 0.98))
        text = data(LADDER[low], shown)
    return _Fitted(text, shown, LADDER[low])


def _told(run: RunView) -> dict[str, Any]:
    """What the script says that is not of a single item."""
    diagnosis = run.metrics.diagnosis
    tallies = {} if diagnosis is None else diagnosis.diagnoses
    return {
        "total": len(run.items),
        "run": None if run.folder is None else shell_word(run.folder),
        "policy": run.decided is not None,
        "diagnoses": {name: [tally.meaning, tally.advice] for name, tally in tallies.items()},
    }
