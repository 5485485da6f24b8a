"""The records behind human labels, made from their lines when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from panel_eval.schema import ItemContent, SoftLabel
from panel_eval.schema.json_lines import LazyRecords

NO_CONTENT = -1


class ItemRecords(Sequence[SoftLabel]):
    """Soft labels of a file, their content joined from a second file where they have none of their own.

    Args:
        labels: the records of the label file.
        contents: the records of the content file, if there is one.
        content_rows: (n_items,) row in `contents` for each label, `NO_CONTENT` where it is to stay as it is.
    """

    def __init__(
        self,
        labels: LazyRecords[SoftLabel],
        contents: LazyRecords[ItemContent] | None = None,
        content_rows: NDArray[np.int64] | None = None,
    ) -> None:
        self._labels = labels
        self._contents = contents
        self._content_rows = content_rows

    def __len__(self) -> int:
        return len(self._labels)

    @overload
    def __getitem__(self, row: int) -> SoftLabel: ...

    @overload
    def __getitem__(self, row: slice) -> ItemRecords: ...

    def __getitem__(self, row: int | slice) -> SoftLabel | ItemRecords:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        return self._joined(self._labels[row], row)

    def __iter__(self) -> Iterator[SoftLabel]:
        return (self._joined(record, row) for row, record in enumerate(self._labels))

    def take(self, rows: NDArray[Any]) -> ItemRecords:
        """The records in `rows`, in that order."""
        joined = None if self._content_rows is None else self._content_rows[rows]
        return ItemRecords(self._labels.take(rows), self._contents, joined)

    def json_lines(self) -> Iterator[bytes]:
        """Each record as one line of JSON: as it stands in the file, or anew where content was joined to it."""
        row = 0
        for _, lines in self._labels.lines.blocks():
            for line in lines:
                changed = self._content_rows is not None and self._content_rows[row] != NO_CONTENT
                yield self[row].model_dump_json(exclude_defaults=True).encode() if changed else line
                row += 1

    def _joined(self, record: SoftLabel, row: int) -> SoftLabel:
        if self._contents is None or self._content_rows is None or self._content_rows[row] == NO_CONTENT:
            return record
        return record.model_copy(update={"content": self._contents[int(self._content_rows[row])].content})
