"""DICES: safety of conversations with a language model, rated by people of many backgrounds, one row a rater.

Written for the tables diverse_safety_adversarial_dialog_350.csv and _990.csv of
github.com/google-research-datasets/dices-dataset, whose README describes the columns. Aroyo et al. (2023),
"DICES Dataset: Diversity in Conversational AI Evaluation for Safety", NeurIPS Datasets and Benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from panel_eval.errors import shorten
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.tables import Row, Table, open_table
from panel_eval.importing.values import identifier, number, text

OVERALL = "Q_overall"
_ANSWERS = ("No", "Unsure", "Yes")
_NOT_SAFETY = "Q1"
_SHOWN = 8
ROLES = {
    "item": ("item_id",),
    "reviewer": ("rater_id",),
    "label": (OVERALL.casefold(),),
    "seconds": ("answer_time_ms",),
    "at": ("answer_timestamp",),
    "gold": (),
}
_CONTENT = ("context", "response")
_KEPT = ("degree_of_harm", "harm_type", "safety_gold", "safety_gold_reason")


def _read(source: Source) -> Iterator[Entry]:
    with open_table(source.path) as table:
        needed = ("item", "reviewer", "label")
        named = source.mapping.fields
        places = {
            role: (table.needed if role in needed else table.place)(role, names, named.get(role))  # type: ignore[call-overload]
            for role, names in ROLES.items()
        }
        question = table.columns[places["label"]]  # type: ignore[index]
        if question.startswith("Q") and not question.startswith(_NOT_SAFETY):
            yield LabelSet(_ANSWERS, "nominal")
        others = [name for name in table.columns if name.startswith("Q") and name != question]
        shown = ", ".join(shorten(name, 60) for name in others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
        also = f"; --field label=COLUMN reads one of {shown}" if others else ""
        yield Note(f"the question read is {question}{also}")
        yield from _rows(table, places, source)


def _rows(table: Table, places: Mapping[str, int | None], source: Source) -> Iterator[Entry]:
    fields = source.mapping.content or [name for name in _CONTENT if name in table.columns]
    content = {name: table.needed("content", (name.casefold(),), name) for name in fields}
    kept = {name: table.columns.index(name) for name in _KEPT if name in table.columns}
    met: set[str] = set()
    for row in table.rows:
        if len(row.values) != len(table.columns):
            message = f"has another number of values than there are columns ({len(table.columns)})"
            yield Dropped("ragged", message, row.line, value=len(row.values), answers=1)
            continue

        def value(role: str, row: Row = row) -> Any:
            place = places[role]
            return None if place is None or row.values[place] == "" else row.values[place]

        item_id = identifier(value("item"))
        if item_id is not None and item_id not in met:
            met.add(item_id)
            gold = value("gold")
            yield Item(item_id, _texts(row, content), gold_label=gold, metadata=_texts(row, kept), line=row.line)
        milliseconds = number(value("seconds"))
        yield Annotation(
            item_id,  # type: ignore[arg-type]
            identifier(value("reviewer")),
            value("label"),
            row.line,
            seconds=None if milliseconds is None else milliseconds / 1000,
            at=_moment(value("at")),
        )


def _texts(row: Row, places: Mapping[str, int]) -> dict[str, str]:
    return {name: found for name, place in places.items() if (found := text(row.values[place])) is not None}


def _moment(value: Any) -> Any:
    """A time as it stands; seconds or milliseconds since 1970 written as text are numbers."""
    found = number(value)
    return value if found is None else found


FORMAT = Format(
    name="dices",
    title="DICES-350 and DICES-990: safety of conversations, one row a rater and conversation",
    example="id,rater_id,…,item_id,…,context,response,degree_of_harm,…,Q_overall",
    read=_read,
    roles=ROLES,
    page="import/dices.md",
)
