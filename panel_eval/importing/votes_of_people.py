"""The single answers of an import as columns: a million of them fit into a few hundred megabytes."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

UNNAMED = -1
_NO_LINE = 0


@dataclass(frozen=True, eq=False)
class AnswerColumns:
    """Answers, one entry each, those of one item side by side and in the order in which they came.

    Attributes:
        order: (n_answers,) number of each answer in the order in which all came.
        item, reviewer, label: (n_answers,) codes; reviewer `UNNAMED` where nobody is named.
        confidence, seconds: (n_answers,) NaN where not known.
    """

    order: IntArray
    item: IntArray
    reviewer: IntArray
    label: IntArray
    confidence: FloatArray
    seconds: FloatArray

    def __len__(self) -> int:
        return len(self.item)


class Answers:
    """People's answers as they come in."""

    def __init__(self) -> None:
        self._item, self._reviewer, self._label = array("i"), array("i"), array("i")
        self._confidence, self._seconds, self._moment = array("d"), array("d"), array("d")
        self._line = array("q")
        self.evidence: dict[int, str] = {}
        """Number of an answer to what was said for it."""
        self.criterion: dict[int, str] = {}
        self.at: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._item)

    def add(
        self,
        item: int,
        reviewer: int,
        label: int,
        line: int | None,
        confidence: float | None,
        seconds: float | None,
    ) -> int:
        """Keep an answer; returns its number."""
        self._item.append(item)
        self._reviewer.append(reviewer)
        self._label.append(label)
        self._line.append(_NO_LINE if line is None else line)
        self._confidence.append(math.nan if confidence is None else confidence)
        self._seconds.append(math.nan if seconds is None else seconds)
        self._moment.append(math.nan)
        return len(self._item) - 1

    def given_at(self, answer: int, at: str, moment: float) -> None:
        """Say when an answer was given: as text, and in seconds since 1970."""
        self.at[answer] = at
        self._moment[answer] = moment

    def line(self, answer: int) -> int | None:
        """Where an answer stands in the source."""
        return self._line[answer] or None

    def label(self, answer: int) -> int:
        """The label of an answer."""
        return self._label[answer]

    def item(self, answer: int) -> int:
        """The item of an answer."""
        return self._item[answer]

    def columns(self) -> tuple[AnswerColumns, IntArray]:
        """The answers that count, and the numbers of those that a later one of the same person replaces.

        Of several answers of a named person to an item the last counts: by time where all of them have one, else
        in the order in which they came.
        """
        item, reviewer = np.frombuffer(self._item, np.int32), np.frombuffer(self._reviewer, np.int32)
        order = np.arange(len(item))
        replaced = self._replaced(item, reviewer)
        kept = order[~replaced]
        kept = kept[np.argsort(item[kept], kind="stable")]
        columns = AnswerColumns(
            order=kept,
            item=item[kept].astype(np.int64),
            reviewer=reviewer[kept].astype(np.int64),
            label=np.frombuffer(self._label, np.int32)[kept].astype(np.int64),
            confidence=np.frombuffer(self._confidence, np.float64)[kept],
            seconds=np.frombuffer(self._seconds, np.float64)[kept],
        )
        return columns, order[replaced]

    def _replaced(self, item: NDArray[np.int32], reviewer: NDArray[np.int32]) -> BoolArray:
        """(n_answers,) which answers a later one replaces."""
        replaced = np.zeros(len(item), dtype=np.bool_)
        if not len(item):
            return replaced
        named = np.flatnonzero(reviewer != UNNAMED)
        moment = np.frombuffer(self._moment, np.float64)[named]
        pair = item[named].astype(np.int64) * (int(reviewer.max()) + 2) + reviewer[named]
        group = np.unique(pair, return_inverse=True)[1]
        timed = np.bincount(group, np.isnan(moment)) == 0
        rank = np.where(timed[group], moment, 0.0)
        sequence = np.lexsort((named, rank, group))
        earlier = sequence[:-1][group[sequence[:-1]] == group[sequence[1:]]]
        replaced[named[earlier]] = True
        return replaced
