"""The labels in force as a label file: the soft-label contract with every field, written whole or not at all."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from panel_eval.humans import disagreement_class
from panel_eval.labelling.answers import Answer, Answers
from panel_eval.labelling.study import Study, StudyItem
from panel_eval.schema import DisagreementClass, Rationale, ReviewerConfidence, Rubric, SoftLabel, read_jsonl
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.stats.entropy import entropy_bits

SMALL_BYTES = 4 << 20
"""A label file of this size, some thousand items, is written after each change."""
REST = 10
"""A larger one is written again only after so many times as long as that took: then the log alone is up to date."""


def soft_label(item: StudyItem, answers: Sequence[Answer], rubric: Rubric) -> SoftLabel | None:
    """One item with what its reviewers said, every field of the contract stated; None without any label.

    Args:
        item: the item.
        answers: labels in force, one a reviewer; rationales and confidences keep their order.
        rubric: labels in order, scale.
    """
    if not answers:
        return None
    votes = Counter(answer.label for answer in answers)
    counts = {label: votes[label] for label in rubric.label_names}
    shares = np.array([list(counts.values())], dtype=np.float64) / len(answers)
    derived = disagreement_class(np.array([list(counts.values())]), rubric.scale)[0][0]
    confidence = [
        ReviewerConfidence(reviewer=answer.event.reviewer or "", value=answer.event.confidence)
        for answer in answers
        if answer.event.confidence is not None
    ]
    return SoftLabel(
        item_id=item.item_id,
        task=rubric.task,
        distribution=dict(zip(rubric.label_names, shares[0].tolist(), strict=True)),
        reviewer_count=len(answers),
        entropy_bits=float(entropy_bits(shares)[0]),
        confidence=confidence or None,
        disagreement_class=None if derived == "insufficient" else cast(DisagreementClass, derived),
        rationales=[_rationale(answer) for answer in answers],
        adjudicated_label=None,
        adjudication_reason=None,
        counts=counts,
        content=dict(item.content),
        cluster=item.cluster,
        gold_label=item.gold_label,
        split=item.split,
        metadata=dict(item.metadata),
    )


def holds_others_labels(path: Path, events: Iterable[LabellingEvent]) -> bool:
    """Whether a file holds anything that writing the labels of these events anew would lose.

    Args:
        path: an existing file; empty ones hold nothing.
        events: of the log.

    Raises:
        InputError: it is unreadable.
    """
    known = {(event.item_id, event.reviewer, event.label, event.at) for event in events}
    lines = read_jsonl(path, SoftLabel)
    return bool(lines.problems) or any(
        record.adjudicated_label is not None
        or record.reviewer_count != len(record.rationales)
        or any((record.item_id, one.reviewer, one.label, one.at) not in known for one in record.rationales)
        for _, record in lines.records
    )


class LabelFile:
    """Keeps a label file up to date; items without a label are left out, the others stand in the study's order.

    The same labels in force give the same bytes, whatever their history.

    Args:
        path: the file.
        study: items and rubric.
        answers: the labels; read at each writing.

    Attributes:
        path: the file.
        is_behind: whether something in force is not in it yet.
    """

    def __init__(self, path: Path, study: Study, answers: Answers) -> None:
        self.path = path
        self._study, self._answers = study, answers
        self._items = {item.item_id: item for item in study.items}
        self._lines = {item.item_id: self._line(item) for item in study.items}
        self.is_behind = True
        self._next_write = 0.0

    def note_change(self, item_id: str) -> None:
        """Write the file after a label changed: at once, or at the next `catch_up` where writing takes long.

        Raises:
            OSError: the file cannot be written; what stood there still does.
        """
        if (item := self._items.get(item_id)) is not None:
            self._lines[item_id] = self._line(item)
            self.is_behind = True
            self.catch_up()

    def catch_up(self, *, now: bool = False) -> None:
        """Write what is not written yet, if it is time to, or `now`.

        Raises:
            OSError: the file cannot be written; what stood there still does.
        """
        start = time.monotonic()
        if not self.is_behind or (start < self._next_write and not now):
            return
        data = b"".join(self._lines.values())
        self._write(data)
        self.is_behind = False
        took = time.monotonic() - start
        self._next_write = start + (REST * took if len(data) > SMALL_BYTES else 0.0)

    def _write(self, data: bytes) -> None:
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(data)
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def _line(self, item: StudyItem) -> bytes:
        record = soft_label(item, self._answers.on(item.item_id), self._study.rubric)
        return b"" if record is None else record.model_dump_json().encode() + b"\n"


def _rationale(answer: Answer) -> Rationale:
    event = answer.event
    return Rationale(
        reviewer=event.reviewer or "",
        label=answer.label or "",
        evidence=event.evidence,
        confidence=event.confidence,
        criterion=event.criterion,
        seconds=event.seconds,
        at=event.at,
    )
