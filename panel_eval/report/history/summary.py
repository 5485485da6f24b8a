"""`panel-eval history` in the terminal: the sentence first, then runs, alarms, streams and what was skipped.

Text from data reaches the terminal only as `rich.text.Text` made of printable characters.
"""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding

from panel_eval.report.cells import DAGGER
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.history.panels import PanelHistory, panel_histories
from panel_eval.report.history.tables import evidence_text, runs_table
from panel_eval.report.history.words import (
    KIND_TEXTS,
    Standing,
    advice_beyond_alarms,
    night,
    panel_said,
    report_said,
)
from panel_eval.report.numbers import NO_NUMBER, count, sentence
from panel_eval.report.printable import cut_line
from panel_eval.report.summary import WIDTH
from panel_eval.schema.history import HistoryReport, Stream
from panel_eval.wording import counted

LAST_RUNS = 30
"""Runs of a panel that are shown unless more are asked for."""
_SHOWN_CHANGES = 10
_SHOWN_SKIPPED = 20
_STYLES: dict[Standing, str] = {
    "worse": "bold red", "better": "bold green", "mixed": "bold red", "quiet": "bold", "untold": "bold",
}  # fmt: skip


def print_history(report: HistoryReport, console: Console, last: int | None = LAST_RUNS) -> None:
    """Print a history; plain and readable where the console is no terminal.

    Args:
        report: the history.
        console: where to print; at most 100 columns are used.
        last: runs shown of each panel, the newest; None shows all.
    """
    width = min(WIDTH, console.width)
    said = report_said(report)
    console.print()
    console.print(safe_text(said.headline, _STYLES[said.standing]), width=width)
    console.print(
        safe_text(" ".join(part for part in (said.detail, advice_beyond_alarms(report)) if part)), width=width
    )
    panels = panel_histories(report)
    for history in panels:
        console.print()
        table = runs_table(history, last, split=width >= WIDTH)
        console.print(grid(table, intervals=True, whole=True), width=width)
        for note in cautions([table]):
            console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
        if len(panels) > 1 and (detail := panel_said(history).detail):
            console.print(safe_text(detail), width=width)
        _print_past_alarms(history, console, width)
        _print_changes(history, console, width)
        _print_streams(history, console, width)
    if report.runs:
        console.print()
        console.print(safe_text(_legend(width >= WIDTH), "dim"), width=width)
    _print_skipped(report, console, width)
    console.print()


def _print_past_alarms(history: PanelHistory, console: Console, width: int) -> None:
    """Alarms of earlier instruments: the present ones are in the first sentence."""
    for entry in history.alarms:
        if not entry.current:
            text = f"Earlier, with instrument {entry.stream.instrument}: {entry.alarm.text}"
            console.print(safe_text(text), width=width)


def _print_changes(history: PanelHistory, console: Console, width: int) -> None:
    shown = history.changes[-_SHOWN_CHANGES:]
    if not shown:
        return
    left_out = len(history.changes) - len(shown)
    title = "The instrument changed" + (f" (the last {count(len(shown))} times)" if left_out else "")
    console.print(safe_text(f"{title}; streams began anew:"), width=width)
    for change in shown:
        line = f"{night(change.run.started_at)}: {cut_line(change.what, 300)}"
        console.print(Padding(safe_text(line), (0, 0, 0, 2)), width=width)


def _print_streams(history: PanelHistory, console: Console, width: int) -> None:
    for stream in history.streams:
        if stream.current and stream.nights:
            console.print(safe_text(_stream_line(stream)), width=width)


def _stream_line(stream: Stream) -> str:
    latest = stream.nights[-1].evidence
    nights = len(stream.nights)
    parts = [f"{KIND_TEXTS[stream.kind]}: {counted(nights, 'night')} since {night(stream.nights[0].started_at)}"]
    if latest is not None:
        parts.append(f"evidence of a change {evidence_text(latest)}, an alarm at {evidence_text(stream.alarm_at)}")
    if stream.note:
        parts.append(cut_line(stream.note, 300))
    return sentence("Watched: " + "; ".join(parts))


def _legend(split: bool) -> str:
    below = "" if split else " Below them: the commit."
    return (
        "CE: cross-entropy per human vote, lower is better. skill: against the base rate. n_eq: reviewers per item "
        f"it is worth. votes: usable ones.{below} Intervals: 95%. {NO_NUMBER}: none, or cannot be computed."
    )


def _print_skipped(report: HistoryReport, console: Console, width: int) -> None:
    if not report.skipped:
        return
    console.print()
    console.print(safe_text(f"Skipped: {counted(len(report.skipped), 'folder')}"))
    for folder, why in list(report.skipped.items())[:_SHOWN_SKIPPED]:
        line = f"{cut_line(folder, 120)}: {cut_line(why, 300)}"
        console.print(Padding(safe_text(line), (0, 0, 0, 2)), width=width)
    if (more := len(report.skipped) - _SHOWN_SKIPPED) > 0:
        console.print(safe_text(f"  and {count(more)} more"))
