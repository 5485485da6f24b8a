"""The items whose score moved most, with what both sides said about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from panel_eval.evaluation.versions.losses import label_losses
from panel_eval.evaluation.versions.version import PanelVersion, VersionPair
from panel_eval.pooling.standing import votes_replaced
from panel_eval.schema import Vote
from panel_eval.schema.comparison import MovedItem, SideOfItem
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.crossfit import left_out_loss

_CONTENT: Final = 300
"""Characters of each text field that are repeated."""
_LABELS: Final = 3
"""Labels of a distribution that are told."""
_VOTES: Final = 10
"""Votes of one judge that are told."""

VotesByItem = Mapping[str, Mapping[str, Sequence[Vote]]]
"""Item to judge to its votes, by sample."""


def moved_items(pair: VersionPair, most: int) -> list[MovedItem]:
    """Items by how much cross-entropy differs: `most` / 2 that got worse, as many that got better.

    Largest differences first, of both kinds together; items that did not move, or on which a loss is infinite, are
    left out. All text is as it stands in the files: whoever shows it must escape it.
    """
    differences = _differences(pair)
    chosen = _furthest(differences, most // 2)
    ids = [pair.humans.item_ids[row] for row in chosen]
    ours, theirs = (_votes_on(ids, version) for version in (pair.base, pair.candidate))
    return [
        _moved(pair, row, float(differences[row]), ours.get(name, {}), theirs.get(name, {}))
        for row, name in zip(chosen, ids, strict=True)
    ]


def _differences(pair: VersionPair) -> FloatArray:
    """(n_items,) cross-entropy of the candidate less the baseline's, in bits; 0 where it cannot be told."""
    losses = [
        left_out_loss(pair.humans.distribution, label_losses(q)["ce_bits"]) for q in (pair.base_q, pair.candidate_q)
    ]
    with np.errstate(invalid="ignore"):
        difference = losses[1] - losses[0]
    return np.where(np.isfinite(difference), difference, 0.0)


def _furthest(differences: FloatArray, of_each: int) -> list[int]:
    """Rows of the largest differences of either sign; items are in the order of their ids, which breaks ties."""
    worse, better = np.argsort(-differences, kind="stable"), np.argsort(differences, kind="stable")
    kept = [row for row in worse[:of_each].tolist() if differences[row] > 0]
    kept += [row for row in better[:of_each].tolist() if differences[row] < 0]
    return sorted(kept, key=lambda row: (-abs(differences[row]), row))


def _moved(
    pair: VersionPair,
    row: int,
    difference: float,
    ours: Mapping[str, Sequence[Vote]],
    theirs: Mapping[str, Sequence[Vote]],
) -> MovedItem:
    humans = pair.humans
    counts = humans.counts[row].tolist()
    content = humans.records[row].content or {}
    return MovedItem(
        item_id=humans.item_ids[row],
        human_class=humans.derived_class[row],
        human_counts=dict(zip(humans.labels, counts, strict=True)),
        difference_bits=difference,
        base=_side(humans.labels, pair.base.panel_q[pair.base_rows[row]], ours),
        candidate=_side(humans.labels, pair.candidate.panel_q[pair.candidate_rows[row]], theirs),
        content={name: _cut(text, _CONTENT) for name, text in content.items()},
    )


def _side(labels: Sequence[str], q: FloatArray, votes: Mapping[str, Sequence[Vote]]) -> SideOfItem:
    return SideOfItem(
        forecast=dict(zip(labels, q.tolist(), strict=True)),
        votes={judge: _told(own) for judge, own in votes.items()},
    )


def _told(votes: Sequence[Vote]) -> list[str]:
    words = [_words(vote) for vote in votes[:_VOTES]]
    return words if len(votes) <= _VOTES else [*words, f"… {len(votes) - _VOTES} more"]


def _words(vote: Vote) -> str:
    """A vote in words: its label, its largest shares, or what became of it."""
    if vote.label is not None:
        return vote.label
    if vote.distribution is None:
        return f"{vote.outcome}: {vote.error.kind}" if vote.error else vote.outcome
    shares = sorted(vote.distribution.items(), key=lambda pair: -pair[1])
    rest = ", …" if len(shares) > _LABELS else ""
    return ", ".join(f"{label} {mass:.0%}" for label, mass in shares[:_LABELS]) + rest


def _votes_on(item_ids: Sequence[str], version: PanelVersion) -> VotesByItem:
    """The votes of the panel's judges on some items."""
    columns = version.votes.columns
    wanted = set(item_ids)
    known = np.fromiter((name in wanted for name in columns.item_ids), dtype=bool, count=len(columns.item_ids))
    rows: IntArray = np.flatnonzero(known[columns.item])
    found: dict[str, dict[str, list[Vote]]] = defaultdict(lambda: defaultdict(list))
    some = version.votes.take(rows)
    not_standing = set(np.concatenate(votes_replaced(some)).tolist())
    for row, vote in enumerate(some):
        if row not in not_standing and vote.judge in version.judge_q:
            found[vote.item_id][vote.judge].append(vote)
    return {
        name: {judge: sorted(own[judge], key=lambda vote: vote.sample) for judge in sorted(own)}
        for name, own in found.items()
    }


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
