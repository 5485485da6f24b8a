"""An explanation in the terminal: the answer first, then what it rests on, within 80 to 100 columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.explanation.tables import (
    NAME_CHARS,
    adjudication_line,
    answer_of,
    class_line,
    judges_table,
    order_of,
    pairs_table,
    shares_table,
)
from panel_eval.report.grids import grid, safe_text
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, sentence
from panel_eval.report.printable import cut_line
from panel_eval.schema.explanation import Explanation, ReviewerAnswer, UnmentionedEvidence, VoteOnItem

if TYPE_CHECKING:
    from panel_eval.evaluation.explaining import TellingItem

WIDTH: Final = 100
TEXT_CHARS: Final = 600
REASON_CHARS: Final = 240
MOST_LINES: Final = 24


def print_explanation(found: Explanation, console: Console) -> None:
    """Print why the panel is split on an item; plain and readable where the console is no terminal.

    Args:
        found: the explanation.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    console.print(safe_text(f"{cut_line(found.item_id, NAME_CHARS)} · {cut_line(found.task, NAME_CHARS)}", "dim"))
    console.print(safe_text(found.answer, "bold"), width=width)
    console.print()
    console.print(safe_text(f"Diagnosis: {words(found.diagnosis)}. {found.meaning}"), width=width)
    if found.advice:
        console.print(safe_text(f"What to do: {found.advice}"), width=width)
    _print_list(console, width, "What this rests on", found.because)
    _print_list(console, width, "The item", _content(found))
    _print_table(console, width, shares_table(found))
    console.print(safe_text(class_line(found)), width=width)
    if adjudicated := adjudication_line(found, REASON_CHARS):
        console.print(safe_text(adjudicated), width=width)
    _print_list(console, width, "Reviewers", _reviewers(found.people.answers))
    _print_table(console, width, judges_table(found))
    _print_table(console, width, pairs_table(found))
    if _votes_tell_more(found):
        _print_list(console, width, "Votes", [_vote(vote) for vote in found.votes], found.votes_left_out)
    _print_list(
        console,
        width,
        "Evidence beside the judges' rationales; words are compared, not meanings",
        [_evidence(one) for one in found.evidence],
    )
    for note in found.notes:
        console.print(safe_text(sentence(note), "dim"), width=width)


def print_telling_items(items: Sequence[TellingItem], console: Console) -> None:
    """Print the items that are worth explaining first, a line each."""
    width = min(WIDTH, console.width)
    console.print()
    if not items:
        console.print(safe_text("Reviewers and panel agree on every item: there is nothing to explain."))
        return
    rows = tuple(
        Row(
            cut_line(item.item_id, NAME_CHARS),
            (Cell(words(item.diagnosis)), Cell(count(item.items)), Cell(item.human_class),
             Cell(decimal(item.cross_entropy_bits))),
        )
        for item in items
    )  # fmt: skip
    columns = ("item", "diagnosis", "items like it", "class", "CE bits")
    _print_table(console, width, Table("Items that tell most", columns, rows))
    console.print(
        safe_text("Of each diagnosis those on which the panel is furthest from the reviewers.", "dim"), width=width
    )
    console.print(safe_text("For one of them: panel-eval explain RUN ITEM", "dim"), width=width)


def words(name: str) -> str:
    """A name of ours as words."""
    return name.replace("_", " ")


def _print_table(console: Console, width: int, table: Table | None) -> None:
    if table is not None and table.rows:
        console.print()
        console.print(grid(table, intervals=False, whole=False), width=width)


def _print_list(console: Console, width: int, title: str, lines: Iterable[str], more: int = 0) -> None:
    """A titled list, cut after `MOST_LINES`."""
    lines = list(lines)
    if not lines:
        return
    console.print()
    console.print(safe_text(title, "bold"))
    bullets = Grid.grid(padding=(0, 1, 0, 0))
    for line in lines[:MOST_LINES]:
        bullets.add_row(Text("-", style="dim"), safe_text(line))
    console.print(Padding(bullets, (0, 0, 0, 1)), width=width)
    if (rest := len(lines) - MOST_LINES + more if len(lines) > MOST_LINES else more) > 0:
        console.print(
            safe_text(f"  … and {count(rest)} more; --html and --json have more of them", "dim"), width=width
        )


def _content(found: Explanation) -> list[str]:
    return [f"{cut_line(name, NAME_CHARS)}: {cut_line(text, TEXT_CHARS)}" for name, text in found.content.items()]


def _reviewers(answers: Sequence[ReviewerAnswer]) -> list[str]:
    """Those who say more than a label one by one, the others by their label."""
    spoken = [_reviewer(one) for one in answers if one.evidence or one.confidence is not None]
    silent: dict[str, list[str]] = defaultdict(list)
    for one in answers:
        if not one.evidence and one.confidence is None:
            label = "label not told" if one.label is None else cut_line(one.label, NAME_CHARS)
            silent[label].append(cut_line(one.reviewer or "(not named)", NAME_CHARS))
    return [*spoken, *(f"{label}: {', '.join(names)}" for label, names in silent.items())]


def _votes_tell_more(found: Explanation) -> bool:
    """Whether single votes say anything that the table of judges does not."""
    several = any(one.usable + sum(one.unusable.values()) > 1 for one in found.panel.judges)
    return several or any(
        vote.rationale or vote.problem or vote.label_order or vote.confidence is not None for vote in found.votes
    )


def _reviewer(one: ReviewerAnswer) -> str:
    parts = [cut_line(one.reviewer or "(not named)", NAME_CHARS)]
    parts.append(cut_line(one.label, NAME_CHARS) if one.label is not None else "label not told")
    if one.confidence is not None:
        parts.append(f"confidence {percent(one.confidence, 0)}")
    told = " · ".join(parts)
    return f"{told} — {cut_line(one.evidence, REASON_CHARS)}" if one.evidence else told


def _vote(vote: VoteOnItem) -> str:
    parts = [f"{cut_line(vote.judge, NAME_CHARS)} #{vote.sample}", answer_of(vote)]
    if vote.place is not None:
        parts.append(f"place {vote.place} of {order_of(vote)}")
    elif vote.label_order:
        parts.append(f"order {order_of(vote)}")
    if vote.confidence is not None:
        parts.append(f"confidence {percent(vote.confidence, 0)}")
    told = " · ".join(parts)
    reason = vote.rationale or vote.problem
    return f"{told} — {cut_line(reason, REASON_CHARS)}" if reason else told


def _evidence(one: UnmentionedEvidence) -> str:
    heard = NO_NUMBER if one.coverage is None else percent(one.coverage, 0)
    missed = ", ".join(cut_line(term, NAME_CHARS) for term in one.missed[:8]) or "nothing"
    who = f"{cut_line(one.reviewer, NAME_CHARS)} ({cut_line(one.label, NAME_CHARS)})"
    return f"{who}: judges mention {heard} of it by weight of terms; unmentioned: {missed}"
