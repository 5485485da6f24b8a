"""A table of the report in the terminal.

Text from data reaches the terminal only as `rich.text.Text` made of printable characters: it can neither
carry terminal commands nor rich markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.cells import NAMED_ROWS, Cell, Table
from panel_eval.report.glossary import metric_text
from panel_eval.report.printable import cut_line, one_line

NAME_CHARS = 26
_SHORT_TITLES = {
    "ce_bits": "CE bits",
    "ce_crossfit_bits": "CE bits",
    "ce_skill": "skill",
    "ce_crossfit_skill": "skill",
    "kl_bits": "KL bits",
    "n_eq": "n_eq",
    "mode_accuracy": "top label",
    "entropy_error_bits": "entropy error",
    "entropy_pearson": "entropy r",
    "soft_ece": "soft ECE",
}


def grid(table: Table, intervals: bool, whole: bool) -> Grid:
    """A table of the terminal; with `whole`, there is room for numbers on one line and names give way."""
    drawn = Grid(
        box=box.SIMPLE_HEAD, title=safe_text(table.caption, "bold"), title_justify="left", pad_edge=False,
        padding=(0, 1, 0, 0),
    )  # fmt: skip
    titles = {metric_text(name).title: short for name, short in _SHORT_TITLES.items()}
    for position, column in enumerate(table.columns):
        left = position == 0 or column == "other outcomes"
        drawn.add_column(
            safe_text(titles.get(column, column)), justify="left" if left else "right",
            min_width=_header_width(table) if position == 0 else None,
            max_width=NAME_CHARS + 12 if position == 0 else None, overflow="fold", no_wrap=whole and position > 0,
        )  # fmt: skip
    for row in table.rows:
        cells = [_shown(cell, intervals) for cell in row.cells]
        header = cut_line(row.header, NAME_CHARS + 12)
        drawn.add_row(safe_text(header), *cells, style="bold" if row.emphasis else None)
    return drawn


def _header_width(table: Table) -> int:
    """Room that row headers keep however wide the numbers are."""
    return min(NAME_CHARS // 2, max((len(row.header) for row in table.rows), default=0))


def _shown(cell: Cell, intervals: bool) -> Text:
    """The cell's number, and below it the interval."""
    text = safe_text(cell.text)
    if intervals and cell.interval:
        text.append("\n").append_text(safe_text(cell.interval, "dim not bold"))
    return text


def cautions(tables: Sequence[Table]) -> list[str]:
    """Each caution once, told apart by what stands before its colon; the page has them in full."""
    found: dict[str, tuple[str, dict[str, None]]] = {}
    for table in tables:
        for note, rows in table.note_rows(missing=False).items():
            found.setdefault(note.partition(":")[0], (note, {}))[1].update(dict.fromkeys(rows))
    # The marks show where a common caution holds; a rare one is told with its rows.
    return [f"{', '.join(rows)}: {note}" if len(rows) <= NAMED_ROWS else note for note, rows in found.values()]


def safe_text(text: str, style: str = "") -> Text:
    """The text in a line, with nothing in it that a terminal would obey."""
    return Text(one_line(text) if text.strip() else "", style=style)
