"""Whether items are the same in two runs: digests of what was shown, and of what people said about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panel_eval.humans.labels import HumanLabels

_DIGITS = 16


@dataclass(frozen=True)
class ItemDigests:
    """Of each item, in the order of its labels.

    Attributes:
        people: of the human votes (of the shares and the number of reviewers where votes are not known).
        content: of the text that judges see; None where the labels hold none.
    """

    people: Sequence[str]
    content: Sequence[str | None]


def item_digests(humans: HumanLabels) -> ItemDigests:
    """Digests of all items; the same for any order of items in the file and for any layout of its lines."""
    names = list(humans.labels)
    people = [
        _digest([names, [float(count) for count in counts] if known else [[round(p, 6) for p in shares], n]])
        for counts, known, shares, n in zip(
            humans.counts.tolist(),
            humans.counts_known.tolist(),
            humans.distribution.tolist(),
            humans.reviewer_count.tolist(),
            strict=True,
        )
    ]
    return ItemDigests(people, [content_digest(record.content) for record in humans.records])


def content_digest(content: Mapping[str, str] | None) -> str | None:
    """Digest of an item's text fields, in whatever order they stand; None without any."""
    return _digest(sorted(content.items())) if content else None


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_DIGITS]
