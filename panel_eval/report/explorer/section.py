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
SCRIPT_PARTS: Final = ("data", "choosing", "rows", "item", "address", "keys", "beginning")
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
    frame = {
        "rows": static_rows(run, most_telling(run.items, STATIC_ITEMS)),
        "script": Markup(f"<script>{script()}</script>"),
        "rule": RULE,
        "total": len(run.items),
        "many_labels": len(run.metrics.labels),
    }
    empty = template.render(**frame, data=Markup(""), shown=0, lengths=LADDER[-1], cut=True)
    fitted = _fitted(run, room - len(empty.encode()))
    return template.render(**frame, data=fitted.data, shown=fitted.shown, lengths=fitted.lengths, cut=fitted.cut)


def content_security_policy() -> str:
    """The policy of a page with the explorer: this one script by its hash, no request to anywhere."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def script() -> str:
    """The explorer's script, as it stands in the page between its tags: its parts in one scope of their own."""
    folder = resources.files("panel_eval.report") / "templates" / "explorer"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPT_PARTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@dataclass(frozen=True)
class _Fitted:
    """The items as JSON, how many they are, how long their texts may be, and whether any is longer."""

    data: Markup
    shown: int
    lengths: Lengths
    cut: bool


def _fitted(run: RunView, room: int) -> _Fitted:
    """The longest texts that fit; where even the shortest do not, fewer items."""
    told, limit = _told(run), MAX_ITEMS
    while True:
        columns = ItemColumns(run, most_telling(run.items, limit))
        lengths, data = _longest(columns, told, room)
        size = len(data.encode())
        if size <= room or not len(columns):
            return _Fitted(data, len(columns), lengths, columns.texts_cut(lengths))
        limit = min(len(columns) - 1, int(0.98 * len(columns) * max(room, 0) / size))


def _longest(columns: ItemColumns, told: dict[str, Any], room: int) -> tuple[Lengths, Markup]:
    """The first step of the ladder that fits, the last one if none does: mostly the first, or found by halving."""
    found: dict[int, Markup] = {}
    low, high = 0, len(LADDER) - 1
    while low < high or low not in found:
        middle = (low + high) // 2 if found else 0
        found[middle] = json_in_page({**told, **columns.document(LADDER[middle])})
        low, high = (low, middle) if len(found[middle].encode()) <= room else (min(middle + 1, high), high)
    return LADDER[low], found[low]


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
