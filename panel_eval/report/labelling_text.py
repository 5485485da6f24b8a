"""How far a study on the labelling page is, in the terminal: for whoever leads it; no label is named or counted."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.labelling import QUICK_S, ReviewerProgress, StudyProgress
from panel_eval.report.numbers import NO_NUMBER, count, decimal
from panel_eval.report.printable import cut_line
from panel_eval.wording import counted

WIDTH = 100
_NAME_CHARS = 24
_COLUMNS = ("reviewer", "labelled", "left", "sure", "evidence", "changed", "s/item", "quick", "to go", "last label")
_LEGEND = (
    "sure, evidence: labels with a confidence, with words; changed: labels changed or withdrawn; s/item: median "
    f"seconds on an item; quick: labels in under {QUICK_S:g} s; to go: time for the items left at that pace."
)
_ENOUGH = 3


def print_progress(progress: StudyProgress, console: Console) -> None:
    """Print how far a study is: a row for each reviewer, then how many items have how many labels.

    Args:
        progress: of the study.
        console: where to print; plain text where it is no terminal.
    """
    width = min(WIDTH, console.width)
    console.print(Text(f"{cut_line(progress.task, 60)}: {counted(progress.items, 'item')}", "bold"), width=width)
    console.print()
    if not progress.reviewers:
        console.print("Nobody has labelled anything yet.")
        return
    console.print(_table(progress), width=width)
    console.print()
    console.print(_coverage(progress), width=width)
    console.print(Text(_LEGEND, "dim"), width=width)


def _table(progress: StudyProgress) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for column in _COLUMNS:
        is_text = column in ("reviewer", "last label")
        grid.add_column(
            column, justify="left" if is_text else "right", overflow="fold", no_wrap=column != "reviewer"
        )
    for one in progress.reviewers:
        grid.add_row(*_row(one))
    return grid


def _row(one: ReviewerProgress) -> list[Text]:
    cells = [
        cut_line(one.reviewer, _NAME_CHARS),
        *(
            count(number)
            for number in (one.labelled, one.left, one.with_confidence, one.with_evidence, one.changed)
        ),
        NO_NUMBER if one.median_s is None else decimal(one.median_s, 1),
        count(one.quick),
        "done" if not one.left else NO_NUMBER if one.left_s is None else _time(one.left_s),
        NO_NUMBER if one.last_at is None else one.last_at[:16].replace("T", " "),
    ]
    return [Text(cell) for cell in cells]


def _coverage(progress: StudyProgress) -> Text:
    """How many items have no label, one, two, and enough for a disagreement class."""
    enough = sum(items for labels, items in progress.by_labels.items() if labels >= _ENOUGH)
    parts = [f"{count(progress.by_labels.get(labels, 0))} with {labels or 'no'}" for labels in range(_ENOUGH)]
    return Text(
        f"Labels per item: {', '.join(parts)}, {count(enough)} with {_ENOUGH} or more (enough to be classed)."
    )


def _time(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
