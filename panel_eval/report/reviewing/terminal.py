"""Reviewers in the terminal: what stands out first, then the tables it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.grids import grid, safe_text
from panel_eval.report.numbers import percent, sentence
from panel_eval.report.printable import cut_line
from panel_eval.report.reviewing.tables import (
    LABEL_CHARS,
    concern_lines,
    confusion_table,
    drift_table,
    in_order,
    name_of,
    overview_table,
    pace_table,
    sharpness_line,
    votes_table,
)
from panel_eval.schema.reviewer_confusion import ReviewerConfusion
from panel_eval.schema.reviewer_report import ReviewerReport

WIDTH: Final = 120
MOST_ROWS: Final = 12
MOST_VOTES: Final = 10
MOST_OF_ONE: Final = 30
_MOST_LABELS: Final = 12


def print_reviewers(found: ReviewerReport, console: Console) -> None:
    """Print what is known of the reviewers; plain and readable where the console is no terminal.

    Args:
        found: the report, of all or of one.
        console: where to print.
    """
    width, one = min(WIDTH, console.width), len(found.standings) == 1
    console.print()
    console.print(safe_text(f"{cut_line(found.task, 60)} · {found.items:,} items", "dim"), width=width)
    for line in found.answer:
        console.print(safe_text(line, "bold"), width=width)
    if not found.standings:
        return
    _print_table(console, width, overview_table(found, MOST_ROWS, short=True))
    if not one:
        _print_concerns(console, width, concern_lines(found, MOST_ROWS))
    _print_drift(console, width, found, one)
    _print_confusion(console, width, found, one)
    most = MOST_OF_ONE if one else MOST_VOTES
    _print_table(console, width, votes_table(found.review.votes, most, found.review.flagged))
    for note in found.notes:
        console.print(safe_text(sentence(note), "dim"), width=width)


def _print_concerns(console: Console, width: int, lines: Sequence[tuple[str, list[str]]]) -> None:
    if not lines:
        return
    console.print()
    console.print(safe_text("What to look into", "bold"))
    bullets = Grid.grid(padding=(0, 1, 0, 0))
    for name, texts in lines:
        bullets.add_row(Text("-", style="dim"), safe_text(f"{name}: {'; '.join(texts)}"))
    console.print(Padding(bullets, (0, 0, 0, 1)), width=width)


def _print_drift(console: Console, width: int, found: ReviewerReport, one: bool) -> None:
    drift = found.drift
    _print_table(console, width, drift_table(found, changed=True, most=MOST_ROWS))
    if one:
        _print_table(console, width, drift_table(found, changed=False, most=MOST_ROWS))
        _print_table(console, width, pace_table(found, MOST_ROWS))
    if drift.note:
        console.print(safe_text(f"Change over time: {sentence(drift.note)}", "dim"), width=width)


def _print_confusion(console: Console, width: int, found: ReviewerReport, one: bool) -> None:
    shown = in_order(found)[:MOST_ROWS]
    _print_table(console, width, confusion_table(found, shown))
    if one and shown and len(found.labels) <= _MOST_LABELS:
        _print_table(console, width, _matrix_table(found, shown[0]))
    if warning := sharpness_line(found):
        console.print(safe_text(f"{found.confusion.assumption} {warning}", "dim"), width=width)
    if found.confusion.note:
        console.print(safe_text(f"Confusion: {sentence(found.confusion.note)}", "dim"), width=width)


def _matrix_table(found: ReviewerReport, one: ReviewerConfusion) -> Table:
    """One matrix with its intervals."""
    labels = [cut_line(label, LABEL_CHARS) for label in found.labels]
    matrix = one.matrix
    rows = tuple(
        Row(
            label,
            tuple(
                Cell(percent(share, 0), f"{percent(low, 0)} to {percent(high, 0)}")
                for share, low, high in zip(matrix.share[t], matrix.low[t], matrix.high[t], strict=True)
            ),
        )
        for t, label in enumerate(labels)
    )
    title = (
        f"Labels that {name_of(one.reviewer)} gives (columns) by the assumed true label (rows), with 95% intervals"
    )
    return Table(title, ("assumed true", *labels), rows)


def _print_table(console: Console, width: int, table: Table | None) -> None:
    if table is not None and table.rows:
        console.print()
        console.print(grid(table, intervals=True, whole=False), width=width)
