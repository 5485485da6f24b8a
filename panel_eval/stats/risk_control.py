"""A threshold under which decisions keep a risk, with a promise that holds for any number of items.

Items are decided whose score is below a threshold. Thresholds are tried from the strictest to the loosest and the
first one whose risk cannot be shown to be small enough ends the search (fixed-sequence testing): each is tested at
the full level delta, and the risk of what is decided exceeds the target in at most delta of all calibrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy.special import betaincinv

from panel_eval.stats.arrays import FloatArray, IntArray, as_vector

SCORE_DECIMALS = 9
"""Scores are rounded to so many decimals, so that sums that differ in their last bits are tied."""
MAX_THRESHOLDS = 100
"""Most thresholds tried: more would stop the search sooner by chance than they would sharpen its result."""
_FIRST_PART = 5
"""The strictest threshold leaves at least this part of the items below it where so many can be spared."""


class RiskBound(Protocol):
    """An upper confidence bound of a mean loss."""

    @property
    def delta(self) -> float:
        """Probability that the bound is wrong."""

    def upper(self, losses: FloatArray) -> float:
        """A number that the mean of the population is below but with probability `delta`.

        Args:
            losses: (n,) independent losses in [0, 1], in an order that was fixed before they were seen.
        """

    def holds(self, losses: FloatArray, risk: float) -> bool:
        """Whether `upper` is at most `risk`."""

    def fewest(self, risk: float) -> int:
        """Fewest items for which `holds` can be true: without any loss."""


@dataclass(frozen=True)
class ClopperPearson:
    """Exact bound of the probability of an error, for losses of 0 and 1.

    Attributes:
        delta: probability that the bound is wrong.
    """

    delta: float

    def upper(self, losses: FloatArray) -> float:
        """See `RiskBound`."""
        return float(clopper_pearson_upper(int(losses.sum()), losses.size, self.delta))

    def holds(self, losses: FloatArray, risk: float) -> bool:
        """See `RiskBound`."""
        return self.upper(losses) <= risk

    def fewest(self, risk: float) -> int:
        """See `RiskBound`."""
        return minimum_n(risk, self.delta)


@dataclass(frozen=True)
class RiskControl:
    """The loosest threshold that passed.

    Attributes:
        threshold: decide where the score is below it; -inf = nothing, inf = everything.
        n: items below it.
        mean_loss: their mean loss; NaN where there are none.
        upper: upper confidence bound of their risk; NaN where there are none.
        tried: thresholds tested, the one that ended the search included.
    """

    threshold: float
    n: int
    mean_loss: float
    upper: float
    tried: int


def clopper_pearson_upper(errors: int | IntArray, n: int | IntArray, delta: float) -> FloatArray:
    """Upper confidence bound of a probability: the 1 - delta quantile of Beta(errors + 1, n - errors).

    Args:
        errors: errors seen, one number or an array.
        n: independent trials, of the same shape.
        delta: probability that the bound is wrong.

    Returns:
        The bounds; 1 where every trial was an error, or there was none.

    Raises:
        ValueError: more errors than trials, negative numbers, or delta outside (0, 1).

    References:
        Clopper & Pearson (1934), "The use of confidence or fiducial limits".
    """
    x, size = np.asarray(errors, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if not ((x >= 0) & (x <= size)).all():
        raise ValueError("errors must lie between 0 and n")
    _check_level(delta, "delta")
    some = x < size
    bound: FloatArray = np.asarray(
        np.where(some, betaincinv(x + 1.0, np.where(some, size - x, 1.0), 1.0 - delta), 1.0)
    )
    return bound


@lru_cache(maxsize=4096)
def minimum_n(risk: float, delta: float, errors: int = 0) -> int:
    """Fewest items among which so many errors still show a risk of at most `risk`.

    Args:
        risk: the target, in (0, 1).
        delta: probability that the bound is wrong.
        errors: errors among them.

    Raises:
        ValueError: a level outside (0, 1), or a negative number of errors.
    """
    _check_level(risk, "risk")
    low, high = errors, errors + 1
    while clopper_pearson_upper(errors, high, delta) > risk:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if clopper_pearson_upper(errors, middle, delta) <= risk:
            high = middle
        else:
            low = middle
    return high


def control_risk(
    scores: FloatArray, losses: FloatArray, risk: float, bound: RiskBound, generator: np.random.Generator
) -> RiskControl:
    """The loosest threshold that fixed-sequence testing passes; it decides nothing where the strictest fails.

    Thresholds are scores that occur, chosen by rank: which ones never depends on a loss. A threshold is tested
    with the items strictly below it. With t the first threshold tested whose true risk is above the target, those
    items are, given how many lie where, independent draws from stretches of scores whose mean loss is at least the
    target, so passing it has probability delta at most. This is exact where scores have no ties, and with ties
    where the true risk crosses the target once (as it does if it rises with the score).

    Args:
        scores: (n,) scores, higher = less certain, rounded to `SCORE_DECIMALS`; tied items move together.
        losses: (n,) losses of deciding, in [0, 1], independent between items.
        risk: the target, in (0, 1).
        bound: of the mean loss.
        generator: fixes the order in which losses are read.

    Raises:
        ValueError: shapes that differ, NaN, losses outside [0, 1], or a risk outside (0, 1).

    References:
        Angelopoulos et al. (2021), "Learn then Test"; Jung, Brahman & Choi (2025), "Trust or Escalate". Unlike the
        program of the latter, this decides nothing if the strictest threshold fails.
    """
    order = generator.permutation(len(scores))
    s = np.round(as_vector(scores, "scores")[order], SCORE_DECIMALS)
    lost = as_vector(losses, "losses", s.size)[order]
    if np.isnan(s).any() or not ((lost >= 0) & (lost <= 1)).all():
        raise ValueError("scores must not be NaN, and losses must lie in [0, 1]")
    _check_level(risk, "risk")
    passed, tried = -np.inf, 0
    for threshold in candidate_thresholds(s, first_rank(s.size, risk, bound)).tolist():
        tried += 1
        if not bound.holds(lost[s < threshold], risk):
            break
        passed = threshold
    decided = lost[s < passed]
    if not decided.size:
        return RiskControl(-np.inf, 0, np.nan, np.nan, tried)
    return RiskControl(passed, decided.size, float(decided.mean()), bound.upper(decided), tried)


def first_rank(n: int, risk: float, bound: RiskBound) -> int:
    """Items below the strictest threshold, from the number of items alone.

    A search that began where not one error is allowed would mostly end there. It begins with a fifth of the items
    or a little less, just as many as some whole number of errors asks for; with the fewest possible if a fifth is
    too few.
    """
    fewest, part = bound.fewest(risk), n // _FIRST_PART
    allowed = int((clopper_pearson_upper(np.arange(part + 1), np.full(part + 1, part), bound.delta) <= risk).sum())
    return fewest if not allowed else max(fewest, minimum_n(risk, bound.delta, allowed - 1))


def candidate_thresholds(scores: FloatArray, fewest: int) -> FloatArray:
    """Thresholds to try, rising: scores with at least `fewest` scores below them, and inf for all items.

    Args:
        scores: (n,) rounded scores.
        fewest: items below the first.
    """
    distinct, counts = np.unique(scores, return_counts=True)
    below = np.cumsum(counts)
    thresholds = np.append(distinct[1:], np.inf)[: below.size]
    usable = np.flatnonzero(below >= max(fewest, 1))
    if usable.size > MAX_THRESHOLDS:
        usable = usable[np.linspace(0, usable.size - 1, MAX_THRESHOLDS).round().astype(np.int64)]
    return np.asarray(thresholds[usable])


def _check_level(value: float, name: str) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie in (0, 1), got {value}")
