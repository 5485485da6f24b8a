"""What adjudication did: how many labels on which ground, what was lost, what is left, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.grids import safe_text
from panel_eval.report.numbers import count, decimal, share
from panel_eval.report.printable import cut_line
from panel_eval.schema.adjudication_report import AdjudicationReport, Ground, OpenCode

WIDTH: Final = 100
MOST_LINES: Final = 12
NAME_CHARS: Final = 40
_REASON_CHARS: Final = 300
_GROUNDS: Final[dict[Ground, str]] = {
    "verified": "a check proves the answer",
    "error": "the disagreement is an error of reviewers, all others agree",
    "consumer": "needed by the consumer",
    "request": "asked for",
}
_OPEN: Final[dict[OpenCode, str]] = {
    "honest_disagreement": "honest disagreement stays a distribution without --force",
    "suspected_error": "ask the reviewer; if it was an error, say so (the policy's errors.reviewers, --decisions)",
    "no_label_by_rule": "the rule chooses no label, a person may decide (--decisions)",
    "check_failed": "the check did not come to an end",
    "check_cannot_tell": "the check cannot tell",
    "check_contradicted": "a person and the check contradict each other (--force takes the person's word)",
    "label_kept": "another label is there already (--replace takes the new one)",
}


def print_adjudication(report: AdjudicationReport, console: Console) -> None:
    """Print what was decided; plain and readable where the console is no terminal.

    Args:
        report: the document.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    console.print(safe_text(headline(report), "bold"), width=width)
    for line in _summary(report):
        console.print(safe_text(line), width=width)
    _print_list(console, width, "Grounds", list(_by_ground(report)))
    forced = [f"{cut_line(one.item_id, NAME_CHARS)} → {cut_line(one.label, NAME_CHARS)}: {one.reason}"
              for one in report.adjudicated_items if one.forced]  # fmt: skip
    _print_list(console, width, "Collapsed or overruled by force", forced, report.forced)
    for code, words in _OPEN.items():
        left = [one for one in report.open_items if one.code == code]
        texts = [f"{cut_line(one.item_id, NAME_CHARS)}: {one.text}" for one in left]
        number = report.open_counts[code]
        _print_list(console, width, f"Left, {_some(number, 'item')}: {words}", texts, number)
    for suspected, title in ((False, "Reviewers whose dissent is taken for an error"), (True, "Reviewers to ask")):
        flagged = [one for one in report.flagged if one.suspected == suspected]
        texts = [f"{cut_line(one.reviewer, NAME_CHARS)}: {one.why}" for one in flagged]
        _print_list(console, width, title, texts)
    for note in report.notes:
        console.print(safe_text(f"Note: {note}.", "dim"), width=width)


def headline(report: AdjudicationReport) -> str:
    """The result in one sentence."""
    would = "would get" if report.dry_run else "got"
    items = _some(report.adjudicated, "item")
    forced = f", {count(report.forced)} of them by force" if report.forced else ""
    return f"{items} of {count(report.items)} {would} a label{forced}; every vote stays in the file."


def _summary(report: AdjudicationReport) -> Iterator[str]:
    yield (
        f"Reviewers differ on {_some(report.disagreeing, 'item')}. Honest disagreements that stay distributions: "
        f"{count(report.kept_soft)}. Items with a label before, which they keep: {count(report.had_label)}."
    )
    if report.adjudicated:
        part = share(round(report.votes_contradicted), round(report.votes))
        yield (
            f"The labels contradict {report.votes_contradicted:g} of {report.votes:g} votes ({part}), and the most "
            f"frequent label on {_some(report.against_mode, 'item')}."
        )
        yield (
            f"Read without their votes, the labelled items say {decimal(report.bits_lost)} bits an item less than "
            "with them (mean entropy of the votes)."
        )
    if report.check is not None:
        found = report.check
        yield (
            f"The check ({found.check}) saw {_some(found.items, 'item')}: {count(found.labelled)} decided, "
            f"{count(found.cannot_tell)} it cannot tell, {count(found.failed)} failed."
        )


def _by_ground(report: AdjudicationReport) -> Iterator[str]:
    for ground, words in _GROUNDS.items():
        if number := report.by_ground[ground]:
            named = report.settings.get("consumer") if ground == "consumer" else None
            yield f"{count(number)}: {words}{f' {cut_line(named, NAME_CHARS)}' if named else ''}"


def _some(number: int, noun: str) -> str:
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def _print_list(console: Console, width: int, title: str, lines: Sequence[str], of: int | None = None) -> None:
    """A titled list, cut after `MOST_LINES`.

    Args:
        console: where to print.
        width: of the lines.
        title: above the list; nothing is printed of an empty one.
        lines: from data, too.
        of: how many there are in all, where not all are given.
    """
    if not lines:
        return
    console.print()
    console.print(safe_text(title, "bold"))
    bullets = Grid.grid(padding=(0, 1, 0, 0))
    for line in lines[:MOST_LINES]:
        bullets.add_row(Text("-", style="dim"), safe_text(cut_line(line, _REASON_CHARS)))
    console.print(Padding(bullets, (0, 0, 0, 1)), width=width)
    if (rest := (len(lines) if of is None else of) - MOST_LINES) > 0:
        console.print(safe_text(f"  … and {count(rest)} more; --json lists them", "dim"), width=width)
