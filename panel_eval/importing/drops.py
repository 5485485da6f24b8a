"""What is left out, counted by reason with the first examples of each."""

from __future__ import annotations

from panel_eval.errors import shorten
from panel_eval.importing.entries import Dropped
from panel_eval.schema.import_report import DroppedExample, DroppedKind

EXAMPLES = 5


class Drops:
    """Things left out of an import."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[str, list[DroppedExample]]] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    def add(self, dropped: Dropped, times: int = 1) -> None:
        """Count something that is left out.

        Args:
            dropped: what and why.
            times: how many of its kind it stands for.
        """
        self._counts[dropped.reason] = self._counts.get(dropped.reason, 0) + times
        _, examples = self._kinds.setdefault(dropped.reason, (dropped.text, []))
        if len(examples) < EXAMPLES:
            item = None if dropped.item is None else shorten(dropped.item)
            value = None if dropped.value is None else shorten(dropped.value)
            examples.append(DroppedExample(line=dropped.line, item=item, value=value))

    def kinds(self) -> list[DroppedKind]:
        """All reasons, most frequent first."""
        ranked = sorted(self._counts, key=lambda reason: (-self._counts[reason], reason))
        return [
            DroppedKind(
                reason=shorten(reason),
                text=shorten(self._kinds[reason][0], 300),
                count=self._counts[reason],
                examples=self._kinds[reason][1],
            )
            for reason in ranked
        ]
