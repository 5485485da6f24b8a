"""Wilson's interval of a share, also of items that come in clusters."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from panel_eval.stats.arrays import BoolArray, IntArray


def wilson_interval(hits: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial share.

    (x + z²/2 ± z √(x (n - x) / n + z²/4)) / (n + z²), z the normal quantile; never outside [0, 1], and of some
    length at 0 and n hits too.

    Args:
        hits: x, from 0 to n.
        n: trials, above 0; need not be whole (effective numbers).
        level: of the interval.

    Raises:
        ValueError: hits outside 0 to n, n not above 0, or a level outside (0, 1).

    References:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not (n > 0 and 0 <= hits <= n and 0 < level < 1):
        raise ValueError(f"needs 0 <= hits <= n, n > 0 and 0 < level < 1; got {hits} of {n} at {level}")
    z = float(norm.ppf((1 + level) / 2))
    middle, half = hits + z * z / 2, z * float(np.sqrt(hits * (n - hits) / n + z * z / 4))
    low = 0.0 if hits == 0 else (middle - half) / (n + z * z)
    high = 1.0 if hits == n else (middle + half) / (n + z * z)
    return max(0.0, low), min(1.0, high)


def clustered_wilson_interval(hit: BoolArray, cluster: IntArray | None, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of the share of items that hit, with as many trials as the clusters are worth.

    n items are worth n / d, d the design effect: the variance of the share between clusters over p (1 - p) / n,
    at least 1. Where all items hit or none does, d cannot be seen: clusters are then worth one item each.

    Args:
        hit: (n_items,).
        cluster: (n_items,) code of each item's cluster, or None where items are independent.
        level: of the interval.

    Raises:
        ValueError: no items.

    References:
        Kish (1965), "Survey Sampling"; Korn & Graubard (1998) on intervals of shares with effective sizes.
    """
    n, hits = hit.size, int(hit.sum())
    if cluster is None or not n:
        return wilson_interval(hits, n, level)
    n_clusters = int(np.count_nonzero(np.bincount(cluster)))
    share = hits / n
    if hits in (0, n) or n_clusters == 1:
        return wilson_interval(share * n_clusters, n_clusters, level)
    apart = np.bincount(cluster, weights=hit - share)
    variance = n_clusters / (n_clusters - 1) * float(apart @ apart) / n**2
    effective = n / max(1.0, variance * n / (share * (1 - share)))
    return wilson_interval(share * effective, effective, level)
