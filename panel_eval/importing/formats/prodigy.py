"""Prodigy: the JSONL of `db-out`, one line an answer.

Shapes looked at: tasks of the interfaces choice, classification and html as Prodigy 1.11 and later store them
(`answer`, `accept`, `options`, `_input_hash`, `_annotator_id`, `_timestamp`), and those of the review recipe
(`versions`, `sessions`). Prodigy is not free: nothing was checked against the program itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.carried import CARRIED, item_with
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.prodigy_writing import ITEM_ID, write_prodigy
from panel_eval.importing.questions import ChosenLabels, SeveralLabelsError
from panel_eval.importing.values import at_path, identifier, label_text, text

_SHOWN = ("text", "html", "image", "audio", "video")
_SESSION_START = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$")
_LEFT_OUT = {
    "ignore": ("ignored", "was ignored by the annotator"),
    "reject": ("rejected", "was rejected by the annotator: none of the options"),
}
_NO_LABEL = "marks parts of the item, and has no label of the whole"

ROLES = {
    "item": (ITEM_ID, "_input_hash"),
    "reviewer": ("_annotator_id", "_session_id"),
    "label": ("accept", "answer"),
    "confidence": ("confidence",),
    "evidence": ("evidence", "user_input"),
    "criterion": ("criterion",),
    "seconds": ("seconds",),
    "at": ("_timestamp",),
    "cluster": ("panel_eval.cluster",),
    "gold": ("panel_eval.gold_label",),
    "split": ("panel_eval.split",),
}


def _read(source: Source) -> Iterator[Entry]:
    reading = _Reading(source, ChosenLabels(source.mapping))
    for line, record in Records(source.path):
        if isinstance(record, Dropped):
            yield record
        else:
            yield from reading.record(record, line)
    yield from reading.outcome()


@dataclass
class _Reading:
    """One pass over the lines.

    Attributes:
        source: what is read.
        chosen: counts answers with several labels.
        told: item to what was told of it.
        options: the labels that could be chosen, as far as they were met.
        asked: the labels that yes or no was said to.
        answers: lines that are answers of Prodigy.
        sessions: answers whose annotator is the start of a session.
    """

    source: Source
    chosen: ChosenLabels
    told: dict[str, Item] = field(default_factory=dict)
    options: dict[str, None] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    answers: int = 0
    sessions: int = 0

    def record(self, record: dict[str, Any], line: int) -> Iterator[Entry]:
        if "answer" not in record and "accept" not in record:
            yield Dropped("no_answer_field", "is no answer of Prodigy: no answer, no accept", line, answers=1)
            return
        self.answers += 1
        item_id = identifier(self._value(record, "item"))
        if item_id is None:
            yield Dropped("no_item", "names no item", line, value=list(record)[:8], answers=1)
            return
        yield from self._item(record, item_id, line)
        yield from self._options(record)
        versions = record.get("versions")
        if not isinstance(versions, list):
            yield from self._answer(record, item_id, line)
            return
        for version in versions:
            if isinstance(version, dict):
                yield from self._version(version, item_id, line)
        settled = self._label(record, item_id, line)
        if not isinstance(settled, Dropped):
            reason = "settled with Prodigy's review recipe"
            yield Item(item_id, adjudicated_label=settled, adjudication_reason=reason, line=line)

    def outcome(self) -> Iterator[Entry]:
        """What can be said at the end.

        Raises:
            InputError: this was no export of Prodigy, or its lines ask about several labels one by one.
        """
        path = self.source.path
        if not self.answers:
            fix = "in Prodigy: prodigy db-out DATASET > FILE"
            raise InputError(Problem("holds no answers of Prodigy", path=path, fix=fix))
        if len(self.asked) > 1 and "item" not in self.source.mapping.fields:
            listed = ", ".join(shorten(name, 30) for name in list(self.asked)[:12])
            message = f"asks yes or no about {len(self.asked)} labels ({listed}): these are questions of their own"
            fix = (
                "--field item=_task_hash makes an item of each text with each label; or keep the lines of one label"
            )
            raise InputError(Problem(message, path=path, fix=fix))
        if self.sessions:
            yield Note(
                f"{self.sessions:,} answers name the start of a session in place of an annotator (?session=NAME in "
                "the address names one): each session counts as a reviewer; a mapping file's reviewers renames them"
            )

    def _value(self, record: dict[str, Any], role: str) -> Any:
        named = self.source.mapping.fields.get(role)  # type: ignore[call-overload]
        if named is not None:
            return at_path(record, named)
        return next((record[key] for key in ROLES[role] if record.get(key) is not None), None)

    def _item(self, record: dict[str, Any], item_id: str, line: int) -> Iterator[Item]:
        fields, meta = self.source.mapping.fields, record.get("meta")
        shown = {name: at_path(record, name) for name in self.source.mapping.content} or self._content(record)
        roles = {"cluster": fields.get("cluster"), "split": fields.get("split"), "gold_label": fields.get("gold")}
        facts = {name: at_path(record, path) for name, path in roles.items() if path is not None}
        item = item_with(item_id, shown, meta if isinstance(meta, dict) else {}, record.get(CARRIED), line, **facts)
        before = self.told.setdefault(item_id, item)
        if before is item or (before.content, before.gold_label) != (item.content, item.gold_label):
            yield item

    def _content(self, record: dict[str, Any]) -> dict[str, Any]:
        given = record.get("content")
        if isinstance(given, dict):
            return given
        shown = {name: record[name] for name in _SHOWN if name in record}
        if self.source.mapping.fields.get("item") == "_task_hash" and isinstance(record.get("label"), str):
            shown["label"] = record["label"]
        return shown

    def _version(self, version: dict[str, Any], item_id: str, line: int) -> Iterator[Entry]:
        """One of the answers that a review lays side by side: that of every session that gave it."""
        sessions = version.get("sessions")
        for session in sessions if isinstance(sessions, list) else []:
            yield from self._answer({**version, "_annotator_id": session}, item_id, line)

    def _answer(self, record: dict[str, Any], item_id: str, line: int) -> Iterator[Entry]:
        label = self._label(record, item_id, line)
        if isinstance(label, Dropped):
            yield label
            return
        reviewer = identifier(self._value(record, "reviewer"))
        self.sessions += bool(reviewer and _SESSION_START.search(reviewer))
        yield Annotation(
            item_id,
            reviewer,
            label,
            line,
            confidence=self._value(record, "confidence"),
            evidence=text(self._value(record, "evidence")),
            criterion=text(self._value(record, "criterion")),
            seconds=self._value(record, "seconds"),
            at=self._value(record, "at"),
        )

    def _label(self, record: dict[str, Any], item_id: str, line: int) -> object | Dropped:
        """The label of an answer, or why it has none."""
        answer, named = record.get("answer", "accept"), self.source.mapping.fields.get("label")
        is_choice = "options" in record or "accept" in record
        binary = named == "answer" or (named is None and not is_choice)
        if answer not in ("accept", "reject") or (answer == "reject" and not binary):
            reason, message = _LEFT_OUT.get(str(answer), ("no_answer", "has no answer"))
            return Dropped(reason, message, line, item_id, answer, answers=1)
        if binary:
            return self._yes_or_no(record, item_id, line)
        given = record.get("accept") if named is None else at_path(record, named)
        try:
            return self.chosen.label(given if isinstance(given, list) else [given])
        except SeveralLabelsError as several:
            return several.dropped(line, item_id)

    def _options(self, record: dict[str, Any]) -> Iterator[LabelSet]:
        """The labels that could be chosen, where new ones are met."""
        options = record.get("options")
        if not isinstance(options, list) or "label" in self.source.mapping.fields:
            return
        ids = [label_text(option.get("id")) for option in options if isinstance(option, dict)]
        met = {name: None for name in ids if name is not None and name not in self.options}
        if met:
            self.options |= met
            yield LabelSet(list(met))

    def _yes_or_no(self, record: dict[str, Any], item_id: str, line: int) -> object | Dropped:
        asked = label_text(record.get("label"))
        if asked is not None:
            self.asked[asked] = None
        elif record.get("spans") or record.get("relations"):
            return Dropped("spans", _NO_LABEL, line, item_id, record.get("_view_id"), answers=1)
        found: object = record["answer"]
        return found


FORMAT = Format(
    name="prodigy",
    title="Prodigy answers: the JSONL of db-out",
    example='{"text": "…", "options": […], "accept": ["yes"], "answer": "accept", "_annotator_id": "ann"}',
    read=_read,
    roles=ROLES,
    page="import/prodigy.md",
    write=write_prodigy,
)
