"""What `panel-eval fit` found out, in the terminal: each question with its advice and its first table."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from panel_eval.report.cells import DAGGER
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.improve import improve_parts
from panel_eval.report.numbers import count
from panel_eval.report.printable import printable
from panel_eval.report.summary import WIDTH
from panel_eval.schema import FitReport


def print_fit(fit: FitReport, console: Console, directory: Path | None = None) -> None:
    """Print what a reader needs first; plain and readable where the console is no terminal.

    Args:
        fit: what was found out.
        console: where to print.
        directory: where its files lie, if anywhere.
    """
    width = min(WIDTH, console.width)
    console.print()
    console.print(safe_text(f"{fit.task}: fitted to {count(fit.fitting.n_fitted)} items", "bold"), width=width)
    for part in improve_parts(fit):
        console.print()
        console.print(safe_text(part.title, "bold"), width=width)
        if part.advice:
            console.print(safe_text(part.advice), width=width)
        for table in part.tables:
            console.print(grid(table, False, width >= WIDTH), width=width)
        for note in cautions(part.tables):
            console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
    console.print()
    if directory is not None:
        console.print(Text(printable(f"Fit: {directory}")), soft_wrap=True)
