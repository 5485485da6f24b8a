"""The verdict on the labels, its grounds, and how much was labelled."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import count, decimal, sentence
from panel_eval.report.part import Part, filled
from panel_eval.schema.label_quality import DeliverySize, LabelQuality

_DECIDES: Final = {
    "not_usable": "not usable as it stands",
    "undecided": "cannot be told",
    "reservations": "usable with reservations",
    "sound": "sound",
}


def soundness_part(quality: LabelQuality) -> Part:
    """What was found against the labels, and what could not be looked at."""
    verdict = quality.verdict
    unchecked = tuple(sentence(f"Not checked: {text}") for text in verdict.not_checked)
    return Part(
        "soundness",
        "May these labels be relied on?",
        (*verdict.sentences, *unchecked, *map(sentence, quality.notes)),
        filled(_grounds(quality), _size(quality.size)),
    )


def _grounds(quality: LabelQuality) -> Table:
    rows = tuple(Row(ground.text, (Cell(_DECIDES[ground.decides]),)) for ground in quality.verdict.grounds)
    return Table("What stands behind the verdict", ("finding", "leaves them, at best"), rows)


def _size(size: DeliverySize) -> Table:
    counts: list[tuple[str, int | None]] = [
        ("items", size.items),
        ("votes", size.votes),
        ("reviewers", size.reviewers),
        ("origins (clusters)", size.clusters),
        ("gold items", size.gold_items),
        ("adjudicated items", size.adjudicated_items),
        ("items without whole votes", size.effective_counts_only),
        ("labels that nobody chose", len(size.labels_never_used)),
    ]
    rows = [Row(name, (Cell(count(value)), Cell(""))) for name, value in counts if value]
    spreads = (
        (
            "reviewers an item",
            size.reviewers_per_item_min,
            size.reviewers_per_item_mean,
            size.reviewers_per_item_max,
        ),
        (
            "items a reviewer",
            size.items_per_reviewer_min,
            size.items_per_reviewer_mean,
            size.items_per_reviewer_max,
        ),
    )
    for name, low, mean, high in spreads:
        if low is not None and mean is not None and high is not None:
            rows.append(Row(name, (Cell(decimal(mean, 1)), Cell(f"{count(low)} to {count(high)}"))))
    return Table("How much was labelled", ("what", "number", "least to most"), tuple(rows))
