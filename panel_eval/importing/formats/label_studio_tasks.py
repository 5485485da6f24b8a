"""Label Studio's JSON export: one task an item, with all answers and predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from panel_eval.importing.carried import CARRIED, item_with
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, Note
from panel_eval.importing.format import Source
from panel_eval.importing.formats.label_studio_values import answers_in, is_of_a_region, joined
from panel_eval.importing.questions import ChosenLabels, SeveralLabelsError, label_question
from panel_eval.importing.values import at_path, identifier, label_text, number, objects_in, text, time_text
from panel_eval.schema import Vote
from panel_eval.schema.import_mapping import ImportMapping

ITEM_ID = "item_id"
_LABEL_KINDS = ("choices", "rating", "taxonomy", "pairwise", "number")
_UNNAMED_MODEL = "prediction"
_FROM_A_MODEL = (
    "answers began as a model's prediction, which the annotator saw: they are not independent of that model"
)
_GROUND_TRUTH = "answers are marked as ground truth: they are gold labels of their items, and votes like any other"


def is_task(record: dict[str, Any]) -> bool:
    """Whether a record is a task with its data, as the JSON export has them."""
    lists = ("annotations", "completions", "predictions")
    return isinstance(record.get("data"), dict) and any(isinstance(record.get(name), list) for name in lists)


def read_tasks(records: Records, source: Source) -> Iterator[Entry]:
    """The entries of tasks.

    Raises:
        InputError: it is not clear which control is the label.
    """
    label = label_question(_controls(records), source.mapping, _LABEL_KINDS, source.path, "control")
    reading = _Reading(label, source.mapping, ChosenLabels(source.mapping))
    for place, record in records.objects():
        if is_task(record):
            yield from reading.task(record, place)
        else:
            yield Dropped("no_task", "is no task with data and answers", place, value=list(record)[:8])
    yield from reading.notes()


def _controls(records: Records) -> dict[str, str]:
    """Name of each control that something was answered in, to its kind."""
    found: dict[str, str] = {}
    for _, record in records.objects():
        for given in (*_answers_of(record), *objects_in(record.get("predictions"))):
            for result in objects_in(given.get("result")):
                if (name := label_text(result.get("from_name"))) is not None:
                    found.setdefault(name, str(result.get("type", "")).lower())
    return found


def _answers_of(task: dict[str, Any]) -> list[dict[str, Any]]:
    return objects_in(task.get("annotations", task.get("completions")))


@dataclass
class _Reading:
    """One pass over the tasks.

    Attributes:
        label: the control that is the label.
        mapping: the user's.
        chosen: counts answers with several labels.
        seen: things to say of the file to how many they are.
    """

    label: str
    mapping: ImportMapping
    chosen: ChosenLabels
    seen: dict[str, int] = field(default_factory=dict)

    def task(self, task: dict[str, Any], place: int) -> Iterator[Entry]:
        item_id = self._item_id(task)
        if item_id is None:
            answers = len(_answers_of(task))
            yield Dropped("no_item", "names no item", place, value=list(task)[:8], answers=answers)
            return
        yield self._item(task, item_id, place)
        for answer in _answers_of(task):
            yield from self._answer(answer, item_id, place)
        for _ in objects_in(task.get("drafts")):
            yield Dropped("draft", "is a draft that nobody submitted", place, item_id)
        for prediction in objects_in(task.get("predictions")):
            yield self._prediction(prediction, item_id, place)
        for name in ("annotations", "predictions"):
            listed = task.get(name)
            bare = len(listed) - len(objects_in(listed)) if isinstance(listed, list) else 0
            if bare:
                self._count(f"{name} are in the file by number only: export a snapshot that has them whole", bare)

    def _count(self, what: str, times: int = 1) -> None:
        self.seen[what] = self.seen.get(what, 0) + times

    def notes(self) -> Iterator[Note]:
        for what, times in self.seen.items():
            yield Note(f"{times:,} {what}")

    def _item_id(self, task: dict[str, Any]) -> str | None:
        named = self.mapping.fields.get("item")
        if named is not None:
            return identifier(_named(task, named))
        for value in (task["data"].get(ITEM_ID), task.get("id"), task.get("inner_id")):
            if (found := identifier(value)) is not None:
                return found
        return None

    def _item(self, task: dict[str, Any], item_id: str, place: int) -> Item:
        data, fields = task["data"], self.mapping.fields
        shown = {name: at_path(data, name) for name in self.mapping.content}
        given = task.get("meta")
        meta = given if isinstance(given, dict) else {}
        named = {"cluster": fields.get("cluster"), "split": fields.get("split"), "gold_label": fields.get("gold")}
        return item_with(
            item_id,
            shown or {name: value for name, value in data.items() if name not in (ITEM_ID, fields.get("item"))},
            {name: value for name, value in meta.items() if name != CARRIED},
            meta.get(CARRIED),
            place,
            **{name: _named(task, path) for name, path in named.items() if path is not None},
        )

    def _answer(self, answer: dict[str, Any], item_id: str, place: int) -> Iterator[Entry]:
        if answer.get("was_cancelled") or answer.get("skipped"):
            who = self._reviewer(answer)
            yield Dropped("skipped", "was skipped by the annotator", place, item_id, who, answers=1)
            return
        try:
            label = self.chosen.label(self._of(answer, self.label))
        except SeveralLabelsError as several:
            yield several.dropped(place, item_id)
            return
        if label is None and self._on_regions(answer):
            message = "labels a part of the item, not the item"
            yield Dropped("region", message, place, item_id, self.label, answers=1)
            return
        if answer.get("parent_prediction") is not None:
            self._count(_FROM_A_MODEL)
        if answer.get("ground_truth") is True and label is not None:
            self._count(_GROUND_TRUTH)
            yield Item(item_id, gold_label=label, line=place)
        named = self.mapping.fields
        confidence = self._of(answer, named.get("confidence", "confidence"))
        yield Annotation(
            item_id,
            self._reviewer(answer),
            label,
            place,
            confidence=confidence[0] if confidence else None,
            evidence=joined(self._of(answer, named.get("evidence", "evidence"))),
            criterion=joined(self._of(answer, named.get("criterion", "criterion"))),
            seconds=at_path(answer, named.get("seconds", "lead_time")),
            at=at_path(answer, named["at"]) if "at" in named else _time(answer),
        )

    def _of(self, answer: dict[str, Any], control: str) -> list[Any]:
        """What was answered in a control, on the whole item."""
        return [
            found
            for result in objects_in(answer.get("result"))
            if result.get("from_name") == control and not is_of_a_region(result.get("value"))
            for found in answers_in(result.get("value"))
        ]

    def _on_regions(self, answer: dict[str, Any]) -> bool:
        results = objects_in(answer.get("result"))
        return any(r.get("from_name") == self.label and is_of_a_region(r.get("value")) for r in results)

    def _reviewer(self, answer: dict[str, Any]) -> str | None:
        if "reviewer" in self.mapping.fields:
            return identifier(at_path(answer, self.mapping.fields["reviewer"]))
        for result in objects_in(answer.get("result")):
            meta = result.get("meta")
            if isinstance(meta, dict) and "reviewer" in meta:  # as our writer leaves it: null is nobody
                return identifier(meta["reviewer"])
        who = answer.get("completed_by")
        if isinstance(who, dict):
            who = next((who[key] for key in ("email", "username", "id") if who.get(key)), None)
        return identifier(who)

    def _prediction(self, prediction: dict[str, Any], item_id: str, place: int) -> JudgeVote:
        known: dict[str, Any] = {
            "item_id": item_id,
            "judge": identifier(prediction.get("model_version")) or _UNNAMED_MODEL,
            "at": time_text(prediction.get("created_at")),
        }
        score = number(prediction.get("score"))
        if score is not None:
            known |= {"confidence": score} if 0 <= score <= 1 else {"metadata": {"score": score}}
        try:
            label = label_text(self.chosen.label(self._of(prediction, self.label)))
        except SeveralLabelsError as several:
            label, known["raw"] = None, text(str(several)[:2000])
        if label is None:
            return JudgeVote(Vote(outcome="unparseable", **known), place)
        return JudgeVote(Vote(label=label, **known), place)


def _named(task: dict[str, Any], path: str) -> Any:
    """What stands at a path of the task's data, else of the task."""
    found = at_path(task["data"], path)
    return at_path(task, path) if found is None else found


def _time(answer: dict[str, Any]) -> Any:
    return answer.get("updated_at") or answer.get("created_at")
