"""The result in the terminal: the verdict, four small tables and the warnings, within 100 columns.

Text from data reaches the terminal only as `rich.text.Text` made of printable characters: it can neither
carry terminal commands nor rich markup.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from panel_eval.report.cells import DAGGER
from panel_eval.report.costs import cost_lines
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.numbers import NO_NUMBER, count
from panel_eval.report.printable import printable
from panel_eval.report.tables import class_table, judge_table, overview_table
from panel_eval.report.verdict import Tone, verdict
from panel_eval.schema import Metrics

WIDTH = 100
_TONES: dict[Tone, str] = {"better": "bold green", "worse": "bold red", "unclear": "bold", "unknown": "bold"}


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
    console.print(safe_text(f"{metrics.task}: {count(metrics.n_scored)} of {count(metrics.n_items)} items scored"))
    console.print(safe_text(said.headline, _TONES[said.tone]), width=width)
    for point in said.points:
        console.print(safe_text(point), width=width)
    console.print(safe_text(said.detail), width=width)
    tables = overview_table(metrics), class_table(metrics), judge_table(metrics)
    for table, intervals in zip(tables, (True, False, False), strict=True):
        console.print()
        console.print(grid(table, intervals, width >= WIDTH), width=width)
    console.print(safe_text(_legend(), "dim"), width=width)
    for note in cautions(tables):
        console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
    for line in cost_lines(metrics):
        console.print(safe_text(line), width=width)
    if metrics.policy is not None:
        console.print()
        console.print(safe_text(f"What it may decide by itself: {metrics.policy.advice}"), width=width)
    _print_warnings(metrics, console, width)
    _print_places(console, run_dir, report_path)


def _legend() -> str:
    return (
        "CE: cross-entropy per human vote, lower is better. skill: against the base rate, 0 = no better. KL: CE "
        "less the reviewers' own disagreement, 0 = perfect. n_eq: reviewers per item it is worth. top label: "
        "agrees with the reviewers' most frequent. "
        f"Intervals: 95%. {NO_NUMBER}: cannot be computed; the report says why."
    )


def _print_warnings(metrics: Metrics, console: Console, width: int) -> None:
    if not metrics.warnings:
        return
    console.print()
    console.print(safe_text("Warnings", "bold"))
    for warning in metrics.warnings:
        console.print(Padding(safe_text(f"{warning.text} ({warning.code})"), (0, 0, 0, 2)), width=width)


def _print_places(console: Console, run_dir: Path | None, report_path: Path | None) -> None:
    console.print()
    for title, path in (("Run", run_dir), ("Report", report_path)):
        if path is not None:
            # A path is for copying: it is never wrapped.
            console.print(Text(printable(f"{title}: {path}")), soft_wrap=True)
