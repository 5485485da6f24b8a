"""Labels as answers of Prodigy's choice interface, for `prodigy db-in`: one line a vote."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from panel_eval.importing.carried import CARRIED, carried_facts
from panel_eval.importing.entries import Annotation
from panel_eval.importing.format import Handover
from panel_eval.importing.single_answers import single_answers
from panel_eval.schema import SoftLabel
from panel_eval.wording import counted

ITEM_ID = "item_id"


def write_prodigy(labels: Handover, out: Path) -> list[str]:
    """Write one line a vote. Hashes are left out: Prodigy makes them when it takes the file in."""
    left_out = 0
    options = [{"id": name, "text": name} for name in labels.labels]
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for record in labels.records():
            answers = single_answers(record)
            left_out += not answers
            for answer in answers:
                task = {**_task(record), "options": options, **_answer(answer)}
                file.write(json.dumps(task, ensure_ascii=False) + "\n")
    return [f"{counted(left_out, 'item')} left out: the single votes are not known"] if left_out else []


def _task(record: SoftLabel) -> dict[str, Any]:
    content = record.content or {}
    alone = set(content) <= {"text"}
    text = content.get("text", "") if alone else "\n\n".join(f"{name}: {value}" for name, value in content.items())
    task: dict[str, Any] = {"text": text, ITEM_ID: record.item_id}
    if not alone:
        task["content"] = dict(content)
    if record.metadata:
        task["meta"] = dict(record.metadata)
    if facts := carried_facts(record):
        task[CARRIED] = facts
    return task


def _answer(answer: Annotation) -> dict[str, Any]:
    said: dict[str, Any] = {"accept": [answer.label], "answer": "accept", "_view_id": "choice"}
    if answer.reviewer is not None:
        said |= {"_annotator_id": answer.reviewer, "_session_id": answer.reviewer}
    if (moment := _moment(answer.at)) is not None:
        said["_timestamp"] = moment
    beside = {name: getattr(answer, name) for name in ("confidence", "evidence", "criterion", "seconds")}
    return said | {name: value for name, value in beside.items() if value is not None}


def _moment(at: object) -> int | None:
    """Whole seconds since 1970, as Prodigy has them."""
    try:
        return int(datetime.fromisoformat(str(at)).timestamp())
    except (ValueError, OverflowError):
        return None
