"""The items of a page as one JSON document: columns of equal length, one entry an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from panel_eval.report.explorer.command import shell_words
from panel_eval.report.explorer.numbers_in_json import MOST_LABELS, masses, rounded
from panel_eval.report.explorer.said import Reason, Said, judges_said, reviewers_said
from panel_eval.report.explorer.shown_text import LONGEST, ShownText
from panel_eval.report.printable import cut_line
from panel_eval.report.view import RunView
from panel_eval.schema import OUTCOMES, SoftLabel

if TYPE_CHECKING:
    import pandas as pd

    from panel_eval.stats.arrays import FloatArray, IntArray

NAME_CHARS: Final = 80
CLASS_CHANCES: Final = ("agreement", "minor", "major", "unresolved")
"""Disagreement classes that a population of reviewers can be of, as in the columns `class_prob_*`."""
_SCORES: Final = {
    "ce": "ce_bits", "kl": "kl_plugin_bits", "human_entropy": "human_entropy_bits",
    "panel_entropy": "panel_entropy_bits",
}  # fmt: skip


@dataclass(frozen=True)
class Lengths:
    """How much of each text, and of each judge's distribution, is embedded.

    Attributes:
        content: characters of a content field.
        reason: characters of a rationale.
        judge_labels: labels of a judge's own distribution; 0 leaves the judges' distributions out.
    """

    content: int = LONGEST
    reason: int = LONGEST
    judge_labels: int = MOST_LABELS


class Names:
    """Printable names by their position, each once, in the order in which they are first asked for."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._place: dict[str, int] = {}
        for name in names:
            self.place(name)

    def place(self, name: str) -> int:
        """Where a name stands, now if not before."""
        return self._place.setdefault(name, len(self._place))

    def printable(self) -> list[str]:
        """The names, safe to show."""
        return [cut_line(name, NAME_CHARS) for name in self._place]


class ItemColumns:
    """The shown items of a run, ready to be written at any `Lengths`; each text is read once.

    Args:
        run: the results.
        positions: rows of `run.items` in the order of the page.
    """

    def __init__(self, run: RunView, positions: IntArray) -> None:
        self._run = run
        self._items: pd.DataFrame = run.items.iloc[positions]
        self._positions = positions
        self._ids = [str(item_id) for item_id in self._items["item_id"]]
        self._rows = [run.humans.index[item_id] for item_id in self._ids]
        self._records: list[SoftLabel] = [run.humans.records[row] for row in self._rows]
        self._judges = Names(list(run.metrics.judges))
        self._said = judges_said(run.votes, list(run.metrics.judges), self._ids)
        self._reviewers = [reviewers_said(record) for record in self._records]
        self._contents = [
            [(name, ShownText.of(text)) for name, text in (record.content or {}).items()]
            for record in self._records
        ]

    def __len__(self) -> int:
        return len(self._ids)

    def document(self, lengths: Lengths) -> dict[str, Any]:
        """All that the script reads of the items."""
        fields, people, answers = Names(), Names(), Names(self._run.metrics.labels)
        columns = {
            **self._fixed,
            "judges": self._judge_masses(lengths.judge_labels),
            "content": [
                [[fields.place(name), text.cut(lengths.content)] for name, text in content]
                for content in self._contents
            ],
            "people": [
                [[_reason(one, people, answers, lengths.reason) for one in reasons], left_out]
                for reasons, left_out in self._reviewers
            ],
            "said": [self._said_about(item_id, answers, lengths.reason) for item_id in self._ids],
            "adjudicated": [_adjudicated(record, lengths.reason) for record in self._records],
        }
        return {
            "labels": [cut_line(label, NAME_CHARS) for label in self._run.metrics.labels],
            "outcomes": list(OUTCOMES),
            "judges": self._judges.printable(),
            "fields": fields.printable(),
            "people": people.printable(),
            "answers": answers.printable(),
            "columns": {name: column for name, column in columns.items() if any(one is not None for one in column)},
        }

    def texts_cut(self, lengths: Lengths) -> bool:
        """Whether any text is longer than what is embedded of it."""
        contents = (text.length for content in self._contents for _, text in content)
        reasons = [one.text.length for own, _ in self._reviewers for one in own]
        reasons += [one.text.length for said in self._said.values() for one in said.reasons]
        return any(length > lengths.content for length in contents) or any(n > lengths.reason for n in reasons)

    @cached_property
    def _fixed(self) -> dict[str, list[Any]]:
        """The columns that no length changes."""
        run, items = self._run, self._items
        humans, rows = run.humans, self._rows
        shown, words = [cut_line(item_id, NAME_CHARS) for item_id in self._ids], shell_words(self._ids)
        reported = [humans.reported_class[row] for row in rows]
        return {
            "id": shown,
            "key": [None if raw == text else raw for raw, text in zip(self._ids, shown, strict=True)],
            "word": [None if word == raw else word for word, raw in zip(words, self._ids, strict=True)],
            "row": [int(position) for position in self._positions],
            "class": [humans.derived_class[row] for row in rows],
            "reported": [None if name is None else cut_line(name, NAME_CHARS) for name in reported],
            "reviewers": [int(humans.reviewer_count[row]) for row in rows],
            "counted": [1 if humans.counts_known[row] else None for row in rows],
            "human": masses(humans.distribution[rows]),
            "panel": masses(_shares(items, "q_", run.metrics.labels)),
            **{name: rounded(_numbers(items, column)) for name, column in _SCORES.items()},
            "unsure": self._unsure(),
            "decided": self._decided(),
            "chances": self._chances(),
            "diagnosis": _texts(items, "diagnosis"),
        }  # fmt: skip

    def _unsure(self) -> list[list[int] | None]:
        """Thousandths of the run's answered items that the panel is surer of, and at least as sure of."""
        every = _numbers(self._run.items, "uncertainty")
        known = np.sort(every[np.isfinite(every)])
        own = every[self._positions]
        places = [np.searchsorted(known, own, side=side) for side in ("left", "right")]
        shares = np.rint(1000 * np.stack(places, axis=1) / max(len(known), 1)).astype(int).tolist()
        return [share if np.isfinite(value) else None for share, value in zip(shares, own, strict=True)]

    def _decided(self) -> list[int | None]:
        """1 where the policy lets the panel decide."""
        decided = self._run.decided
        return [None] * len(self) if decided is None else [int(decided[row]) for row in self._positions]

    def _chances(self) -> list[list[int] | None]:
        names = [f"class_prob_{name}" for name in CLASS_CHANCES]
        if not set(names) <= set(self._items.columns):
            return [None] * len(self)
        table = self._items[names].to_numpy(dtype=float, na_value=np.nan)
        return [np.rint(1000 * row).astype(int).tolist() if np.isfinite(row).all() else None for row in table]

    def _judge_masses(self, most: int) -> list[list[Any] | None]:
        """Of each item the judges' own distributions, unsmoothed, in the order of `judges`."""
        forecasts = self._run.forecasts
        if forecasts is None or most == 0:
            return [None] * len(self)
        own = [masses(q[self._rows], most) for q in forecasts.q_raw]
        return [list(entry) for entry in zip(*own, strict=True)]

    def _said_about(self, item_id: str, answers: Names, limit: int) -> list[Any] | None:
        said = self._said[item_id]
        if not said.reasons and not said.failed:
            return None
        reasons = [_reason(one, self._judges, answers, limit) for one in said.reasons]
        return [reasons, said.left_out, _failed(said, self._judges)]


