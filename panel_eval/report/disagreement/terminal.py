"""Where people disagree, in the terminal: classes, quadrants with their advice, criteria, items to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console

from panel_eval.report.allocation.terminal import votes_text
from panel_eval.report.cells import DAGGER, Cell, Row, Table, estimate_cell
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, sentence, share
from panel_eval.report.printable import cut_line
from panel_eval.schema.disagreement import CriterionDisagreement, Disagreement

WIDTH: Final = 100
NAME_CHARS: Final = 24
MOST_CRITERIA: Final = 15


def print_disagreement(found: Disagreement, console: Console) -> None:
    """Print what a reader needs first; plain and readable where the console is no terminal.

    Args:
        found: the document.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    votes = f"{count(found.n_votes)} votes on {count(found.n_items)} items"
    title = f"{cut_line(found.task, NAME_CHARS)}: where {votes} disagree"
    console.print(safe_text(title, "bold"), width=width)
    for said in found.sentences:
        console.print(safe_text(said), width=width)
    for table in _tables(found):
        if table.rows:
            console.print()
            console.print(grid(table, intervals=True, whole=False), width=width)
    for note in cautions(list(_tables(found))):
        console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
    _print_advice(found, console, width)
    for note in _notes(found):
        console.print(safe_text(sentence(note), "dim"), width=width)


def _tables(found: Disagreement) -> Iterator[Table]:
    yield _classes(found)
    yield _certainty(found)
    yield _quadrants(found)
    if found.criteria is not None:
        yield _criteria(found)
    yield _telling(found)


def _classes(found: Disagreement) -> Table:
    classes = found.classes
    rows = tuple(
        Row(
            name,
            (
                Cell(count(items)),
                Cell(share(items, found.n_items)),
                estimate_cell(classes.population[name], as_percent=True)
                if name in classes.population
                else Cell(NO_NUMBER),
                *(Cell(percent(classes.probability.get(name, {}).get(other), 0)) for other in classes.population),
            ),
        )
        for name, items in classes.counts.items()
        if items or name in classes.population
    )
    columns = ("class of the votes", "items", "share", "of everyone", *(f"→ {name}" for name in classes.population))
    return Table("Classes; → chance that everyone's class is that, given the votes", columns, rows)


def _certainty(found: Disagreement) -> Table:
    certainty = found.certainty
    rows = tuple(
        Row(title, (Cell(count(one.items)), estimate_cell(one.share, as_percent=True)))
        for title, one in (
            ("class at least 90% sure", certainty.above_90_percent),
            ("class at least 50% sure", certainty.above_50_percent),
            ("another class is likelier", certainty.unlikeliest),
        )
    )
    return Table(f"How sure the classes of {count(certainty.items)} items are", ("", "items", "share"), rows)


def _quadrants(found: Disagreement) -> Table:
    told = found.quadrants.quadrants if found.quadrants.n_with_confidence else found.quadrants.splits
    rows = tuple(
        Row(_words(name), (Cell(count(one.items)), estimate_cell(one.share, as_percent=True)))
        for name, one in told.items()
        if one.items
    )
    return Table("Split or agreed, sure or unsure", ("items that are", "items", "share"), rows)


def _print_advice(found: Disagreement, console: Console, width: int) -> None:
    told = found.quadrants.quadrants if found.quadrants.n_with_confidence else {}
    lines = [
        f"{_words(name)}: {one.advice}" for name, one in told.items() if one.items and one.advice
    ]  # fmt: skip
    if lines:
        console.print()
        console.print(safe_text("What to do", "bold"))
    for line in lines:
        console.print(safe_text(f"- {line}"), width=width)
    console.print()


def _criteria(found: Disagreement) -> Table:
    criteria = [] if found.criteria is None else [one for one in found.criteria.criteria if one.items]
    rows = tuple(
        Row(
            cut_line(one.name, NAME_CHARS),
            (
                Cell(count(one.items)),
                estimate_cell(one.split.share, as_percent=True),
                estimate_cell(one.rubric_problem.share, as_percent=True),
                estimate_cell(one.excess, as_percent=True),
                Cell(_p(one.excess_p_adjusted)),
                estimate_cell(one.slope, 2),
                Cell(_p(one.slope_p_adjusted)),
            ),
            emphasis=_stands_out(found, one),
        )
        for one in criteria[:MOST_CRITERIA]
    )
    columns = ("criterion", "items", "split", "split, unsure", "more than others", "p", "slope", "p")
    return Table("By criterion; p adjusted for all of them (Holm)", columns, rows)


def _stands_out(found: Disagreement, one: CriterionDisagreement) -> bool:
    return found.criteria is not None and one.name in found.criteria.rewrite


def _p(value: float | None) -> str:
    if value is None:
        return NO_NUMBER
    return "<.001" if value < 0.001 else decimal(value, 3)


def _telling(found: Disagreement) -> Table:
    rows = tuple(
        Row(
            cut_line(item.item_id, NAME_CHARS),
            (
                Cell(_words(item.why)),
                Cell(cut_line(votes_text(item.votes), 30)),
                Cell(item.disagreement_class),
                Cell(percent(item.class_probability, 0)),
                Cell(decimal(item.confidence, 1)),
            ),
        )
        for item in found.telling
    )
    columns = ("item", "why", "votes", "class", "sure", "confidence")
    return Table("Items to read first", columns, rows)


def _notes(found: Disagreement) -> Iterator[str]:
    yield (
        f"class chances are model-based: {found.classes.note}"
        if found.classes.note
        else "class chances are model-based"
    )
    if found.quadrants.note:
        yield found.quadrants.note
    if found.quadrants.n_with_confidence:
        yield "confidence is in standard deviations from the reviewer's own mean, where there are enough answers"
    if found.criteria is not None:
        yield "slope: log-odds that two reviewers differ, for one standard deviation more of confidence"
        yield f"criteria are told by {found.criteria.told_by}"
        if found.criteria.note:
            yield found.criteria.note
    yield from found.notes


def _words(name: str) -> str:
    return name.replace("_", " ")
