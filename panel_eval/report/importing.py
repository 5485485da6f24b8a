"""An import in the terminal: what was kept, what was dropped and why; and the list of formats."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from panel_eval.importing import Format
from panel_eval.report.numbers import count
from panel_eval.report.printable import cut_line
from panel_eval.schema.import_report import DroppedExample, DroppedKind, ImportReport
from panel_eval.wording import counted

WIDTH = 100
_LABELS = 12


def print_import(report: ImportReport, console: Console) -> None:
    """Print what an import did.

    Args:
        report: what it did.
        console: where to print; plain text where it is no terminal.
    """
    width = min(WIDTH, console.width)
    for line in _kept(report):
        console.print(Text(line), width=width)
    if report.dropped:
        console.print()
        console.print(Text("Dropped", "bold"))
        for kind in report.dropped:
            _print_kind(kind, console, width)
    if report.notes:
        console.print()
        console.print(Text("Good to know", "bold"))
        for note in report.notes:
            console.print(Text(f"  {cut_line(note, 500)}"), width=width)


def print_formats(formats: Iterable[Format], console: Console) -> None:
    """Print the formats, each with how a record looks.

    Args:
        formats: what there is.
        console: where to print.
    """
    for kind, title in (("labels", "Labels of people"), ("votes", "Votes of judges")):
        console.print(Text(title, "bold"))
        for fmt in formats:
            if (kind == "labels") == ("labels" in fmt.makes):
                way = "  (and out: export-labels)" if fmt.write is not None else ""
                console.print(
                    Text(f"  {cut_line(fmt.name, 30):14s} {cut_line(fmt.title, 120)}{way}"), soft_wrap=True
                )
                console.print(Text(f"  {'':14s} {cut_line(fmt.example, 300)}", "dim"), soft_wrap=True)
        console.print()


def _kept(report: ImportReport) -> list[str]:
    """One line on each kind of thing that was kept."""
    lines = []
    people = report.annotations_kept + report.votes_in_tallies
    if report.items or report.annotations_read:
        known = f" of {counted(report.reviewers, 'reviewer')}" if report.reviewers else ""
        lost = report.annotations_read - report.annotations_kept
        less = f"; {_of(lost, report.annotations_read, 'answer')} not among them" if lost else ""
        lines.append(f"{counted(report.items, 'item')} with {counted(people, 'vote')}{known}{less}.")
        shown = [cut_line(label, 40) for label in report.labels[:_LABELS]]
        more = f" and {len(report.labels) - _LABELS} more" if len(report.labels) > _LABELS else ""
        lines.append(f"Task {cut_line(report.task, 60)}, {report.scale} labels: {', '.join(shown)}{more}.")
    if report.tallied:
        tallied = f"{counted(report.tallied, 'item')} {'has' if report.tallied == 1 else 'have'}"
        lines.append(f"{tallied} counts or shares only: no single answers are known.")
    if report.judge_votes:
        nowhere = "" if "votes" in report.written else ": in no file (--votes-out FILE)"
        judges = counted(len(report.judges), "judge")
        lines.append(f"{counted(report.judge_votes, 'vote')} of {judges}{nowhere}.")
    if report.unlabelled_items:
        kept = "written as unlabelled items" if "items" in report.written else "in no label file (--items-out FILE)"
        lines.append(f"{counted(report.unlabelled_items, 'item')} without a person's vote: {kept}.")
    return lines


def _of(part: int, whole: int, noun: str) -> str:
    return f"{count(part)} of {counted(whole, noun)} {'is' if part == 1 else 'are'}"


def _print_kind(kind: DroppedKind, console: Console, width: int) -> None:
    console.print(Text(f"  {count(kind.count)}: {cut_line(kind.text, 300)}"), width=width)
    for example in kind.examples[:3]:
        console.print(Text(f"    {_place(example)}", "dim"), width=width)


def _place(example: DroppedExample) -> str:
    parts = [] if example.line is None else [f"line {example.line}"]
    parts += [] if example.item is None else [f"item {cut_line(example.item, 60)}"]
    parts += [] if example.value is None else [f"found {cut_line(example.value, 60)}"]
    return ", ".join(parts)
