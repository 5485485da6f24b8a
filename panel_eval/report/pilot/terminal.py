"""A pilot in the terminal: the answer first, then what it rests on."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.cells import Table
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.numbers import count, sentence
from panel_eval.report.pilot import tables
from panel_eval.report.printable import cut_line
from panel_eval.schema.pilot import PilotReport

WIDTH: Final = 100


def print_pilot(report: PilotReport, console: Console) -> None:
    """Print what a single label leaves on the table; plain and readable where the console is no terminal.

    Args:
        report: what was found.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    size = report.size
    console.print()
    told = (
        f"{cut_line(report.task, 60)} · {count(size.used)} of {count(size.items)} items, {count(size.votes)} votes"
    )
    console.print(safe_text(told, "dim"))
    console.print(safe_text(report.headline, "bold"), width=width)
    _print_list(
        console, width, "What a single label leaves on the table (in brackets: 95% intervals)", report.findings
    )
    _print_list(console, width, "What to do", report.advice)
    shown = _tables(report)
    for table in shown:
        console.print()
        console.print(grid(table, intervals=True, whole=False), width=width)
    for note in [*(f"† {caution}" for caution in cautions(shown)), *map(sentence, report.notes)]:
        console.print(safe_text(note, "dim"), width=width)


def _tables(report: PilotReport) -> list[Table]:
    information, accuracy = report.information, report.accuracy
    if information is None or accuracy is None:
        return []
    return [tables.information_table(information), tables.accuracy_table(accuracy)]


def _print_list(console: Console, width: int, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print()
    console.print(safe_text(title, "bold"))
    bullets = Grid.grid(padding=(0, 1, 0, 0))
    for line in lines:
        bullets.add_row(Text("-", style="dim"), safe_text(line))
    console.print(Padding(bullets, (0, 0, 0, 1)), width=width)
