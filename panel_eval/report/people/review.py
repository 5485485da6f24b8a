"""Items to look at again, and items that were decided over the reviewers' heads."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import count, decimal, percent, share
from panel_eval.report.part import Part, filled, said
from panel_eval.report.printable import cut_line
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.label_review import Adjudication, ItemReview, ReasonCount

_SHOWN: Final = 12
_ID_CHARS: Final = 40
_TEXT_CHARS: Final = 160


def review_part(quality: LabelQuality) -> Part | None:
    """Flagged items by reason, and the first of them; None where nothing is flagged."""
    review, items = quality.review, quality.size.items
    if not review.flagged:
        return None
    sentences = said(
        f"{count(review.flagged)} of {count(items)} items ({share(review.flagged, items)}) have a reason to be "
        "looked at again. That reviewers disagree is none of the reasons.",
        "The score is a chance of error times how far the item's shares would move. The chance is that of a model "
        "of random slips, made to put items in order: it does not say that a minority is wrong.",
        "All flagged items are in items.parquet: review_score, review_reasons.",
    )
    return Part(
        "review", "Which items should be looked at again?", sentences, filled(_reasons(review), _items(review))
    )


def _reasons(review: ItemReview) -> Table:
    rows = tuple(
        Row(review.reason_texts.get(code, code), (Cell(count(items)),))
        for code, items in review.by_reason.items()
        if items
    )
    return Table("Reasons; an item may have several", ("reason", "items"), rows)


def _items(review: ItemReview) -> Table:
    rows = tuple(
        Row(
            cut_line(item.item_id, _ID_CHARS),
            (
                Cell(decimal(item.score, 3)),
                Cell(percent(item.chance_of_error, 0)),
                Cell(percent(item.influence, 0)),
                Cell(_votes(item.votes)),
                Cell(cut_line("; ".join(item.reasons), _TEXT_CHARS)),
            ),
        )
        for item in review.items[:_SHOWN]
    )
    caption = "Flagged items" if review.flagged <= _SHOWN else f"The {_SHOWN} flagged items with the highest scores"
    return Table(caption, ("item", "score", "chance of error", "shares move by", "votes", "reasons"), rows)


def adjudication_part(quality: LabelQuality) -> Part | None:
    """What was adjudicated, and whether a disagreement was lost with it; None where nothing was."""
    found = quality.adjudication
    if not found.items and not found.kept_reasons:
        return None
    return Part(
        "adjudication",
        "Was anything decided over the reviewers' heads?",
        said(_told(found), _against(found)),
        filled(_reason_table("Why items were adjudicated", found.reasons), _examples(found)),
        filled(_reason_table("Why items were left as they are", found.kept_reasons)),
    )


def _told(found: Adjudication) -> str:
    if not found.items:
        return "No item was adjudicated."
    if found.items == 1:
        split = "were split: where the disagreement was honest, one label says less than they did"
        return f"One item was adjudicated; its votes {split if found.split_items else 'were not split'}."
    if not found.split_items:
        return f"{count(found.items)} items were adjudicated, none of them split."
    return (
        f"{count(found.items)} items were adjudicated, {count(found.split_items)} of them split (major or "
        "unresolved): where the disagreement was honest, one label says less than the votes did. Read the reasons."
    )


def _against(found: Adjudication) -> str | None:
    if not found.against_votes:
        return None
    nobody = f", {count(found.chosen_by_nobody)} to one that nobody chose" if found.chosen_by_nobody else ""
    were = "was" if found.against_votes == 1 else "were"
    return f"{count(found.against_votes)} {were} given a label that was not the most frequent one{nobody}."


def _reason_table(caption: str, reasons: list[ReasonCount]) -> Table:
    rows = tuple(
        Row(cut_line(one.reason, _TEXT_CHARS), (Cell(count(one.items)), Cell(count(one.split_items))))
        for one in reasons[:_SHOWN]
    )
    return Table(caption, ("reason", "items", "of these split"), rows)


def _examples(found: Adjudication) -> Table:
    rows = tuple(
        Row(
            cut_line(item.item_id, _ID_CHARS),
            (
                Cell(cut_line(item.label, _ID_CHARS)),
                Cell(percent(item.share, 0)),
                Cell(_votes(item.votes)),
                Cell(item.disagreement_class),
                Cell(cut_line(item.reason, _TEXT_CHARS)),
            ),
        )
        for item in found.examples[:_SHOWN]
    )
    columns = ("item", "adjudicated label", "chose it", "votes", "class of the votes", "reason")
    return Table("Adjudicated items, split ones first", columns, rows)


def _votes(votes: dict[str, float]) -> str:
    told = (
        f"{cut_line(label, 24)}: {decimal(n, 0 if n == round(n) else 1)}" for label, n in list(votes.items())[:8]
    )
    return ", ".join(told) + (" …" if len(votes) > 8 else "")
