"""The labels in a LeWiDi file: who gave which, what they are, and whether the soft labels tally with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.entries import LabelSet
from panel_eval.importing.values import identifier, label_text, number, text

Records = Mapping[str, Mapping[str, Any]]
_OTHERS = ("other annotations", "other_annotations", "other annotation")
_ROUNDED = 0.006
"""Soft labels are rounded to two decimals at worst; one person more or less moves a share further."""
_UNEVEN = "has another number of annotations than of annotators"


@dataclass(frozen=True)
class Answer:
    """What one person answered to an item.

    Attributes:
        person: their name.
        label: as the file has it, `no` or `yes` where one label of several was asked for; None for no answer.
        labels: all labels that the person gave.
        evidence: why.
        given: the whole value, as the file has it.
        problem: why it cannot be used.
        lost: how many people's answers a problem loses.
    """

    person: str | None
    label: str | None
    labels: tuple[str, ...] = ()
    evidence: str | None = None
    given: object = None
    problem: str | None = None
    lost: int = 1


def is_multilabel(records: Records) -> bool:
    """Whether people could give several labels: the soft label is then one of no and yes for each label."""
    return any(
        isinstance(inner, dict)
        for record in records.values()
        for inner in _object(record.get("soft_label")).values()
    )


def check_asked(records: Records, label: str, several: bool, path: Path) -> None:
    """Refuse a label, or another annotation of the same people, that the file does not have.

    Raises:
        InputError: it does not; names what there is.
    """
    names: dict[str, None] = {}
    for record in records.values():
        names.update(dict.fromkeys(_object(record.get("soft_label")) if several else _others(record)))
    if label in names:
        return
    near = nearest(label, list(names))
    there = (
        f"there are: {', '.join(shorten(name, 40) for name in names)}" if names else "leave it out: there is none"
    )
    fix = f"did you mean {near!r}? {there}" if near else there
    what = "label" if several else "other annotation beside the task's own"
    raise InputError(Problem(f"has no such {what}", path=path, key="fields.label", value=shorten(label), fix=fix))


def answers(record: Mapping[str, Any], label: str | None, several: bool) -> Iterator[Answer]:
    """What each person answered to an item.

    Args:
        record: the item.
        label: the label, or the other annotation, that is asked for.
        several: whether people could give several labels.
    """
    people = [name.strip() for name in str(record.get("annotators") or "").split(",") if name.strip()]
    given = record["annotations"] if label is None or several else _others(record).get(label)
    if isinstance(given, dict):
        pairs = [(str(name).strip(), value) for name, value in given.items()]
    else:
        values = [] if given in (None, "") else [part.strip() for part in str(given).split(",")]
        if len(values) != len(people):
            if values:
                yield Answer(None, None, given=given, problem=_UNEVEN, lost=len(values))
            return
        pairs = list(zip(people, values, strict=True))
    said = _Explanations(record, people)
    for name, value in pairs:
        found = _labels(value, several)
        chosen = label if several else None
        if chosen is not None and found:
            answer: str | None = "yes" if chosen in found else "no"
        else:
            answer = found[0] if found else None
        yield Answer(identifier(name), answer, found, said.of(name, found, chosen), value)


def declared_labels(records: Records, label: str | None, several: bool) -> LabelSet | None:
    """The labels: those of the soft labels and of the annotations; numbers rise, and more than two are a scale."""
    if several and label is not None:
        return LabelSet(("no", "yes"), "nominal")
    names: dict[str, None] = {}
    for record in records.values():
        if label is None:
            names.update(dict.fromkeys(filter(None, map(label_text, _object(record.get("soft_label"))))))
        for answer in answers(record, label, several):
            names.update(dict.fromkeys(answer.labels))
    values = {name: number(name) for name in names}
    if not names or any(value is None for value in values.values()):
        return LabelSet(tuple(names), "nominal") if names else None
    ordered = sorted(names, key=lambda name: values[name] or 0.0)
    return LabelSet(tuple(ordered), "ordinal" if len(ordered) > 2 else "nominal")


def soft_label_agrees(record: Mapping[str, Any], found: Sequence[Answer], label: str | None, several: bool) -> bool:
    """Whether the soft label of an item is that of its annotations; True where it has none to compare."""
    soft = _object(record.get("soft_label"))
    answered = [answer for answer in found if answer.labels]
    if not soft or not answered or (label is not None and not several):
        return True
    if several:
        return all(
            _near(_object(inner).get("1"), sum(name in answer.labels for answer in answered) / len(answered))
            for name, inner in soft.items()
        )
    told = {label_text(name): share for name, share in soft.items()}
    counts = Counter(answer.labels[0] for answer in answered)
    if set(told) == {"0", "1"} and not set(counts) <= set(told):  # ConvAbuse: severity, folded to abusive or not
        severe = sum(count for name, count in counts.items() if name.startswith("-"))
        counts = Counter({"1": severe, "0": counts.total() - severe})
    total = counts.total()
    return set(counts) <= set(told) and all(_near(share, counts[str(name)] / total) for name, share in told.items())


class _Explanations:
    """The explanations of an item; they stand in the order of `annotators`, which names a person once for each."""

    def __init__(self, record: Mapping[str, Any], people: Sequence[str]) -> None:
        given = _object(record.get("other_info")).get("explanations")
        self._given: Sequence[Any] = given if isinstance(given, list) and len(given) == len(people) else ()
        self._people = people

    def of(self, name: str, labels: Sequence[str], chosen: str | None) -> str | None:
        """What a person said, for the label chosen where each label has its own explanation."""
        if not self._given:
            return None
        own = [told for person, told in zip(self._people, self._given, strict=True) if person == name]
        said = [text(told) for told in own]
        if chosen in labels and len(said) == len(labels):
            return said[labels.index(chosen)]
        return "\n".join(filter(None, said)) or None


def _labels(value: object, several: bool) -> tuple[str, ...]:
    if several and isinstance(value, str):
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    found = label_text(value)
    return () if found is None else (found,)


def _others(record: Mapping[str, Any]) -> Mapping[str, Any]:
    info = _object(record.get("other_info"))
    return next((found for key in _OTHERS if (found := _object(info.get(key)))), {})


def _near(told: object, found: float) -> bool:
    value = number(told)
    return value is not None and abs(value - found) <= _ROUNDED


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
