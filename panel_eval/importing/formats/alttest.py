"""Data of the alternative annotator test: labels of people and of LLMs, {annotator: {item: label}}.

Written for the folders of github.com/nitaytech/AltTest (human_annotations.json, llm_annotations.json, and
prompts.json where it is published), and for the single dictionaries that its functions take. Calderon, Reichart
and Dror (2025), "The Alternative Annotator Test for LLM-as-a-Judge", ACL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import read_document
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.naming import by_number_then_name
from panel_eval.importing.values import identifier, label_text, text
from panel_eval.schema import Vote

HUMANS, JUDGES, PROMPTS = "human_annotations.json", "llm_annotations.json", "prompts.json"
Answers = tuple[str, Mapping[str, Any]]
"""An annotator and their labels by item."""
_PART = "__"
_SHAPE = 'the file must be {"ANNOTATOR": {"ITEM": "LABEL"}}'


def _read(source: Source) -> Iterator[Entry]:
    people_file, judges_file, prompts = _files(source.path)
    people = [] if people_file is None else list(_annotators(people_file))
    judges = [] if judges_file is None else list(_judges(judges_file))
    if people and judges:
        yield from _all_labels(people, judges)
    items: dict[str, None] = {}
    for person, answers in people:
        items.update(dict.fromkeys(answers))
        for item, label in answers.items():
            yield Annotation(item, identifier(person), label)
    for judge, answers in judges:
        items.update(dict.fromkeys(answers))
        for item, label in answers.items():
            yield _vote(item, judge, label)
    told = {} if prompts is None else _object(read_document(prompts), prompts)
    yield from _items(items, told)


def _all_labels(people: Sequence[Answers], judges: Sequence[Answers]) -> Iterator[Entry]:
    """The labels that anybody gave: the files name none, and a label may be one that only judges took."""
    given = _given(people)
    only_judges = [name for name in _given(judges) if name not in given]
    yield LabelSet(sorted([*given, *only_judges], key=by_number_then_name))
    if only_judges:
        listed = ", ".join(shorten(name, 40) for name in only_judges[:10])
        yield Note(f"labels that judges gave and no person did: {listed} (--map OLD=NEW makes one another)")


def _given(annotators: Sequence[Answers]) -> list[str]:
    labels = (label_text(label) for _, answers in annotators for label in answers.values())
    return list(dict.fromkeys(label for label in labels if label is not None))


def _files(path: Path) -> tuple[Path | None, Path | None, Path | None]:
    """The files of people, of judges, and of prompts.

    Raises:
        InputError: a folder has neither of the first two.
    """
    if not path.is_dir():
        is_judges = path.name.lower().startswith("llm")
        return (None, path, None) if is_judges else (path, None, None)
    found = [path / name if (path / name).is_file() else None for name in (HUMANS, JUDGES, PROMPTS)]
    if found[0] is None and found[1] is None:
        fix = f"the folder must have {HUMANS} or {JUDGES}; or name one file"
        raise InputError(Problem("is no folder of the alternative annotator test", path=path, fix=fix))
    return found[0], found[1], found[2]


def _object(value: Any, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(Problem(f"is no JSON object but {type(value).__name__}", path=path, fix=_SHAPE))
    return value


def _annotators(path: Path) -> Iterator[Answers]:
    given = _object(read_document(path), path)
    for person, answers in given.items():
        if not isinstance(answers, dict):
            raise InputError(
                Problem(
                    "is no object of items", path=path, key=shorten(person, 60), value=shorten(answers), fix=_SHAPE
                )
            )
        yield person, answers


def _judges(path: Path) -> Iterator[Answers]:
    """Judges and their answers; a flat {item: label} is one judge, named as the file."""
    given = _object(read_document(path), path)
    if given and not any(isinstance(answers, dict) for answers in given.values()):
        yield path.stem, given
        return
    yield from _annotators(path)


def _vote(item: str, judge: str, label: object) -> Entry:
    """A judge's vote; what is no answer is unparseable."""
    item_id, name, answer = identifier(item), identifier(judge), label_text(label)
    if item_id is None or name is None:
        return Dropped("no_name", "is a vote whose item or judge has no name", item=item, value=judge)
    if answer is None:
        return JudgeVote(Vote(item_id=item_id, judge=name, outcome="unparseable"))
    return JudgeVote(Vote(item_id=item_id, judge=name, label=answer))


def _items(items: Mapping[str, None], told: Mapping[str, Any]) -> Iterator[Entry]:
    """What is known of the items: from prompts.json, else by the first part of their ids, which names the text."""
    texts = Counter(item.partition(_PART)[0] for item in items if _PART in item)
    shared = {name for name, count in texts.items() if count > 1} if not told else set()
    for item in items:
        prompt = told.get(item)
        if isinstance(prompt, dict):
            content = {"prompt": found} if (found := text(prompt.get("str_prompt"))) is not None else {}
            yield Item(item, content, cluster=identifier(prompt.get("text_id")))
        elif (part := item.partition(_PART)[0]) in shared:
            yield Item(item, cluster=part)
    if shared:
        yield Note(
            f"items whose ids are alike up to the first {_PART!r} are about one text: they are one cluster "
            f"({len(shared):,} clusters)"
        )


FORMAT = Format(
    name="alttest",
    title="alternative annotator test: labels of people and LLMs, {annotator: {item: label}}",
    example='{"w197": {"1761000004__stars": 1, "1762000001__stars": 5}}',
    read=_read,
    makes=frozenset({"labels", "votes"}),
    page="import/alttest.md",
)
