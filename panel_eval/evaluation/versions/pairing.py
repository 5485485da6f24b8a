"""The items that two panel versions have in common: same id, same text, same human votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from panel_eval.errors import NotComparableError, shorten
from panel_eval.evaluation.versions.version import PanelVersion, VersionPair
from panel_eval.humans import ItemDigests
from panel_eval.schema.comparison import Overlap

_EXAMPLES: Final = 5
_CHANGED: Final = ("other_votes", "other_content")

RowPairs = Sequence[tuple[int, int]]
"""Rows of the same id in the baseline and in the candidate."""


def pair_versions(base: PanelVersion, candidate: PanelVersion) -> VersionPair:
    """Match two versions item by item.

    Raises:
        NotComparableError: other labels or another scale, no item is the same in both, or none of these has a
            forecast of both panels.
    """
    refuse_other_task(base, candidate)
    rows = _matched(base, candidate)
    overlap = _overlap(base, candidate, rows)
    if not rows["shared"]:
        raise NotComparableError(f"{_named(base, candidate)} share no item: {left_out(overlap)}")
    ids = candidate.humans.item_ids
    ours, theirs = np.array(sorted(rows["shared"], key=lambda pair: ids[pair[1]])).T
    both = np.isfinite(base.panel_q[ours, 0]) & np.isfinite(candidate.panel_q[theirs, 0])
    if not both.any():
        raise NotComparableError(f"{_named(base, candidate)}: no shared item has a forecast of both panels")
    humans = candidate.humans.select(theirs)
    if humans.clusters is None:  # the items are the same, and so is where they come from
        humans = replace(humans, clusters=base.humans.select(ours).clusters)
    return VersionPair(
        base=base,
        candidate=candidate,
        humans=humans,
        base_rows=ours,
        candidate_rows=theirs,
        overlap=overlap.model_copy(update={"compared": int(both.sum())}),
    )


def _matched(base: PanelVersion, candidate: PanelVersion) -> Mapping[str, RowPairs]:
    """Rows of the items with an id of both, by whether they are `shared` or what of them has changed."""
    place = base.humans.index
    rows: dict[str, list[tuple[int, int]]] = {"shared": [], **{kind: [] for kind in _CHANGED}}
    for row, item_id in enumerate(candidate.humans.item_ids):
        if (earlier := place.get(item_id)) is not None:
            rows[_kind(base.digests, earlier, candidate.digests, row)].append((earlier, row))
    return rows


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


def _overlap(base: PanelVersion, candidate: PanelVersion, rows: Mapping[str, RowPairs]) -> Overlap:
    known, wanted = base.humans.index, candidate.humans.index
    lost = [name for name in base.humans.item_ids if name not in wanted]
    new = [name for name in candidate.humans.item_ids if name not in known]
    named = {
        "only_base": lost,
        "only_candidate": new,
        **{kind: [candidate.humans.item_ids[row] for _, row in rows[kind]] for kind in _CHANGED},
    }
    return Overlap(
        shared=len(rows["shared"]),
        compared=0,
        **{kind: len(found) for kind, found in named.items()},
        examples={kind: sorted(found)[:_EXAMPLES] for kind, found in named.items() if found},
    )


def _named(base: PanelVersion, candidate: PanelVersion) -> str:
    return f"{shorten(base.name)} and {shorten(candidate.name)}"


def left_out(overlap: Overlap) -> str:
    """Which items cannot be compared, in words; empty where all can."""
    parts = {
        "only in the baseline": overlap.only_base,
        "only in the candidate": overlap.only_candidate,
        "with other human votes": overlap.other_votes,
        "with another text": overlap.other_content,
    }
    return ", ".join(f"{count} {words}" for words, count in parts.items() if count)
