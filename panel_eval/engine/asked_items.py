"""The items that judges are asked about, whether people labelled them or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol, overload


class AskedItem(Protocol):
    """What a plan needs to know of an item."""

    @property
    def item_id(self) -> str:
        """Its id."""
        ...

    @property
    def content(self) -> dict[str, str] | None:
        """What judges see."""
        ...


class BothItems(Sequence[AskedItem]):
    """Two sequences of items as one, each record made by its own when it is asked for."""

    def __init__(self, labelled: Sequence[AskedItem], unlabelled: Sequence[AskedItem]) -> None:
        self._parts = labelled, unlabelled

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @overload
    def __getitem__(self, row: int) -> AskedItem: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[AskedItem]: ...

    def __getitem__(self, row: int | slice) -> AskedItem | Sequence[AskedItem]:
        if isinstance(row, slice):
            return [self[each] for each in range(len(self))[row]]
        place = range(len(self))[row]
        labelled, unlabelled = self._parts
        return labelled[place] if place < len(labelled) else unlabelled[place - len(labelled)]

    def __iter__(self) -> Iterator[AskedItem]:
        return chain(*self._parts)
