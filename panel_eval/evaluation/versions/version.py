"""A panel version as it is compared, and the items that two versions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from panel_eval.errors import NotComparableError, shorten
from panel_eval.humans import HumanLabels, ItemDigests
from panel_eval.schema.comparison import Overlap
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

_EXAMPLES = 5


@dataclass(frozen=True)
class PanelVersion:
    """What a run of a panel says of its items.

    Attributes:
        name: the run's id.
        humans: the labelled items.
        digests: of these items, in their order.
        panel_q: (n_items, n_labels) the panel's smoothed forecast; NaN rows where nobody answered.
        judge_q: judge to (n_items, n_labels), its own smoothed forecast.
    """

    name: str
    humans: HumanLabels
    digests: ItemDigests
    panel_q: FloatArray
    judge_q: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionPair:
    """Two versions on the items that they share, items in the order of their ids.

    Attributes:
        humans: the shared items, with the candidate's records.
        base_q, candidate_q: (n_items, n_labels) forecasts of the two panels.
        judges: judge of both panels to its two forecasts.
        base_rows, candidate_rows: (n_items,) where the items stand in each version.
        overlap: which items are shared, and which are not.
    """

    humans: HumanLabels
    base_q: FloatArray
    candidate_q: FloatArray
    judges: Mapping[str, tuple[FloatArray, FloatArray]]
    base_rows: IntArray
    candidate_rows: IntArray
    overlap: Overlap

    @property
    def both(self) -> BoolArray:
        """(n_items,) whether both panels have a forecast."""
        return np.isfinite(self.base_q[:, 0]) & np.isfinite(self.candidate_q[:, 0])

    @property
    def unit(self) -> IntArray:
        """(n_items,) the independent unit of each item: itself, or its cluster."""
        clusters = self.humans.clusters
        if clusters is None:
            return np.arange(len(self.humans))
        return np.unique(np.array(clusters), return_inverse=True)[1]


def pair_versions(base: PanelVersion, candidate: PanelVersion) -> VersionPair:
    """Match two versions item by item.

    Raises:
        NotComparableError: other labels or another scale, or no item is the same in both.
    """
    refuse_other_task(base, candidate)
    place = base.humans.index
    rows = {"shared": [], "other_votes": [], "other_content": []}  # type: dict[str, list[tuple[int, int]]]
    for row, item_id in enumerate(candidate.humans.item_ids):
        if (earlier := place.get(item_id)) is not None:
            rows[_kind(base.digests, earlier, candidate.digests, row)].append((earlier, row))
    overlap = _overlap(base, candidate, rows)
    if not rows["shared"]:
        raise NotComparableError(f"{_named(base, candidate)} share no item: {_why(overlap)}")
    pairs = sorted(rows["shared"], key=lambda pair: candidate.humans.item_ids[pair[1]])
    ours, theirs = (np.array(column) for column in zip(*pairs, strict=True))
    pair = VersionPair(
        humans=candidate.humans.select(theirs),
        base_q=base.panel_q[ours],
        candidate_q=candidate.panel_q[theirs],
        judges={
            judge: (base.judge_q[judge][ours], candidate.judge_q[judge][theirs])
            for judge in sorted(base.judge_q.keys() & candidate.judge_q.keys())
        },
        base_rows=ours,
        candidate_rows=theirs,
        overlap=overlap,
    )
    compared = int(pair.both.sum())
    if not compared:
        raise NotComparableError(f"{_named(base, candidate)}: no shared item has a forecast of both panels")
    object.__setattr__(pair, "overlap", overlap.model_copy(update={"compared": compared}))
    return pair


def refuse_other_task(base: PanelVersion, candidate: PanelVersion) -> None:
    """Check that two versions answer the same question with the same labels.

    Raises:
        NotComparableError: names what differs.
    """
    ours, theirs = base.humans, candidate.humans
    facts = {
        "task": (ours.task, theirs.task),
        "labels": (ours.labels, theirs.labels),
        "scale": (ours.scale, theirs.scale),
    }
    for name, (one, other) in facts.items():
        if one != other:
            found = f"{shorten(one)} and {shorten(other)}"
            raise NotComparableError(f"{_named(base, candidate)} cannot be compared: the {name} differ: {found}")


def _kind(ours: ItemDigests, row: int, theirs: ItemDigests, other: int) -> str:
    if ours.people[row] != theirs.people[other]:
        return "other_votes"
    one, two = ours.content[row], theirs.content[other]
    return "shared" if one is None or two is None or one == two else "other_content"


def _overlap(base: PanelVersion, candidate: PanelVersion, rows: Mapping[str, list[tuple[int, int]]]) -> Overlap:
    known, wanted = base.humans.index, candidate.humans.index
    lost = [name for name in base.humans.item_ids if name not in wanted]
    new = [name for name in candidate.humans.item_ids if name not in known]
    named = {
        "only_base": lost,
        "only_candidate": new,
        **{
            kind: [candidate.humans.item_ids[row] for _, row in rows[kind]]
            for kind in ("other_votes", "other_content")
        },
    }
    return Overlap(
        shared=len(rows["shared"]),
        compared=0,
        **{kind: len(found) for kind, found in named.items()},
        examples={kind: sorted(found)[:_EXAMPLES] for kind, found in named.items() if found},
    )


def _named(base: PanelVersion, candidate: PanelVersion) -> str:
    return f"{shorten(base.name)} and {shorten(candidate.name)}"


def _why(overlap: Overlap) -> str:
    parts = {
        "items only in the first": overlap.only_base,
        "items only in the second": overlap.only_candidate,
        "items with other human votes": overlap.other_votes,
        "items with another text": overlap.other_content,
    }
    return ", ".join(f"{count} {words}" for words, count in parts.items() if count)
