"""Argilla: records with responses per question and user, and suggestions of models.

Shapes looked at: argilla 2.8 (`records.to_list`, `to_json`, `to_dict`, `to_datasets`, `Dataset.to_disk`, `to_hub`)
and argilla 1.29 (`FeedbackDataset` as JSON and as a Hugging Face data set, `DatasetForTextClassification`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from panel_eval.importing.carried import item_with
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.argilla_files import Export, read_export
from panel_eval.importing.formats.argilla_shapes import ArgillaRecord, Suggestion, UserAnswers
from panel_eval.importing.formats.argilla_writing import write_argilla
from panel_eval.importing.questions import ChosenLabels, SeveralLabelsError, label_question
from panel_eval.importing.values import at_path, identifier, label_text, number, text
from panel_eval.schema import Vote

_LABEL_KINDS = ("label_selection", "rating", "multi_label_selection")
_NO_AGENT = "suggestion"
_LEFT_OUT = {
    "discarded": "was discarded by the annotator",
    "draft": "is a draft that nobody submitted",
    "pending": "is a draft that nobody submitted",
}


def _read(source: Source) -> Iterator[Entry]:
    export = read_export(source.path)
    yield from export.dropped
    label = label_question(export.kinds, source.mapping, _LABEL_KINDS, source.path, "question")
    if label in export.options:
        rated = export.kinds.get(label) == "rating"
        yield LabelSet(export.options[label], "ordinal" if rated else None)
    reading = _Reading(label, source, ChosenLabels(source.mapping), export)
    for place, record in export.records():
        yield from reading.record(record, place)
    if reading.without_id:
        yield Note(f"{reading.without_id:,} records have no id: they are called by their place, as record-1")
    if reading.without_status:
        yield Note(
            f"{reading.without_status:,} responses do not say whether they were submitted: records.to_json leaves "
            "that out, so discarded ones and drafts may be among them (records.to_datasets keeps it)"
        )


@dataclass
class _Reading:
    """One pass over the records.

    Attributes:
        label: the question that is the label.
        source: what is read.
        chosen: counts answers with several labels.
        export: the whole export.
        without_status: answers kept of which it is not known whether they were submitted.
        without_id: records that are called by their place.
    """

    label: str
    source: Source
    chosen: ChosenLabels
    export: Export
    without_status: int = 0
    without_id: int = 0

    def record(self, record: ArgillaRecord, place: int) -> Iterator[Entry]:
        named = self.source.mapping.fields.get("item")
        item_id = identifier(record.item_id if named is None else record.named(named))
        if item_id is None and named is None and record.item_id is None:
            item_id = f"record-{place}"
            self.without_id += 1
        if item_id is None:
            yield Dropped("no_item", "names no item", place, value=record.item_id, answers=len(record.users))
            return
        yield self._item(record, item_id, place)
        for user in record.users:
            yield from self._answers(user, item_id, place)
        for suggestion in record.suggestions:
            if suggestion.question == self.label and suggestion.value is not None:
                yield self._suggested(suggestion, item_id, place)

    def _item(self, record: ArgillaRecord, item_id: str, place: int) -> Item:
        fields = self.source.mapping.fields
        shown = {name: record.named(name) for name in self.source.mapping.content}
        roles = {"cluster": fields.get("cluster"), "split": fields.get("split"), "gold_label": fields.get("gold")}
        facts = {name: record.named(path) for name, path in roles.items() if path is not None}
        return item_with(item_id, shown or record.fields, record.metadata, record.carried, place, **facts)

    def _answers(self, user: UserAnswers, item_id: str, place: int) -> Iterator[Entry]:
        name = identifier(user.name)
        if user.status in _LEFT_OUT:
            yield Dropped(user.status, _LEFT_OUT[user.status], place, item_id, name, answers=1)
            return
        if self.label not in user.values:
            yield Dropped("no_answer", "has no answer", place, item_id, name, answers=1)
            return
        if user.status is None:
            self.without_status += 1
        try:
            label = self.chosen.label(_listed(user.values[self.label]))
        except SeveralLabelsError as several:
            yield several.dropped(place, item_id)
            return
        fields = self.source.mapping.fields
        yield Annotation(
            item_id,
            name,
            label,
            place,
            confidence=user.values.get(fields.get("confidence", "confidence")),
            evidence=text(user.values.get(fields.get("evidence", "evidence"))),
            criterion=text(user.values.get(fields.get("criterion", "criterion"))),
            seconds=at_path(user.values, fields["seconds"]) if "seconds" in fields else None,
            at=user.at,
        )

    def _suggested(self, suggestion: Suggestion, item_id: str, place: int) -> Entry:
        if suggestion.kind == "human":
            message = "is a person's suggestion, no response"
            return Dropped("human_suggestion", message, place, item_id, suggestion.agent, answers=1)
        known: dict[str, Any] = {"item_id": item_id, "judge": identifier(suggestion.agent) or _NO_AGENT}
        if suggestion.shares:
            return JudgeVote(Vote(distribution=dict(suggestion.shares), **known), place)
        scores = _listed(suggestion.score)
        score = number(scores[0]) if len(scores) == 1 else None
        if score is not None:
            known |= {"confidence": score} if 0 <= score <= 1 else {"metadata": {"score": score}}
        try:
            label = label_text(self.chosen.label(_listed(suggestion.value)))
        except SeveralLabelsError as several:
            label, known["raw"] = None, str(several)[:2000]
        if label is None:
            return JudgeVote(Vote(outcome="unparseable", **known), place)
        return JudgeVote(Vote(label=label, **known), place)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


FORMAT = Format(
    name="argilla",
    title="Argilla records: JSON, JSON lines, Parquet or a folder of Dataset.to_disk; versions 1 and 2",
    example='{"id": "t-1", "fields": {"text": "…"}, "responses": {"label": [{"user_id": "…", "value": "yes"}]}}',
    read=_read,
    makes=frozenset({"labels", "votes"}),
    roles={
        "item": ("id", "external_id"),
        "reviewer": ("user_id",),
        "label": ("the only question",),
        "confidence": ("confidence",),
        "evidence": ("evidence",),
        "criterion": ("criterion",),
        "cluster": ("panel_eval.cluster",),
        "gold": ("panel_eval.gold_label",),
        "split": ("panel_eval.split",),
    },
    page="import/argilla.md",
    write=write_argilla,
)
