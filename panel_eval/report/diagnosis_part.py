"""Why people and judges differ: the items by what both sides say together."""

from __future__ import annotations

from collections.abc import Iterable

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import clear_of, count, decimal, percent, range_text, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics
from panel_eval.schema.diagnosis import CountedShare, HumanQuadrants, Tally

_FINE = frozenset({"clear", "agreed", "indeterminate"})
"""Diagnoses that ask for nothing."""
_MOST_TOLD = 3
_LEVEL = 0.05


def diagnosis_part(metrics: Metrics) -> Part | None:
    """The diagnoses with what to do, then both sides; None in a run that was scored before they were told."""
    found = metrics.diagnosis
    if found is None:
        return None
    troubles = sorted(
        ((name, tally) for name, tally in found.diagnoses.items() if name not in _FINE and tally.items),
        key=lambda pair: -pair[1].items,
    )
    sentences = said(
        *(_trouble(name, tally) for name, tally in troubles[:_MOST_TOLD]),
        None if troubles else "On no item do people and judges differ in a way that asks for something.",
        _confidence_sentence(found.humans),
        *(sentence(note) for note in (found.humans.note, found.judges.note) if note),
    )
    return Part(
        "diagnosis",
        "Why do people and judges differ?",
        sentences,
        filled(_tally_table("What both sides say together", "diagnosis", found.diagnoses.items(), metrics)),
        folded=filled(
            _tally_table("The reviewers alone", "reviewers", found.humans.quadrants.items(), metrics),
            _tally_table("The reviewers' votes alone", "votes", found.humans.splits.items(), metrics),
            _tally_table("The judges alone", "judges", found.judges.quadrants.items(), metrics),
        ),
    )


def _trouble(name: str, tally: Tally) -> str:
    """What one kind of item means, and what to do with it."""
    told = f"{sentence(_words(name))[:-1]}, {_items(tally)}: {tally.meaning}"
    return f"{told} {tally.advice}" if tally.advice else told


def _items(tally: Tally) -> str:
    """How many items, and their share with its interval."""
    within = range_text(tally.share, as_percent=True)
    known = percent(tally.share.estimate) + (f", {within}" if within else "")
    return f"{count(tally.items)} {'item' if tally.items == 1 else 'items'} ({known})"


def _confidence_sentence(humans: HumanQuadrants) -> str | None:
    """Whether reviewers are less sure where they disagree, no surer than its test."""
    test = humans.confidence_test
    if test is None or test.spearman.estimate is None:
        return None
    value = f"rank correlation {decimal(test.spearman.estimate)} over {count(test.spearman.n)} items"
    if test.p_value is None:
        return f"Confidence and disagreement: {value}; too few items for a test."
    shown = test.p_value <= _LEVEL and (clear_of(test.spearman, 0.0) or test.spearman.low is None)
    p = f"p = {decimal(test.p_value, 4 if test.p_value < 0.001 else 3)}"
    if not shown:
        return f"That reviewers are less, or more, sure where they disagree is not shown ({value}, {p})."
    side = "less" if test.spearman.estimate < 0 else "more"
    return f"Reviewers are {side} sure where they disagree ({value}, {p})."


def _tally_table(caption: str, first: str, tallies: Iterable[tuple[str, Tally]], metrics: Metrics) -> Table:
    """Items of each kind that occurs, overall and by class."""
    classes = classes_present(metrics)
    rows = tuple(
        Row(
            _words(name),
            (
                Cell(count(tally.items)),
                estimate_cell(tally.share, as_percent=True),
                *(_class_cell(tally.by_class.get(own)) for own in classes),
            ),
        )
        for name, tally in sorted(tallies, key=lambda pair: -pair[1].items)
        if tally.items
    )
    return Table(caption, (first, "items", "share", *classes), rows)


def _class_cell(part: CountedShare | None) -> Cell:
    return Cell("") if part is None else estimate_cell(part.share, as_percent=True)


def _words(name: str) -> str:
    return name.replace("_", " ")
