"""JUDGE-BENCH: people's judgments of many data sets in one JSON schema, several questions (metrics) to each.

Written for the files of github.com/dmg-illc/JUDGE-BENCH (data/*/*.json, schema in its data/README.md), also
those with judges' answers beside (an instance has {JUDGE: {METRIC: [answers]}}, and JUDGE_raw with what they
said). Bavaresco et al. (2025), "LLMs instead of Human Judges?", ACL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.documents import read_document
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, JudgeVote, LabelSet, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.values import identifier, label_text, number, text
from panel_eval.schema import Vote

_SHAPE = (
    'the file must be {"dataset": …, "annotations": [{"metric": …}], "instances": [{"id": …, "annotations": …}]}'
)
_NO_PERSON = "has no single answers of people, only what they come to"
_CLOSE = 0.011
"""Means are rounded to two decimals."""
_MOST_STEPS = 100
_RAW = "_raw"
_LONGEST_RAW = 10_000


def _read(source: Source) -> Iterator[Entry]:
    document = read_document(source.path)
    instances = _list(document, "instances")
    if instances is None or _list(document, "annotations") is None:
        raise InputError(Problem("is no JUDGE-BENCH file", path=source.path, fix=_SHAPE))
    declared = [metric for metric in document["annotations"] if isinstance(metric, dict)]
    metric = _metric(instances, declared, source)
    described = _described(metric, declared)
    labels = _labels(described)
    if labels is not None:
        yield labels
    if described.get("category") == "continuous":
        yield Note(f"{metric} is rated without steps: each number is a label of its own (--map OLD=NEW joins some)")
    yield Note("the people are not named: nothing can be said of single people")
    contradicting = 0
    for place, instance in enumerate(instances, start=1):
        item_id = identifier(instance.get("id"))
        told = _object(_object(instance.get("annotations")).get(metric))
        scores = told.get("individual_human_scores")
        answers = scores if isinstance(scores, list) else []
        if not answers:
            yield Dropped("no_single_answers", _NO_PERSON, place, item_id, told.get("mean_human"))
        for answer in answers:
            yield Annotation(item_id, None, answer, place)  # type: ignore[arg-type]
        contradicting += not _agrees(told, answers)
        if item_id is not None:
            yield Item(item_id, _content(instance.get("instance")), line=place)
            yield from _votes(item_id, instance, metric, place)
    if contradicting:
        yield Note(f"mean_human or majority_human of {contradicting:,} items is not that of the single answers")


def _list(document: Any, key: str) -> list[Any] | None:
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        return None
    return found


def _metric(instances: Sequence[Mapping[str, Any]], declared: Sequence[Mapping[str, Any]], source: Source) -> str:
    """The metric to read: the one asked for, or the only one.

    Raises:
        InputError: it does not exist, or there are several to choose from.
    """
    answered: dict[str, None] = {}
    for instance in instances:
        answered.update(dict.fromkeys(_object(instance.get("annotations"))))
    names = list(answered)
    asked = source.mapping.fields.get("label")
    if asked in answered:
        return str(asked)
    listed = ", ".join(shorten(name, 40) for name in names[:30])
    if asked is not None:
        near = nearest(asked, names)
        fix = f"did you mean {near!r}? metrics: {listed}" if near else f"metrics: {listed}"
        raise InputError(
            Problem("has no such metric", source.path, key="fields.label", value=shorten(asked), fix=fix)
        )
    if len(names) > 1:
        fix = f"choose one with --field label=METRIC; metrics: {listed}"
        raise InputError(Problem(f"has {len(names)} metrics", path=source.path, fix=fix))
    if not names:
        raise InputError(Problem("has no annotated instances", path=source.path, fix=_SHAPE))
    return names[0]


def _described(metric: str, declared: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the file says of a metric; some files call their only metric differently where they describe it."""
    named = next((entry for entry in declared if entry.get("metric") == metric), None)
    return named if named is not None else declared[0] if len(declared) == 1 else {}


def _labels(described: Mapping[str, Any]) -> LabelSet | None:
    """The labels as they are declared: a list, or the whole numbers between worst and best."""
    listed = described.get("labels_list")
    if isinstance(listed, list) and listed:
        names = dict.fromkeys(filter(None, map(label_text, listed)))
        return LabelSet(tuple(names), "nominal")
    ends = [number(described.get(end)) for end in ("worst", "best")]
    if described.get("category") != "graded" or ends[0] is None or ends[1] is None:
        return None
    low, high = min(ends), max(ends)  # type: ignore[type-var]
    if not (low.is_integer() and high.is_integer() and high - low < _MOST_STEPS):  # type: ignore[union-attr, operator]
        return LabelSet((), "ordinal")
    return LabelSet([str(step) for step in range(int(low), int(high) + 1)], "ordinal")  # type: ignore[arg-type]


def _agrees(told: Mapping[str, Any], answers: Sequence[Any]) -> bool:
    """Whether the mean and the majority are those of the single answers; True where they are not given."""
    names = [name for answer in answers if (name := label_text(answer)) is not None]
    values = [value for answer in answers if (value := number(answer)) is not None]
    mean, majority = number(told.get("mean_human")), label_text(told.get("majority_human"))
    if mean is not None and values and abs(mean - sum(values) / len(values)) > _CLOSE:
        return False
    counts = Counter(names)
    return not majority or not counts or counts[majority] == max(counts.values())


def _content(given: Any) -> dict[str, str]:
    fields = given if isinstance(given, dict) else {"text": given}
    return {name: found for name, value in fields.items() if (found := text(value)) is not None}


def _votes(item_id: str, instance: Mapping[str, Any], metric: str, place: int) -> Iterator[Entry]:
    for judge, told in instance.items():
        answers = told.get(metric) if isinstance(told, dict) and judge not in ("instance", "annotations") else None
        if judge.endswith(_RAW) or not isinstance(answers, list) or not judge:
            continue
        said = _object(instance.get(judge + _RAW)).get(metric)
        said = said if isinstance(said, list) and len(said) == len(answers) else [None] * len(answers)
        for sample, (answer, words) in enumerate(zip(answers, said, strict=True)):
            label = label_text(answer)
            raw = words[:_LONGEST_RAW] if isinstance(words, str) else None
            vote = Vote(
                item_id=item_id, judge=judge, sample=sample, label=label, raw=raw,
                outcome="unparseable" if label is None else "ok",
            )  # fmt: skip
            yield JudgeVote(vote, place)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


FORMAT = Format(
    name="judge-bench",
    title="JUDGE-BENCH: people's judgments (and judges'), several metrics a file",
    example='{"annotations": [{"metric": "fluency", …}], "instances": [{"id": 1, "annotations": {"fluency": …}}]}',
    read=_read,
    makes=frozenset({"labels", "votes"}),
    roles={"label": ()},
    page="import/judge-bench.md",
)
