"""Bets on ranks: evidence of a change that needs to know nothing about how scores are distributed.

While nothing changes, a new score is as likely to have any rank among itself and the earlier ones. With ties broken
at random these ranks are independent and uniform on (0, 1), whatever the scores are (Vovk, Gammerman & Shafer 2005,
"Algorithmic Learning in a Random World", theorem 8.1); so whoever bets on high or low ranks wins nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from panel_eval.stats.arrays import FloatArray

STAKES = (-1.2, -0.4, -0.1, 0.1, 0.4, 1.2)
"""Bets that are mixed: what is won for a rank p is stake * (p - 1/2); below 2, so that none loses all."""
_DIGITS = 9
"""Scores are compared to so many decimals: the last bits of a number depend on the machine that computed it."""


def repeated_ranks(scores: FloatArray, uniform: FloatArray) -> FloatArray:
    """Rank of each score among the item's own earlier ones, as a p-value that is uniform on (0, 1).

    (number below + u * number equal) / number, itself counted; NaN where the item has no earlier score.

    Args:
        scores: (n_items, n_nights); NaN = no score on that night.
        uniform: (n_items, n_nights) uniform random numbers that break ties.

    Raises:
        ValueError: shapes that differ.
    """
    if scores.shape != uniform.shape or scores.ndim != 2:
        raise ValueError(f"scores and uniform must be (n_items, n_nights): {scores.shape}, {uniform.shape}")
    ranks = np.full(scores.shape, np.nan)
    scores = np.round(scores, _DIGITS)
    for night in range(1, scores.shape[1]):
        now, earlier = scores[:, night, None], scores[:, :night]
        number = np.isfinite(earlier).sum(axis=1)
        below, equal = (earlier < now).sum(axis=1), (earlier == now).sum(axis=1)
        rank = (below + uniform[:, night] * (equal + 1)) / (number + 1)
        ranks[:, night] = np.where(np.isfinite(now[:, 0]) & (number > 0), rank, np.nan)
    return ranks


def fresh_ranks(nights: Sequence[FloatArray], uniforms: Sequence[FloatArray]) -> list[FloatArray]:
    """Rank of each score among all earlier ones, those before it on the same night included.

    Args:
        nights: for each night the scores of its units, in an order that has nothing to do with the scores.
        uniforms: for each night as many uniform random numbers, which break ties.

    Returns:
        For each night the ranks as p-values; the very first score's is its random number.
    """
    pool, found = np.empty(0), []
    for exact, uniform in zip(nights, uniforms, strict=True):
        scores = np.round(exact, _DIGITS)
        below, up_to = pool.searchsorted(scores, "left"), pool.searchsorted(scores, "right")
        tonight: list[float] = []
        ranks = np.empty(len(scores))
        for place, score in enumerate(scores.tolist()):
            low = int(below[place]) + bisect_left(tonight, score)
            high = int(up_to[place]) + bisect_right(tonight, score)
            ranks[place] = (low + uniform[place] * (high - low + 1)) / (len(pool) + place + 1)
            insort(tonight, score)
        pool = np.sort(np.concatenate([pool, scores]), kind="stable")
        found.append(ranks)
    return found


def rank_log_evidence(nights: Sequence[FloatArray]) -> FloatArray:
    """(n_nights, n_nights) log e-value for ranks too high or too low since night tau, on night T.

    Mean over `STAKES` of the product of 1 + stake * (p - 1/2) over all ranks since tau; tau first, 0 below the
    diagonal.

    Args:
        nights: for each night its ranks; NaN ones count for nothing.

    References:
        Vovk, Nouretdinov & Gammerman (2021), "Retrain or not retrain: conformal test martingales for change-point
        detection" (PMLR 152); Waudby-Smith & Ramdas (2024), "Estimating means of bounded random variables by
        betting", JRSS B 86.
    """
    stakes = np.array(STAKES)
    gains = np.zeros((len(nights) + 1, len(stakes)))
    for night, ranks in enumerate(nights):
        known = ranks[np.isfinite(ranks)]
        gains[night + 1] = gains[night] + np.log1p(stakes * (known[:, None] - 0.5)).sum(axis=0)
    grown = logsumexp(gains[None, 1:] - gains[:-1, None], axis=2) - np.log(len(stakes))
    return np.asarray(np.triu(grown))
