"""Labels that differ from the rubric's in case or blanks only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from panel_eval.humans.repair.draft import Change, Draft, Place

_WHY = "the rubric's label, in other case or with other blanks"


def known_labels(draft: Draft) -> Iterator[Change]:
    """Labels to the rubric's spelling, where exactly one of its labels is the same but for case and blanks.

    Never without a rubric; never where two of its labels, or two names within one object, would be the same.
    """
    if draft.terms.labels is None:
        return
    spelt = _spellings(draft.terms.labels)
    known = frozenset(draft.terms.labels)
    for key in ("distribution", "counts"):
        yield from _renamed(draft.record.get(key), key, spelt, known)
    for place, label in list(_label_values(draft.record)):
        if label not in known and (meant := spelt.get(folded(label))) is not None:
            yield Change("label", place, label, meant, _WHY)


def folded(text: str) -> str:
    """A text without what does not matter: case, blanks around and doubled, Unicode form."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _spellings(labels: tuple[str, ...]) -> dict[str, str]:
    """Folded text to the one label that has it; labels that fold alike are left out."""
    names = [folded(label) for label in labels]
    return {name: label for name, label in zip(names, labels, strict=True) if names.count(name) == 1}


def _renamed(members: object, key: str, spelt: dict[str, str], known: frozenset[str]) -> Iterator[Change]:
    if not isinstance(members, dict) or known.issuperset(members):
        return
    names = [folded(label) for label in members]
    for name, label in zip(names, list(members), strict=True):
        meant = spelt.get(name)
        if label not in known and meant is not None and names.count(name) == 1:
            yield Change("label", (key, label), label, meant, _WHY, renamed=True)


def _label_values(record: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for key in ("adjudicated_label", "gold_label"):
        if isinstance(record.get(key), str):
            yield (key,), record[key]
    rationales = record.get("rationales")
    for i, rationale in enumerate(rationales if isinstance(rationales, list) else ()):
        if isinstance(rationale, dict) and isinstance(rationale.get("label"), str):
            yield ("rationales", i, "label"), rationale["label"]
