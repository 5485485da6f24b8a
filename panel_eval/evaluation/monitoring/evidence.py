"""Evidence that the nights of a stream have changed: of the mean, of the ranks, and of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import logsumexp

from panel_eval.evaluation.monitoring.nights import ItemNight, Night, StreamItems, chances
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
        mean, ranks: (n_nights,) logs of the e-values.
        known: (n_nights,) whether anything could be said of the mean.
    """

    contrasts: Contrasts
    mean: FloatArray
    ranks: FloatArray
    known: BoolArray

    @property
    def both(self) -> FloatArray:
        """(n_nights,) log of the mean of the two e-values: an e-value too, however they depend on each other."""
        return np.asarray(np.logaddexp(self.mean, self.ranks) - _TWO)

    def likeliest_start(self, night: int) -> int:
        """The night that a change most likely came in, as seen on a night; never the first.

        The one that parts the scores best by least squares, which no noise estimate of its own blurs.
        """
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
        units = [_units(night, items) for night, items in zip(stream.nights, stream.items, strict=True)]
        ranks = fresh_ranks([own for own, _ in units], [chance for _, chance in units])
    return Evidence(
        contrasts=contrasts,
        mean=_mixed(mean_log_evidence(contrasts)),
        ranks=_mixed(rank_log_evidence(ranks)),
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


def _units(night: Night, items: Sequence[ItemNight]) -> tuple[FloatArray, FloatArray]:
    """Mean scores of a night's independent units and the numbers that break their ties.

    They stand in an order that the numbers give, so that it has nothing to do with the scores: items in a file may
    be sorted by anything.
    """
    own: dict[str, list[ItemNight]] = {}
    for item in items:
        if math.isfinite(item.score):
            own.setdefault(item.unit, []).append(item)
    firsts = [members[0] for members in own.values()]
    means = np.array([math.fsum(item.score for item in members) / len(members) for members in own.values()])
    order = np.argsort(chances(night, firsts), kind="stable")
    ties = chances(Night(f"{night.run_id}\0ties", night.started_at, ()), firsts)
    return means[order], ties[order]
