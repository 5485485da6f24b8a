"""The report's items: the most telling first, each with its bars, the judges' answers and the reviewers'."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.pooling import VoteTable
from panel_eval.report.numbers import decimal
from panel_eval.report.printable import cut, cut_line
from panel_eval.report.view import RunView
from panel_eval.schema import SoftLabel, Vote

if TYPE_CHECKING:
    from panel_eval.stats.arrays import FloatArray

MAX_ITEMS: Final = 2000
MAX_LABELS: Final = 12
MAX_ENTRIES: Final = 60
PREVIEW_CHARS: Final = 160
CONTENT_CHARS: Final = 1200
RATIONALE_CHARS: Final = 400
NAME_CHARS: Final = 80

ORDER_RULE = "largest cross-entropy first: where the panel is furthest from what the reviewers said"


@dataclass(frozen=True)
class Entry:
    """What one judge or reviewer said, with the reasons given (empty if none)."""

    who: str
    text: str


@dataclass(frozen=True)
class Answers:
    """All on one side who gave one answer: those without reasons in one line, the others one by one."""

    names: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class AnswerRow:
    """One answer to one item and who gave it.

    `human` and `panel` are the shares of reviewers and of the panel's mass; None where the answer is no label, or
    the panel has no forecast.
    """

    answer: str
    human: float | None
    panel: float | None
    people: Answers
    judges: Answers


@dataclass(frozen=True)
class ItemView:
    """One item as the page shows it; all texts printable and cut."""

    row: int
    item_id: str
    human_class: str
    reported_class: str | None
    reviewers: int
    ce_bits: str
    preview: str
    content: tuple[tuple[str, str], ...]
    rows: tuple[AnswerRow, ...]
    labels_left_out: int
    adjudicated: str | None

    @property
    def bars(self) -> tuple[AnswerRow, ...]:
        """The rows that are labels."""
        return tuple(row for row in self.rows if row.human is not None)


def item_views(view: RunView) -> Iterator[ItemView]:
    """At most `MAX_ITEMS` items by `ORDER_RULE`; items without a score come last, equals in file order."""
    loss = view.items["ce_bits"].to_numpy(dtype=float, na_value=np.nan)
    order = np.argsort(-np.where(np.isnan(loss), -np.inf, loss), kind="stable")[:MAX_ITEMS]
    human, panel = _shares(view, "p_"), _shares(view, "q_")
    ids = [str(item_id) for item_id in view.items["item_id"]]
    votes = _votes_on({ids[position] for position in order}, view.votes)
    for position in order:
        record_row = view.humans.index[ids[position]]
        rows = answer_rows(
            view.metrics.labels, human[position], panel[position],
            view.humans.records[record_row], votes.get(ids[position], []),
        )  # fmt: skip
        yield _item_view(view, record_row, float(loss[position]), rows)


def _votes_on(item_ids: Set[str], votes: Sequence[Vote]) -> dict[str, list[Vote]]:
    """The votes on these items by item; of a large file, no others are made."""
    table = VoteTable.of(votes)
    shown = np.array([item_id in item_ids for item_id in table.columns.item_ids], dtype=bool)
    by_item: dict[str, list[Vote]] = defaultdict(list)
    for row in np.flatnonzero(shown[table.columns.item]).tolist():
        vote = table[row]
        by_item[vote.item_id].append(vote)
    return by_item


def _shares(view: RunView, prefix: str) -> FloatArray:
    columns = [f"{prefix}{label}" for label in view.metrics.labels]
    return view.items[columns].to_numpy(dtype=float, na_value=np.nan)


def _item_view(view: RunView, row: int, loss: float, rows: Sequence[AnswerRow]) -> ItemView:
    humans, record = view.humans, view.humans.records[row]
    content = tuple(
        (cut_line(name, NAME_CHARS), cut(text, CONTENT_CHARS)) for name, text in (record.content or {}).items()
    )
    preview = cut_line(" · ".join(text for _, text in content), PREVIEW_CHARS)
    kept = [*rows[:MAX_LABELS], *rows[max(MAX_LABELS, len(view.metrics.labels)) :]]
    return ItemView(
        row=row,
        item_id=cut_line(record.item_id, NAME_CHARS),
        human_class=humans.derived_class[row],
        reported_class=humans.reported_class[row],
        reviewers=int(humans.reviewer_count[row]),
        ce_bits=decimal(loss),
        preview=preview,
        content=() if len(content) == 1 and content[0][1] == preview else content,
        rows=tuple(kept),
        labels_left_out=len(rows) - len(kept),
        adjudicated=_adjudicated(record),
    )


def answer_rows(
    labels: Sequence[str],
    human: FloatArray,
    panel: FloatArray,
    record: SoftLabel,
    votes: Sequence[Vote],
) -> list[AnswerRow]:
    """One row a label, in rubric order (by mass where labels are many), then answers that are no label."""
    people, judges = people_said(record), judges_said(votes)
    rows = [
        AnswerRow(
            cut_line(label, NAME_CHARS),
            float(h),
            float(q) if np.isfinite(q) else None,
            people.pop(label, Answers()),
            judges.pop(label, Answers()),
        )
        for label, h, q in zip(labels, human, panel, strict=True)
    ]
    if len(rows) > MAX_LABELS:
        rows.sort(key=lambda row: -max(row.human or 0.0, row.panel or 0.0))
    others = dict.fromkeys([*judges, *people])
    return rows + [
        AnswerRow(
            cut_line(answer, NAME_CHARS), None, None, people.get(answer, Answers()), judges.get(answer, Answers())
        )
        for answer in others
    ]


def judges_said(votes: Sequence[Vote]) -> dict[str, Answers]:
    """Votes by answer: a label, `shares`, or `no vote: OUTCOME`."""
    said: dict[str, list[Entry]] = defaultdict(list)
    for vote in sorted(votes, key=lambda vote: (vote.judge, vote.sample)):
        said[_answer(vote)].append(Entry(vote.judge, _reason(vote)))
    return {answer: _answers(entries) for answer, entries in said.items()}


def people_said(record: SoftLabel) -> dict[str, Answers]:
    """Reviewers' labels and evidence by label, where the label file names reviewers."""
    said: dict[str, list[Entry]] = defaultdict(list)
    for rationale in record.rationales:
        said[rationale.label].append(Entry(rationale.reviewer, rationale.evidence or ""))
    return {label: _answers(entries) for label, entries in said.items()}


