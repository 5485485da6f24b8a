"""Tables of the QA document from plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import decimal

Entry = str | Cell
"""What stands in a table: a word, or a number with its interval."""


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Entry]]) -> Table:
    """A table of `rows`, the first entry of each its header."""
    return Table(caption, tuple(columns), tuple(_row(row) for row in rows))


def _row(entries: Sequence[Entry]) -> Row:
    header, *cells = entries
    return Row(
        header if isinstance(header, str) else header.text,
        tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells),
    )


def p_text(p: float | None) -> str:
    """A p-value: `p = 0.004`, `p < 0.001`."""
    if p is None:
        return "not tested"
    return "p < 0.001" if p < 0.001 else f"p = {decimal(p, 3)}"


def votes_text(votes: dict[str, float], most: int = 6) -> str:
    """Votes by label, most first: `moderate 2, mild 1`; shares of votes with two digits."""
    given = sorted(((label, n) for label, n in votes.items() if n > 0), key=lambda pair: -pair[1])
    shown = [f"{label} {n:,.0f}" if n == round(n) else f"{label} {n:,.2f}" for label, n in given[:most]]
    return ", ".join(shown) + (f" and {len(given) - most} more" if len(given) > most else "")
