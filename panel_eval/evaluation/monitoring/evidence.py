"""Evidence that the nights of a stream have changed: of the mean, of the ranks, and of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import logsumexp

from panel_eval.evaluation.monitoring.nights import ItemNight, Night, StreamItems, chances, scores
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.change_contrasts import Contrasts, fresh_contrasts, repeated_contrasts
from panel_eval.stats.change_evidence import mean_log_evidence, mix_over_nights
from panel_eval.stats.rank_betting import fresh_ranks, rank_log_evidence, repeated_ranks

_TWO: Final = float(np.log(2.0))


@dataclass(frozen=True)
class Evidence:
    """What the nights of a stream say; nights are those of the stream.

    Attributes:
        contrasts: scores since each night less those before.
        by_rank: (n_nights, n_nights) log e-value for other ranks since tau, on night T.
        risen: (n_nights,) sum of ranks above the middle: above 0 where more scores rose than fell.
        known: (n_nights,) whether anything could be said of the mean.
    """

    contrasts: Contrasts
    by_rank: FloatArray
    risen: FloatArray
    known: BoolArray

    @cached_property
    def mean(self) -> FloatArray:
        """(n_nights,) log e-value: the mean has changed."""
        return _mixed(mean_log_evidence(self.contrasts))

    @cached_property
    def ranks(self) -> FloatArray:
        """(n_nights,) log e-value: the ranks have changed."""
        return _mixed(self.by_rank)

    @property
    def both(self) -> FloatArray:
        """(n_nights,) log of the mean of the two e-values: an e-value too, however they depend on each other."""
        return np.asarray(np.logaddexp(self.mean, self.ranks) - _TWO)

    def likeliest_start(self, night: int, ranks_alone: bool = False) -> int:
        """The night that a change most likely came in, as seen on a night; never the first.

        The one that parts the scores best by least squares, which no noise estimate of its own blurs; where the
        mean has not changed but the ranks have, the one since which they are the least likely.
        """
        if ranks_alone:
            return 1 + int(np.argmax(self.by_rank[1 : night + 1, night]))
        parted = self.contrasts.count[1:, night] * np.square(self.contrasts.difference[1:, night])
        return 1 + int(np.argmax(np.nan_to_num(parted, nan=-1.0)))


def stream_evidence(stream: StreamItems) -> Evidence:
    """Evidence of change on each night of a stream, from that night and those before it."""
    if stream.kind == "canary":
        table = stream.table
        contrasts = repeated_contrasts(table)
        ranks = list(repeated_ranks(table, stream.chance).T)
    else:
        contrasts = _fresh(stream)
        seen: set[str] = set()
        units = [_units(night, items, seen) for night, items in zip(stream.nights, stream.items, strict=True)]
        ranks = fresh_ranks([own for own, _ in units], [chance for _, chance in units])
    return Evidence(
        contrasts=contrasts,
        by_rank=rank_log_evidence(ranks),
        risen=np.array([np.nansum(own - 0.5) for own in ranks]),
        known=np.asarray(contrasts.known.any(axis=0)),
    )


def _mixed(log_evidence: FloatArray) -> FloatArray:
    """(n_nights,) over all nights that a change may have come in."""
    return np.asarray(logsumexp(mix_over_nights(log_evidence), axis=0))


def _fresh(stream: StreamItems) -> Contrasts:
    code: dict[str, int] = {}
    found = [
        (item.score, night, code.setdefault(item.unit, len(code)))
        for night, items in enumerate(stream.items)
        for item in items
        if math.isfinite(item.score)
    ]
    score, night, unit = zip(*found, strict=True) if found else ((), (), ())
    return fresh_contrasts(
        np.array(score, dtype=np.float64),
        np.array(night, dtype=np.int64),
        np.array(unit, dtype=np.int64),
        len(stream.nights),
    )


def _units(night: Night, items: Sequence[ItemNight], seen: set[str]) -> tuple[FloatArray, FloatArray]:
    """Scores of a night's new independent units and the numbers that break their ties.

    A cluster counts once, on its first night, and by one item that is drawn: later items of it are no independent
    scores, and means of clusters of other sizes have other ranks although nothing changed. They stand in an order
    that has nothing to do with the scores: items in a file may be sorted by anything.

    Args:
        night: the night.
        items: its items.
        seen: units of earlier nights; takes in those of this one.
    """
    new = [item for item in items if math.isfinite(item.score) and item.unit not in seen]
    drawn: dict[str, ItemNight] = {}
    for place in np.argsort(_numbers(night, new, "draw"), kind="stable").tolist():
        drawn.setdefault(new[place].unit, new[place])
    seen.update(drawn)
    units = list(drawn.values())
    order = np.argsort(_numbers(night, units, "order"), kind="stable")
    return scores(units)[order], chances(night, units)[order]


def _numbers(night: Night, items: Sequence[ItemNight], purpose: str) -> FloatArray:
    """As `chances`, for a purpose of their own."""
    return chances(Night(f"{night.run_id}\0{purpose}", night.started_at, ()), items)