def _answer(vote: Vote) -> str:
    if vote.label is not None:
        return vote.label
    if vote.distribution is not None:
        return "shares"
    return f"no vote: {vote.outcome.replace('_', ' ')}"


def _reason(vote: Vote) -> str:
    parts = []
    if vote.distribution is not None:
        ranked = sorted(vote.distribution.items(), key=lambda pair: -pair[1])
        parts.append(", ".join(f"{label} {decimal(mass)}" for label, mass in ranked[:MAX_LABELS] if mass > 0))
    if vote.rationale:
        parts.append(vote.rationale)
    if vote.error is not None:
        parts.append(f"{vote.error.kind}: {vote.error.message}")
    elif vote.outcome not in ("ok", "abstain") and vote.raw:
        parts.append(f"answer as received: {vote.raw}")
    return " — ".join(parts)


def _answers(entries: Sequence[Entry]) -> Answers:
    silent = Counter(cut_line(entry.who, NAME_CHARS) for entry in entries if not entry.text)
    names = [name if times == 1 else f"{name} ×{times}" for name, times in silent.items()]
    spoken = [
        Entry(cut_line(entry.who, NAME_CHARS), cut(entry.text, RATIONALE_CHARS)) for entry in entries if entry.text
    ]
    return Answers(_names(names), tuple(_shortened(spoken)))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_ENTRIES} more" if len(names) > MAX_ENTRIES else ""
    return ", ".join(names[:MAX_ENTRIES]) + more


def _shortened(entries: Sequence[Entry]) -> list[Entry]:
    if len(entries) <= MAX_ENTRIES:
        return list(entries)
    return [*entries[:MAX_ENTRIES], Entry(f"and {len(entries) - MAX_ENTRIES} more", "not shown here")]


def _adjudicated(record: SoftLabel) -> str | None:
    if record.adjudicated_label is None and not record.adjudication_reason:
        return None
    label = record.adjudicated_label or "not collapsed to one label"
    reason = f": {record.adjudication_reason}" if record.adjudication_reason else ""
    return cut(f"{label}{reason}", RATIONALE_CHARS)
