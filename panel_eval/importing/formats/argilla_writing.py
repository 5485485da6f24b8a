"""Labels as records that Argilla 2 takes: `dataset.records.from_json`, or `rg.Record.from_dict` on each."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from panel_eval.importing.carried import CARRIED, carried_facts
from panel_eval.importing.entries import Annotation
from panel_eval.importing.format import Handover
from panel_eval.importing.single_answers import single_answers
from panel_eval.schema import SoftLabel
from panel_eval.wording import counted

_USERS = uuid.UUID("6f6b2a0e-8a57-5b7e-9d0a-3f3c6c1f2d11")
"""Namespace of the ids that are made of reviewers' names."""


def write_argilla(labels: Handover, out: Path) -> list[str]:
    """Write one record an item: its text as fields, and a submitted response for each vote whose label is known.

    Argilla knows users by a UUID. A reviewer who is called by none gets one made of the name, always the same;
    which is whose stands in each record's `panel_eval.reviewers`, which Argilla passes over.
    """
    lost: Counter[tuple[str, str]] = Counter()
    others: set[str] = set()
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for place, record in enumerate(labels.records()):
            answers = single_answers(record)
            others.update(a.reviewer for a in answers if a.reviewer is not None and _user(a.reviewer) != a.reviewer)
            _count_losses(record, answers, lost)
            written = json.dumps(_record(record, answers), ensure_ascii=False)
            file.write(("" if place == 0 else ",") + "\n" + written)
        file.write("\n]\n")
    said = [f"{counted(times, noun)} {rest}" for (noun, rest), times in lost.items()]
    if others:
        said.append(
            f"{counted(len(others), 'reviewer')} called by no UUID: ids are made of their names, and "
            "panel_eval.reviewers in the file says whose is whose; Argilla needs users with these ids"
        )
    return said


def _count_losses(record: SoftLabel, answers: list[Annotation], lost: Counter[tuple[str, str]]) -> None:
    found = {
        ("item", "without responses: the single votes are not known"): not answers,
        ("item", "without text; Argilla wants a field"): not record.content,
        ("answer", "without a name: each of an item gets a user made up for it"): sum(
            a.reviewer is None for a in answers
        ),
        ("answer", "with a confidence, which is left out"): sum(
            answer.confidence is not None for answer in answers
        ),
        ("answer", "with a time, which is left out"): sum(answer.at is not None for answer in answers),
        ("answer", "with a duration, which is left out"): sum(answer.seconds is not None for answer in answers),
        ("item", "with facts that stay in the file, under panel_eval: cluster, split, gold or adjudicated label"): (
            bool(carried_facts(record))
        ),
    }
    lost.update({what: int(times) for what, times in found.items() if times})


def _user(name: str) -> str:
    try:
        return name if str(uuid.UUID(name)) == name else str(uuid.uuid5(_USERS, name))
    except ValueError:
        return str(uuid.uuid5(_USERS, name))


def _record(record: SoftLabel, answers: list[Annotation]) -> dict[str, Any]:
    users = [_user(f"unnamed {number}" if a.reviewer is None else a.reviewer) for number, a in enumerate(answers)]
    responses: dict[str, list[dict[str, Any]]] = {}
    for answer, user in zip(answers, users, strict=True):
        for question in ("label", "evidence", "criterion"):
            if (value := getattr(answer, question)) is not None:
                given = {"value": value, "user_id": user, "status": "submitted"}
                responses.setdefault(question, []).append(given)
    kept, other = _metadata(record.metadata)
    carried: dict[str, Any] = carried_facts(record)
    if other:
        carried["metadata"] = other
    names = {user: a.reviewer for a, user in zip(answers, users, strict=True) if user != a.reviewer}
    if names:
        carried["reviewers"] = names
    written: dict[str, Any] = {
        "id": record.item_id,
        "fields": dict(record.content or {}),
        "metadata": kept,
        "suggestions": {},
        "responses": responses,
        "vectors": {},
        "status": "completed" if answers else "pending",
        "_server_id": None,
    }
    return {**written, CARRIED: carried} if carried else written


def _metadata(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Argilla can hold as metadata, texts, numbers and lists of texts, and the rest."""
    held = {name: value for name, value in given.items() if _is_term(value) or _is_terms(value)}
    return held, {name: value for name, value in given.items() if name not in held}


def _is_term(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _is_terms(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)
