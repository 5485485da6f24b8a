"""What a table of the report is, and how a number stands in one."""

from __future__ import annotations

from collections.abc import KeysView, Sequence
from dataclasses import dataclass, field

from panel_eval.report.numbers import (
    NO_NUMBER,
    estimate_of,
    estimate_text,
    interval_text,
    range_text,
    value_text,
)
from panel_eval.schema import Estimate, MetricTable

DAGGER = "†"  # a number that comes with a caution
NAMED_ROWS = 2  # a caution on more rows does not list them: the marks show where it holds


@dataclass(frozen=True)
class Cell:
    """A number or word, its interval below it, and why it is missing or to be read with caution.

    `of` is the estimate that it shows: a page says with it where the number stands in the run's files.
    """

    text: str
    interval: str = ""
    note: str = ""
    of: Estimate | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Row:
    """One row: its header and cells; `group` heads rows of a kind, `emphasis` marks the row that is the point."""

    header: str
    cells: tuple[Cell, ...]
    group: str = ""
    emphasis: bool = False


@dataclass(frozen=True)
class Table:
    """A table: caption, column titles (the first is that of the row headers) and rows."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def grouped(self) -> bool:
        """Whether rows stand under headings."""
        return any(row.group for row in self.rows)

    @property
    def missing_notes(self) -> tuple[str, ...]:
        """The distinct reasons for missing numbers, in the order of their appearance, with their rows."""
        return self._notes(missing=True, most=len(self.rows))

    @property
    def caution_notes(self) -> tuple[str, ...]:
        """The distinct cautions on numbers marked with a dagger; rare ones with their rows."""
        return self._notes(missing=False, most=NAMED_ROWS)

    def _notes(self, missing: bool, most: int) -> tuple[str, ...]:
        """Each clause of the notes once, with the rows it holds for where those are neither all nor many."""
        found = self.note_rows(missing)
        everyone = {row.header for row in self.rows}
        return tuple(
            note
            if len(headers) > most or (len(everyone) > 1 and headers == everyone)
            else f"{', '.join(headers)}: {note}"
            for note, headers in found.items()
        )

    def note_rows(self, missing: bool) -> dict[str, KeysView[str]]:
        """Each clause of the notes to the rows it holds for, in the order of their appearance."""
        rows: dict[str, dict[str, None]] = {}
        for row in self.rows:
            for cell in row.cells:
                if cell.note and (cell.text == NO_NUMBER) is missing:
                    for clause in cell.note.split("; "):
                        rows.setdefault(clause, {})[row.header] = None
        return {note: headers.keys() for note, headers in rows.items()}


def estimate_cell(estimate: Estimate, digits: int = 3, as_percent: bool = False) -> Cell:
    """A number with its interval, or a dash with its reason."""
    return _cell(estimate, estimate_text(estimate, digits, as_percent), range_text(estimate, digits, as_percent))


def metric_cell(table: MetricTable, metric: str) -> Cell:
    """One metric with its interval, or a dash with its reason."""
    estimate = estimate_of(table, metric)
    return _cell(estimate, value_text(estimate, metric), interval_text(estimate, metric))


def _cell(estimate: Estimate, text: str, interval: str) -> Cell:
    note = estimate.note or ""
    mark = DAGGER if note and estimate.estimate is not None else ""
    return Cell(text + mark, interval, note, estimate)


def metric_cells(table: MetricTable, metrics: Sequence[str]) -> tuple[Cell, ...]:
    """Several metrics of one forecaster."""
    return tuple(metric_cell(table, metric) for metric in metrics)
