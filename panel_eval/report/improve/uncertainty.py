"""Why the panel is unsure, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.position_bias import position_table
from panel_eval.report.numbers import sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.schema.uncertainty_metrics import Source, Uncertainty, UncertaintyPart

_QUESTION: Final = "Why is it unsure?"
_SOURCES: Final[dict[Source, str]] = {
    "judges": "between judges",
    "prompts": "between prompts",
    "label_orders": "order of the labels",
    "samples": "asking again",
}


def uncertainty_part(uncertainty: Uncertainty) -> Part:
    """The parts of the votes' variance with their remedies, and position bias by judge; or why none of it."""
    if uncertainty.total.estimate is None:
        return Part("unsure", _QUESTION, (), (), advice=uncertainty.advice)
    return Part(
        "unsure",
        _QUESTION,
        said(
            *_remedies(uncertainty.parts), *_not_told(uncertainty), *(sentence(note) for note in uncertainty.notes)
        ),
        filled(parts_table(uncertainty)),
        filled(position_table(uncertainty.position_bias)),
        advice=uncertainty.advice,
    )


def _remedies(parts: Sequence[UncertaintyPart]) -> list[str]:
    """What helps against each part; nothing for a whole that is one part, as the advice says it."""
    return [f"{_named(part).capitalize()}: {part.remedy}." for part in parts] if len(parts) > 1 else []


def _not_told(uncertainty: Uncertainty) -> list[str | None]:
    """What has no part of its own, but where the parts name it; and why no position bias is shown."""
    joined = {source for part in uncertainty.parts for source in part.sources}
    untold = {source: why for source, why in uncertainty.not_told.items() if source not in joined}
    note = None if "label_orders" in untold else uncertainty.position_note
    return [
        *(f"{_SOURCES[source].capitalize()}: {why}." for source, why in untold.items()),
        sentence(note) if note else None,
    ]


def parts_table(uncertainty: Uncertainty) -> Table:
    """Each part of the chance that two votes on an item disagree."""
    rows = [
        Row(
            _named(part),
            (estimate_cell(part.variance), estimate_cell(part.share, as_percent=True)),
        )
        for part in uncertainty.parts
    ]
    rows.append(Row("total", (estimate_cell(uncertainty.total), Cell("")), emphasis=True))
    columns = ("part", "chance to disagree", "share")
    return Table("Why two votes on the same item differ", columns, tuple(rows))


def _named(part: UncertaintyPart) -> str:
    return " and ".join(_SOURCES[source] for source in part.sources)
