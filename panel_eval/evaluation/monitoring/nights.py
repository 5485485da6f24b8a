"""The nights of one instrument: which items were asked, and their parting into streams."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.schema.history import StreamKind
from panel_eval.stats.arrays import FloatArray, IntArray

FRESH_NIGHTS_BESIDE_CANARY = 3
"""Beside a canary, items asked once on fewer nights are what was taken from it at first and added to it last."""


@dataclass(frozen=True)
class ItemNight:
    """An item as it was scored on a night.

    Attributes:
        item_id: its id.
        identity: its id, text and human votes: only where all of them are the same is it the same item.
        cluster: what it comes from, if anything.
        score: its cross-entropy in bits; NaN without a forecast, or where it is infinite.
    """

    item_id: str
    identity: str
    cluster: str | None
    score: float

    @property
    def unit(self) -> str:
        """Name of what is independent: the cluster, or the item itself, which no cluster is called."""
        return self.cluster or f"\0{self.identity}"


@dataclass(frozen=True)
class Night:
    """A run as a night of a stream; nights are handed over in the order of time."""

    run_id: str
    started_at: str
    items: Sequence[ItemNight]


@dataclass(frozen=True)
class StreamItems:
    """The scores of one kind of item, night by night; only nights that have such items.

    Attributes:
        kind: canary or fresh.
        nights: the nights.
        items: for each night its items, in the order of their identities.
        rows: for each night the row of each item: one for each identity.
        n_rows: number of identities.
    """

    kind: StreamKind
    nights: Sequence[Night]
    items: Sequence[Sequence[ItemNight]]
    rows: Sequence[IntArray]
    n_rows: int

    @classmethod
    def of(cls, kind: StreamKind, nights: Sequence[Night], wanted: set[str]) -> StreamItems | None:
        """The stream of the wanted identities; None where there are none."""
        place = {identity: row for row, identity in enumerate(sorted(wanted))}
        own = [[item for item in night.items if item.identity in place] for night in nights]
        kept = [(night, sorted(items, key=_identity)) for night, items in zip(nights, own, strict=True) if items]
        if not kept:
            return None
        rows = [np.array([place[item.identity] for item in items]) for _, items in kept]
        return cls(kind, [night for night, _ in kept], [items for _, items in kept], rows, len(place))

    @property
    def watched_from(self) -> Night | None:
        """The first night with something to tell, of a stream beside another one; None before that."""
        number = 1 if self.kind == "canary" else FRESH_NIGHTS_BESIDE_CANARY - 1
        return self.nights[number] if number < len(self.nights) else None

    @property
    def table(self) -> FloatArray:
        """(n_rows, n_nights) scores; NaN where there is none."""
        return self._spread([scores(items) for items in self.items])

    @property
    def chance(self) -> FloatArray:
        """(n_rows, n_nights) the numbers that break ties."""
        return self._spread([chances(night, items) for night, items in zip(self.nights, self.items, strict=True)])

    def _spread(self, values: Sequence[FloatArray]) -> FloatArray:
        table = np.full((self.n_rows, len(self.nights)), np.nan)
        for night, (rows, own) in enumerate(zip(self.rows, values, strict=True)):
            table[rows, night] = own
        return table


def part_streams(nights: Sequence[Night]) -> list[StreamItems]:
    """Items that were asked on more nights than one, and items that were asked once.

    A first night alone is fresh: nobody knows yet which of its items will come again. An item whose text or human
    votes were changed is another one, but it is no draw from where fresh items come from, so it is in neither until
    it comes again.
    """
    asked = Counter(item.identity for night in nights for item in night.items)
    versions: dict[str, set[str]] = {}
    for night in nights:
        for item in night.items:
            versions.setdefault(item.item_id, set()).add(item.identity)
    again = {identity for identity, times in asked.items() if times > 1}
    changed = {identity for own in versions.values() if len(own) > 1 for identity in own}
    found = [
        StreamItems.of("canary", nights, again),
        StreamItems.of("fresh", nights, asked.keys() - again - changed),
    ]
    streams = [stream for stream in found if stream is not None]
    return [
        stream
        for stream in streams
        if stream.kind == "canary" or len(streams) == 1 or len(stream.nights) >= FRESH_NIGHTS_BESIDE_CANARY
    ]


def scores(items: Sequence[ItemNight]) -> FloatArray:
    """(n_items,) their scores."""
    return np.array([item.score for item in items], dtype=np.float64)


def chances(night: Night, items: Sequence[ItemNight]) -> FloatArray:
    """(n_items,) a number in [0, 1) for each item of a night that depends on run and item only.

    So that nobody can draw again until a tie breaks well, and nothing changes with other items, nights or the order
    of lines.
    """
    return np.array([_digest_number(night.run_id, item.identity) for item in items])


def _digest_number(run_id: str, identity: str) -> float:
    digest = hashlib.blake2b(f"{len(run_id)}:{run_id}{identity}".encode("utf-8", "surrogatepass"), digest_size=8)
    return (int.from_bytes(digest.digest()) >> 11) * 2.0**-53


def _identity(item: ItemNight) -> str:
    return item.identity
