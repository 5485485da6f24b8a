"""The result in the terminal: the verdict, four small tables and the warnings, within 100 columns.

Text from data reaches the terminal only as `rich.text.Text` made of printable characters: it can neither
carry terminal commands nor rich markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.cells import DAGGER, NAMED_ROWS, Cell, Table
from panel_eval.report.costs import cost_lines
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import NO_NUMBER, count
from panel_eval.report.printable import cut_line, one_line, printable
from panel_eval.report.tables import class_table, judge_table, overview_table
from panel_eval.report.verdict import Tone, verdict
from panel_eval.schema import Metrics

WIDTH = 100
NAME_CHARS = 26
_TONES: dict[Tone, str] = {"better": "bold green", "worse": "bold red", "unclear": "bold", "unknown": "bold"}
_SHORT_TITLES = {
    "ce_bits": "CE bits",
    "ce_crossfit_bits": "CE bits",
    "ce_skill": "skill",
    "ce_crossfit_skill": "skill",
    "kl_bits": "KL bits",
    "n_eq": "n_eq",
    "mode_accuracy": "top label",
    "entropy_error_bits": "entropy error",
}


def print_summary(
    metrics: Metrics, console: Console, run_dir: Path | None = None, report_path: Path | None = None
) -> None:
    """Print what a reader needs first; plain and readable where the console is no terminal.

    Args:
        metrics: the numbers.
        console: where to print.
        run_dir: where the run's files lie, if anywhere.
        report_path: where the HTML report lies, if it was written.
    """
    width = min(WIDTH, console.width)
    said = verdict(metrics)
    console.print()
    console.print(_safe(f"{metrics.task}: {count(metrics.n_scored)} of {count(metrics.n_items)} items scored"))
    console.print(_safe(said.headline, _TONES[said.tone]), width=width)
    console.print(_safe(said.detail), width=width)
    tables = overview_table(metrics), class_table(metrics), judge_table(metrics)
    for table, intervals in zip(tables, (True, False, False), strict=True):
        console.print()
        console.print(_grid(table, intervals, width >= WIDTH), width=width)
    console.print(_safe(_legend(), "dim"), width=width)
    for note in _cautions(tables):
        console.print(_safe(f"{DAGGER} {note}", "dim"), width=width)
    for line in cost_lines(metrics):
        console.print(_safe(line), width=width)
    _print_warnings(metrics, console, width)
    _print_places(console, run_dir, report_path)


def _cautions(tables: Sequence[Table]) -> list[str]:
    """Each caution once, told apart by what stands before its colon; the page has them in full."""
    found: dict[str, tuple[str, dict[str, None]]] = {}
    for table in tables:
        for note, rows in table.note_rows(missing=False).items():
            found.setdefault(note.partition(":")[0], (note, {}))[1].update(dict.fromkeys(rows))
    # The marks show where a common caution holds; a rare one is told with its rows.
    return [f"{', '.join(rows)}: {note}" if len(rows) <= NAMED_ROWS else note for note, rows in found.values()]


def _legend() -> str:
    return (
        "CE: cross-entropy per human vote, lower is better. skill: against the base rate, 0 = no better. KL: CE "
        "less the reviewers' own disagreement, 0 = perfect. n_eq: reviewers per item it is worth. top label: "
        "agrees with the reviewers' most frequent. "
        f"Intervals: 95%. {NO_NUMBER}: cannot be computed; the report says why."
    )


def _grid(table: Table, intervals: bool, whole: bool) -> Grid:
    """A table of the terminal; with `whole`, there is room for numbers on one line and names give way."""
    grid = Grid(
        box=box.SIMPLE_HEAD, title=_safe(table.caption, "bold"), title_justify="left", pad_edge=False,
        padding=(0, 1, 0, 0),
    )  # fmt: skip
    titles = {metric_text(name).title: short for name, short in _SHORT_TITLES.items()}
    for position, column in enumerate(table.columns):
        left = position == 0 or column == "other outcomes"
        grid.add_column(
            _safe(titles.get(column, column)), justify="left" if left else "right",
            max_width=NAME_CHARS + 12 if position == 0 else None, overflow="fold", no_wrap=whole and position > 0,
        )  # fmt: skip
    for row in table.rows:
        cells = [_shown(cell, intervals) for cell in row.cells]
        header = cut_line(row.header, NAME_CHARS + 12)
        grid.add_row(_safe(header), *cells, style="bold" if row.emphasis else None)
    return grid


def _shown(cell: Cell, intervals: bool) -> Text:
    """The cell's number, and below it the interval."""
    text = _safe(cell.text)
    if intervals and cell.interval:
        text.append("\n").append_text(_safe(cell.interval, "dim not bold"))
    return text


def _print_warnings(metrics: Metrics, console: Console, width: int) -> None:
    if not metrics.warnings:
        return
    console.print()
    console.print(_safe("Warnings", "bold"))
    for warning in metrics.warnings:
        console.print(Padding(_safe(f"{warning.text} ({warning.code})"), (0, 0, 0, 2)), width=width)


def _print_places(console: Console, run_dir: Path | None, report_path: Path | None) -> None:
    console.print()
    for title, path in (("Run", run_dir), ("Report", report_path)):
        if path is not None:
            # A path is for copying: it is never wrapped.
            console.print(Text(printable(f"{title}: {path}")), soft_wrap=True)


def _safe(text: str, style: str = "") -> Text:
    return Text(one_line(text) if text.strip() else "", style=style)
