"""ChaosNLI: a hundred people's counts on items of SNLI, MNLI and abductive NLI.

Written for version 1.0 of the release (chaosNLI_snli.jsonl, chaosNLI_mnli_m.jsonl, chaosNLI_alphanli.jsonl).
Nie, Zhou and Bansal (2020), "What Can We Learn from Collective Human Opinions on Natural Language Inference
Data?", EMNLP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped, Entry, Item, LabelSet, Note, Tally
from panel_eval.importing.format import Format, Source
from panel_eval.importing.values import identifier, number, text

NLI = {"e": "entailment", "n": "neutral", "c": "contradiction"}
_ABDUCTIVE = {"1": "1", "2": "2"}
_FIELDS = ("premise", "hypothesis", "obs1", "obs2", "hyp1", "hyp2")
_STORY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROMPT = re.compile(r"(\d+)[enc]")
_CLOSE = 1e-6


def _read(source: Source) -> Iterator[Entry]:
    names: Mapping[str, str] | None = None
    contradicting = 0
    for line, record in Records(source.path):
        if isinstance(record, Dropped):
            yield record
            continue
        if names is None:
            names = _names_of(record, source, line)
            yield LabelSet(tuple(names.values()))
        uid = identifier(record.get("uid"))
        counts = _counts(record, names)
        if isinstance(counts, str):
            yield Dropped("counts", counts, line, uid, record.get("label_counter"))
        else:
            contradicting += not _agrees(record, list(counts.values()))
            yield Tally(uid, dict(zip(names.values(), counts.values(), strict=True)), line=line)  # type: ignore[arg-type]
        if uid is not None:
            yield _item(uid, record, names, line)
    if contradicting:
        yield Note(
            f"label_count or label_dist contradict label_counter on {contradicting:,} items: its counts are used"
        )


def _names_of(record: Mapping[str, Any], source: Source, line: int) -> Mapping[str, str]:
    """Code of a label to its name, by what the first record counts.

    Raises:
        InputError: it counts nothing that ChaosNLI counts.
    """
    counter = record.get("label_counter")
    for names in (NLI, _ABDUCTIVE):
        if isinstance(counter, dict) and counter and set(counter) <= set(names):
            return names
        listed = record.get("label_count")
        if counter is None and isinstance(listed, list) and len(listed) == len(names):
            return names
    fix = 'each line has "uid" and "label_counter" with the keys e, n, c (or 1, 2 for abductive NLI)'
    found = f"its keys are {', '.join(shorten(str(key), 30) for key in list(record)[:10])}"
    raise InputError(Problem(f"is no ChaosNLI file: {found}", path=source.path, line=line, fix=fix))


def _counts(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, int] | str:
    """Code of every label to people, or what is wrong with them."""
    counter, listed = record.get("label_counter"), record.get("label_count")
    if counter is None and isinstance(listed, list) and len(listed) == len(names):
        counter = dict(zip(names, listed, strict=True))
    if not isinstance(counter, dict):
        return "has no label_counter"
    if unknown := [code for code in counter if code not in names]:
        return f"counts a label other than {', '.join(names)}: {shorten(unknown[0], 20)}"
    found = {code: counter.get(code, 0) for code in names}
    if not all(type(count) is int and 0 <= count < 10**9 for count in found.values()):
        return "has a count that is no whole number from 0"
    return found


def _agrees(record: Mapping[str, Any], counts: list[int]) -> bool:
    """Whether the lists of the record, always in the order e, n, c or 1, 2, say the same as its counter."""
    listed, shares = record.get("label_count"), record.get("label_dist")
    if isinstance(listed, list) and listed != counts:
        return False
    if not isinstance(shares, list):
        return True
    given = [number(share) for share in shares]
    people = sum(counts)
    return len(given) == len(counts) and all(
        share is not None and abs(share * people - count) <= _CLOSE * max(people, 1)
        for share, count in zip(given, counts, strict=True)
    )


def _item(uid: str, record: Mapping[str, Any], names: Mapping[str, str], line: int) -> Item:
    given = record.get("example")
    example = given if isinstance(given, dict) else record
    content = {name: found for name in _FIELDS if (found := text(example.get(name))) is not None}
    old = record.get("old_label")
    known = {
        "source": example.get("source"),
        "old_label": names.get(str(old), old),
        "old_labels": record.get("old_labels"),
    }
    metadata = {name: value for name, value in known.items() if value is not None}
    return Item(uid, content, cluster=_cluster(uid), metadata=metadata, line=line)


def _cluster(uid: str) -> str | None:
    """What several items are about: the picture of SNLI, the premise of MNLI, the story of abductive NLI."""
    picture, hash_mark, _ = uid.partition("#")
    if hash_mark:
        return picture or None
    if prompt := _PROMPT.fullmatch(uid):
        return prompt[1]
    story = _STORY.match(uid)
    return story[0] if story else None


FORMAT = Format(
    name="chaosnli",
    title="ChaosNLI: counts of 100 people on SNLI, MNLI and abductive NLI",
    example='{"uid": "1.jpg#0r1n", "label_counter": {"n": 70, "e": 30}, "example": {"premise": "…", …}}',
    read=_read,
    page="import/chaosnli.md",
)
