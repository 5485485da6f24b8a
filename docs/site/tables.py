"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str | None) -> str:
    """Text that is no Markdown of ours as one cell: on one line, its bars and angle brackets escaped."""
    return " ".join((text or "").split()).replace("|", "\\|").replace("<", "&lt;")
