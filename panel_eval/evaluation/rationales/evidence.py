"""The evidence that reviewers gave: of which items it is read, and what its terms weigh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.rationales.terms import MAX_CHARS, Reading, read_terms
from panel_eval.humans import HumanLabels
from panel_eval.humans.mentions import rows_naming
from panel_eval.schema import Rationale, SoftLabel
from panel_eval.stats.arrays import IntArray

MAX_ITEMS: Final = 5_000
"""Most items whose texts are read: a share is then known within two hundredths."""
MAX_TEXT: Final = 40_000_000
"""Most characters that are read of evidence, and as many of rationales; random items until then."""
_MAX_LOOKS: Final = 50_000  # where rationales hold no evidence
_SEED: Final = 707


@dataclass(frozen=True)
class Evidence:
    """The evidence of one item.

    Attributes:
        row: of the item among the `HumanLabels`.
        record: the item.
        pieces: its rationales that hold text, in an order that does not depend on the file.
        readings: what was read in each.
    """

    row: int
    record: SoftLabel
    pieces: tuple[Rationale, ...]
    readings: tuple[Reading, ...]

    @property
    def terms(self) -> set[str]:
        """The terms of all pieces."""
        return set().union(*(reading.terms for reading in self.readings))


def read_evidence(humans: HumanLabels, seed: int = 0, most: int = MAX_ITEMS) -> tuple[list[Evidence], str | None]:
    """The evidence of the items that have any, or of `most` random ones, in the order of `humans`.

    Args:
        humans: the labelled items; which are chosen depends on their order.
        seed: chooses the items.
        most: most items to read.

    Returns:
        The items, and a note on how many were left unread.
    """
    found: list[Evidence] = []
    chars = looks = 0
    candidates = rows_naming(humans.records, "rationales")
    for row in np.random.default_rng([seed, _SEED]).permutation(candidates)[:_MAX_LOOKS].tolist():
        if len(found) == most or chars > MAX_TEXT:
            break
        looks += 1
        record = humans.records[row]
        if pieces := tuple(sorted(_with_text(record), key=_by_reviewer)):
            chars += sum(min(MAX_CHARS, len(piece.evidence or "")) for piece in pieces)
            readings = tuple(read_terms(piece.evidence) for piece in pieces)
            found.append(Evidence(row, record, pieces, readings))
    unread = f"evidence of {looks:,} random items of {candidates.size:,} was read"
    note = unread if looks < candidates.size else None
    return sorted(found, key=lambda item: item.row), note


def random_within(chars: IntArray, seed: list[int]) -> IntArray:
    """Positions of the texts that are read, rising: all, or random ones until they reach `MAX_TEXT` characters.

    Args:
        chars: (n_texts,) length of each.
        seed: chooses them.
    """
    if chars.sum() <= MAX_TEXT:
        return np.arange(chars.size)
    order = np.random.default_rng(seed).permutation(chars.size)
    kept = max(1, int(np.searchsorted(np.cumsum(chars[order]), MAX_TEXT, side="right")))
    chosen: IntArray = np.sort(order[:kept])
    return chosen


def _with_text(record: SoftLabel) -> Iterator[Rationale]:
    return (piece for piece in record.rationales if piece.evidence and piece.evidence.strip())


def _by_reviewer(piece: Rationale) -> tuple[str, str, str]:
    return piece.reviewer, piece.label, piece.evidence or ""