def _failed(said: Said, judges: Names) -> list[int]:
    """Judge, outcome and votes by turns."""
    return [
        number
        for judge, outcomes in said.failed.items()
        for outcome, times in outcomes.items()
        for number in (judges.place(judge), OUTCOMES.index(outcome), times)
    ]


def _reason(reason: Reason, who: Names, answers: Names, limit: int) -> list[Any]:
    """Who, which answer (outcomes count down from -1), the text; then how often, or how sure the reviewer was."""
    answer = answers.place(reason.answer) if reason.outcome is None else -1 - OUTCOMES.index(reason.outcome)
    entry: list[Any] = [who.place(reason.who), answer, reason.text.cut(limit)]
    if reason.times > 1 or reason.confidence is not None:
        entry.append(reason.times if reason.confidence is None else round(reason.confidence, 2))
    return entry


def _adjudicated(record: SoftLabel, limit: int) -> list[str] | None:
    if record.adjudicated_label is None and not record.adjudication_reason:
        return None
    reason = ShownText.of(record.adjudication_reason or "").cut(limit)
    return [cut_line(record.adjudicated_label or "", NAME_CHARS), reason]


def _numbers(items: pd.DataFrame, column: str) -> FloatArray:
    """A column of numbers; NaN where the table has no such column."""
    if column not in items.columns:
        return np.full(len(items), np.nan)
    return items[column].to_numpy(dtype=float, na_value=np.nan)


def _texts(items: pd.DataFrame, column: str) -> list[str | None]:
    if column not in items.columns:
        return [None] * len(items)
    return [cut_line(text, NAME_CHARS) if isinstance(text, str) else None for text in items[column]]


def _shares(items: pd.DataFrame, prefix: str, labels: Sequence[str]) -> FloatArray:
    return items[[f"{prefix}{label}" for label in labels]].to_numpy(dtype=float, na_value=np.nan)
