"""The records behind items, labelled or not, made from their lines when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from panel_eval.schema import ItemContent, SoftLabel, UnlabelledItem
from panel_eval.schema.json_lines import JsonLines, LazyRecords

NO_CONTENT = -1

ItemT = TypeVar("ItemT", SoftLabel, UnlabelledItem)


class ItemRecords(Sequence[ItemT], Generic[ItemT]):
    """Items of a file, their content joined from a second file where they have none of their own.

    Args:
        items: the records of the label file, or of the file of unlabelled items.
        contents: the records of the content file, if there is one.
        content_rows: (n_items,) row in `contents` for each item, `NO_CONTENT` where it is to stay as it is.
    """

    def __init__(
        self,
        items: LazyRecords[ItemT],
        contents: LazyRecords[ItemContent] | None = None,
        content_rows: NDArray[np.int64] | None = None,
    ) -> None:
        self._items: LazyRecords[ItemT] = items
        self._contents = contents
        self._content_rows = content_rows

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, row: int) -> ItemT: ...

    @overload
    def __getitem__(self, row: slice) -> ItemRecords[ItemT]: ...

    def __getitem__(self, row: int | slice) -> ItemT | ItemRecords[ItemT]:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        return self._joined(self._items[row], row)

    def __iter__(self) -> Iterator[ItemT]:
        return (self._joined(record, row) for row, record in enumerate(self._items))

    def take(self, rows: NDArray[Any]) -> ItemRecords[ItemT]:
        """The records in `rows`, in that order."""
        joined = None if self._content_rows is None else self._content_rows[rows]
        return ItemRecords(self._items.take(rows), self._contents, joined)

    @property
    def lines(self) -> JsonLines:
        """The lines that the records are made from, content that was joined not among them."""
        return self._items.lines

    def json_lines(self) -> Iterator[bytes]:
        """Each record as one line of JSON: as it stands in the file, or anew where content was joined to it."""
        row = 0
        for _, lines in self._items.lines.blocks():
            for line in lines:
                changed = self._content_rows is not None and self._content_rows[row] != NO_CONTENT
                yield self[row].model_dump_json(exclude_defaults=True).encode() if changed else line
                row += 1

    def _joined(self, record: ItemT, row: int) -> ItemT:
        if self._contents is None or self._content_rows is None or self._content_rows[row] == NO_CONTENT:
            return record
        return record.model_copy(update={"content": self._contents[int(self._content_rows[row])].content})
