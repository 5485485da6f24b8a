"""Labels as tasks that Label Studio imports: choices, and what was said beside them, in controls of fixed names."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from panel_eval.importing.carried import CARRIED, carried_facts
from panel_eval.importing.entries import Annotation
from panel_eval.importing.format import Handover
from panel_eval.importing.formats.label_studio_tasks import ITEM_ID
from panel_eval.importing.single_answers import content_fields, single_answers
from panel_eval.schema import SoftLabel
from panel_eval.wording import counted


def write_label_studio(labels: Handover, out: Path) -> list[str]:
    """Write one task an item: its text, and an annotation for each vote whose label is known.

    Reviewers called by an e-mail address become that member of the organisation. Label Studio refuses a file with
    a member that it does not know, so others are no member there. Each answer's `meta`, which it keeps, has the
    name as it was.
    """
    fields = [name for name in content_fields(labels) if name != ITEM_ID]
    lost: Counter[tuple[str, str]] = Counter()
    others: set[str] = set()
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for place, record in enumerate(labels.records()):
            answers = single_answers(record)
            others.update(a.reviewer for a in answers if a.reviewer is not None and not _is_address(a.reviewer))
            _count_losses(record, answers, lost)
            task = json.dumps(_task(record, answers, fields), ensure_ascii=False)
            file.write(("" if place == 0 else ",") + "\n" + task)
        file.write("\n]\n")
    said = [f"{counted(times, noun)} {rest}" for (noun, rest), times in lost.items()]
    if others:
        said.append(
            f"{counted(len(others), 'reviewer')} called by no e-mail address: Label Studio books such answers to "
            "whoever imports the file; their names stay in each answer's meta.reviewer"
        )
    return said


def _count_losses(record: SoftLabel, answers: list[Annotation], lost: Counter[tuple[str, str]]) -> None:
    found = {
        ("item", "without annotations: the single votes are not known"): not answers,
        ("item", "with a text field called item_id, which is left out"): ITEM_ID in (record.content or ()),
        ("answer", "with a time, which is in the file; Label Studio puts the time of the import in its place"): sum(
            answer.at is not None for answer in answers
        ),
    }
    lost.update({what: int(times) for what, times in found.items() if times})


def _is_address(name: str) -> bool:
    local, at, host = name.partition("@")
    return bool(local and at and "." in host and " " not in name)


def _task(record: SoftLabel, answers: list[Annotation], fields: list[str]) -> dict[str, Any]:
    content = record.content or {}
    meta = dict(record.metadata)
    if facts := carried_facts(record):
        meta[CARRIED] = facts
    shown_on = fields[0] if fields else ITEM_ID
    task = {
        "data": {ITEM_ID: record.item_id, **{name: content.get(name, "") for name in fields}},
        "annotations": [_annotation(answer, number, shown_on) for number, answer in enumerate(answers, start=1)],
    }
    return {**task, "meta": meta} if meta else task


def _annotation(answer: Annotation, number: int, shown_on: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if answer.reviewer is not None and _is_address(answer.reviewer):
        said["completed_by"] = {"email": answer.reviewer}
    said |= {"was_cancelled": False, "ground_truth": False}  # without it Label Studio takes it for ground truth
    if answer.seconds is not None:
        said["lead_time"] = answer.seconds
    if answer.at is not None:
        said["created_at"] = answer.at
    controls = [
        ("label", "choices", {"choices": [answer.label]}),
        ("confidence", "number", None if answer.confidence is None else {"number": answer.confidence}),
        ("evidence", "textarea", None if answer.evidence is None else {"text": [answer.evidence]}),
        ("criterion", "textarea", None if answer.criterion is None else {"text": [answer.criterion]}),
    ]
    same = {"to_name": shown_on, "meta": {"reviewer": answer.reviewer}}
    said["result"] = [
        {"id": f"{name}_{number}", "from_name": name, "type": kind, "value": value, **same}
        for name, kind, value in controls
        if value is not None
    ]
    return said
