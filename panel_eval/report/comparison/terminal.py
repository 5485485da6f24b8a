"""A comparison in the terminal: the sentence first, then the numbers behind it, within 80 columns."""

from __future__ import annotations

import io
from typing import Final

from rich.console import Console
from rich.padding import Padding

from panel_eval.report.cells import DAGGER, Table
from panel_eval.report.comparison import facts, tables
from panel_eval.report.comparison.words import candidate_names, change_line, left_out, run_name
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.numbers import count
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, ComparisonReport, Verdict

WIDTH: Final = 80
MOVED: Final = 5
CHANGES: Final = 12
DIFF_LINES: Final = 12
_DIFF_HEAD: Final = 2
"""Lines of a diff that only name its sides."""
_TONES: Final[dict[Verdict, str]] = {"better": "bold green", "worse": "bold red"}


def print_comparison(report: ComparisonReport, console: Console) -> None:
    """Print candidates beside their baseline; plain and readable where the console is no terminal.

    Args:
        report: the comparison.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    if len(report.candidates) > 1:
        console.print(safe_text(report.advice, "bold"), width=width)
        _print_table(console, tables.candidates_table(report, short=True))
        console.print(safe_text(tables.TEST_LEGEND, "dim"), width=width)
    for name, candidate in zip(candidate_names(report), report.candidates, strict=True):
        if len(report.candidates) > 1:
            console.print()
            console.print(safe_text(f"Candidate {name}", "bold underline"), width=width)
        _print_verdict(candidate, report.base, console, brief=len(report.candidates) > 1)
        if len(report.candidates) == 1:
            _print_details(candidate, report.base, console)
    if len(report.candidates) > 1:
        console.print()
        console.print(safe_text("More of each: --html or --markdown; everything: --json.", "dim"), width=width)


def comparison_text(report: ComparisonReport, width: int = WIDTH) -> str:
    """What `print_comparison` prints, as plain text: for a log or the message of a failed assertion."""
    written = io.StringIO()
    console = Console(file=written, width=width, color_system=None, highlight=False, markup=False, emoji=False)
    print_comparison(report, console)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).strip("\n")


def _print_verdict(candidate: CandidateComparison, base: ComparedRun, console: Console, brief: bool) -> None:
    """What was found, what was not compared, what to beware of, what changed."""
    width = min(WIDTH, console.width)
    console.print(safe_text(candidate.advice, _TONES.get(candidate.verdict, "bold")), width=width)
    console.print(safe_text(f"Baseline {run_name(base)}; candidate {run_name(candidate.run)}.", "dim"), width=width)
    family = tables.family_tables(candidate, short=True)[: 1 if brief else None]
    for table in family:
        _print_table(console, table, whole=width >= WIDTH)
    if not brief:
        console.print(safe_text(tables.TEST_LEGEND, "dim"), width=width)
    for note in cautions(family):
        console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
    _print_warnings(candidate, console, width)
    _print_changes(candidate, console, width)


def _print_details(candidate: CandidateComparison, base: ComparedRun, console: Console) -> None:
    """Missing forecasts, cost and latency, single judges, and the items that moved most."""
    for table in (
        facts.missing_table(candidate),
        facts.facts_table(base, candidate.run),
        tables.judges_table(candidate),
        facts.moved_table(candidate, MOVED),
    ):
        _print_table(console, table)


def _print_table(console: Console, table: Table, whole: bool = False) -> None:
    if table.rows:
        console.print()
        console.print(grid(table, True, whole), width=min(WIDTH, console.width))


def _print_warnings(candidate: CandidateComparison, console: Console, width: int) -> None:
    if candidate.warnings:
        console.print()
        console.print(safe_text("Warnings", "bold"))
    for warning in candidate.warnings:
        console.print(Padding(safe_text(f"{warning.text} ({warning.code})"), (0, 0, 0, 2)), width=width)


def _print_changes(candidate: CandidateComparison, console: Console, width: int) -> None:
    if not candidate.changes:
        return
    console.print()
    console.print(safe_text("What changed", "bold"))
    for change in candidate.changes[:CHANGES]:
        console.print(Padding(safe_text(change_line(change)), (0, 0, 0, 2)), width=width)
        for line in change.diff[_DIFF_HEAD:][:DIFF_LINES]:
            console.print(Padding(safe_text(line, "dim"), (0, 0, 0, 4)), width=width)
    if (more := len(candidate.changes) - CHANGES) > 0:
        console.print(safe_text(f"  … and {count(more)} more; --json and --html have them all"), width=width)
    if examples := left_out(candidate):
        console.print(Padding(safe_text(examples), (0, 0, 0, 2)), width=width)
