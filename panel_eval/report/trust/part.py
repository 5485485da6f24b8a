"""One question of the section "How far to trust it"."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.report.cells import Table


@dataclass(frozen=True)
class TrustPart:
    """A question with its answer in words and the numbers behind it.

    Attributes:
        name: anchor, ours.
        title: the question.
        sentences: what the numbers mean; texts from data are escaped by the page.
        tables: shown at once.
        folded: shown when asked for.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    folded: tuple[Table, ...] = ()


def said(*sentences: str | None) -> tuple[str, ...]:
    """The sentences that there are."""
    return tuple(sentence for sentence in sentences if sentence)


def filled(*tables: Table | None) -> tuple[Table, ...]:
    """The tables that hold rows."""
    return tuple(table for table in tables if table is not None and table.rows)
