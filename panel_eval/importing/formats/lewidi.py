"""LeWiDi, "Learning with Disagreements": the shared JSON format of SemEval 2023 task 11 and of NLPerspectives 2025.

Written for HS-Brexit, ArMIS, ConvAbuse and MD-Agreement (2023: annotations as "0,1,0") and for CSC, MP,
Paraphrase and VariErrNLI (2025: annotations by annotator), as published at
github.com/Le-Wi-Di/le-wi-di.github.io. Leonardelli et al. (2023), "SemEval-2023 Task 11: Learning with
Disagreements".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import read_document
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.lewidi_labels import (
    Answer,
    Records,
    answers,
    check_asked,
    declared_labels,
    is_multilabel,
    soft_label_agrees,
)
from panel_eval.importing.values import identifier, text

_SEVERAL = "is several labels of one person; --field label=NAME reads one label as no or yes"
_CONTEXTS = ("context", "post")
_KEPT = ("source", "level", "language_variety", "bot", "Domain", "domain")


def _read(source: Source) -> Iterator[Entry]:
    records = _records(source)
    label = source.mapping.fields.get("label")
    several = is_multilabel(records)
    if label is not None:
        check_asked(records, label, several, source.path)
    names = declared_labels(records, label, several)
    if names is not None:
        yield names
    one_only = several and label is None
    if one_only:
        yield Note(
            "people could give several labels, and a vote has one: answers with several are left out "
            "(--field label=NAME reads everybody's no or yes to one label)"
        )
    group = _clusters(records)
    contradicting = 0
    for item_id, record in records.items():
        found = list(answers(record, label, several))
        yield from _votes(item_id, found, one_only)
        contradicting += not soft_label_agrees(record, found, label, several)
        yield _item(item_id, record, group.get(item_id))
    if contradicting:
        yield Note(f"the soft label of {contradicting:,} items is not that of its annotations: these are used")


def _records(source: Source) -> Records:
    """The items by id.

    Raises:
        InputError: the file is no LeWiDi file.
    """
    given = read_document(source.path)
    fix = 'each item must be "ID": {"text": …, "annotators": "Ann1,Ann2", "annotations": …, "soft_label": …}'
    if not isinstance(given, dict) or not given:
        raise InputError(Problem("is no LeWiDi file: no JSON object of items", path=source.path, fix=fix))
    for item_id, record in given.items():
        if not isinstance(record, dict) or "annotations" not in record:
            raise InputError(
                Problem("has no annotations", source.path, key=shorten(item_id), value=shorten(record), fix=fix)
            )
    return given


def _votes(item_id: str, found: list[Answer], one_only: bool) -> Iterator[Entry]:
    for answer in found:
        if answer.problem is not None:
            yield Dropped("annotation", answer.problem, item=item_id, value=answer.given, answers=answer.lost)
        elif one_only and len(answer.labels) > 1:
            yield Dropped("several_labels", _SEVERAL, item=item_id, value=answer.given, answers=1)
        else:
            yield Annotation(item_id, answer.person, answer.label, evidence=answer.evidence)


def _item(item_id: str, record: Mapping[str, Any], cluster: str | None) -> Item:
    content = {name: found for name, value in _texts(record).items() if (found := text(value)) is not None}
    info = record.get("other_info")
    told = {name: info[name] for name in _KEPT if name in info} if isinstance(info, dict) else {}
    beside = {name: record.get(name) for name in ("lang", "hard_label")}
    metadata = {name: value for name, value in {**beside, **told}.items() if value not in (None, "")}
    return Item(item_id, content, cluster=cluster, split=text(record.get("split")), metadata=metadata)


def _texts(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The text of an item field by field; ConvAbuse has its fields in a text that is JSON itself."""
    given = record.get("text")
    if isinstance(given, str) and given.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            given = json.loads(given)
    return given if isinstance(given, dict) else {"text": given}


def _clusters(records: Records) -> dict[str, str]:
    """Item to its cluster: the conversation it names, else the first item with the same context or post.

    CSC numbers its contexts ("context+speaker": "232_2089"), some of them twice.
    """
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for item_id, record in records.items():
        given = record.get("other_info")
        info = given if isinstance(given, dict) else {}
        origin = info.get("conversation_id(s)", info.get("conversation_id"))
        if (conversation := identifier(origin[0] if isinstance(origin, list) and origin else origin)) is not None:
            found[item_id] = conversation
            continue
        texts = _texts(record)
        shared = next((text(texts[name]) for name in _CONTEXTS if name in texts), None)
        numbered, line, _ = str(info.get("context+speaker", "")).partition("_")
        if shared is not None:
            found[item_id] = first.setdefault(shared, f"context {numbered}" if line else f"with {item_id}")
    members = Counter(found.values())
    return {item_id: name for item_id, name in found.items() if members[name] > 1}


FORMAT = Format(
    name="lewidi",
    title="LeWiDi (Learning with Disagreements) 2023 and 2025",
    example='{"3944": {"text": {"context": "…"}, "annotations": {"Ann1": "4", "Ann2": "1"}, "soft_label": {…}}}',
    read=_read,
    roles={"label": ()},
    page="import/lewidi.md",
)
