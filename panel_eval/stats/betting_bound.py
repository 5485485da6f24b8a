"""An upper confidence bound of the mean of losses in [0, 1] that adapts to how little they vary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.risk_control import minimum_n

_BOLDNESS = 0.9
"""Largest part of the capital that one bet may lose. Near 1 it is tight for losses that are all 0."""
_NEARLY = 1e-9


@dataclass(frozen=True)
class Betting:
    """Bets against a mean of at least m, one loss after the other; who gets rich was right.

    The capital prod_t (1 + b_t (m - l_t)), with bets b_t that know only earlier losses, grows by nothing in
    expectation if the mean is m or more, so it ever reaches 1 / delta with probability at most delta (Ville). The
    bound is the largest m it does not refute. Bets are the predictable plug-in for n losses, sqrt(2 ln(1 / delta) /
    (n s_t^2)), s_t^2 the variance of the losses before, at most 0.9 / (1 - m).

    Attributes:
        delta: probability that the bound is wrong.

    References:
        Waudby-Smith & Ramdas (2024), "Estimating means of bounded random variables by betting", JRSS B 86,
        arXiv 2010.09686 (their PrPl-CI, one-sided).
    """

    delta: float

    def upper(self, losses: FloatArray) -> float:
        """See `RiskBound`."""
        if not losses.size:
            return 1.0
        bets = self._bets(losses)

        def excess(mean: float) -> float:
            return self._log_capital(losses, bets, mean) + math.log(self.delta)

        if excess(1.0 - _NEARLY) < 0.0:
            return 1.0
        # No mean below that of the losses is refuted: at m = 0 no bet wins.
        return min(1.0, float(brentq(excess, 0.0, 1.0 - _NEARLY, xtol=1e-12)) + _NEARLY)

    def holds(self, losses: FloatArray, risk: float) -> bool:
        """See `RiskBound`."""
        if not losses.size:
            return False
        return self._log_capital(losses, self._bets(losses), risk - _NEARLY) >= -math.log(self.delta)

    def fewest(self, risk: float) -> int:
        """See `RiskBound`."""
        # No bound holds with fewer than the exact one, and once this one holds it does with more.
        low = high = minimum_n(risk, self.delta)
        while not self.holds(np.zeros(high), risk):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            if self.holds(np.zeros(middle), risk):
                high = middle
            else:
                low = middle
        return high

    def _bets(self, losses: FloatArray) -> FloatArray:
        """(n,) bet on each loss, before it is held down for a certain mean."""
        seen = np.arange(1, losses.size + 1) + 1.0
        mean = (0.5 + np.cumsum(losses)) / seen
        variance = (0.25 + np.cumsum((losses - mean) ** 2)) / seen
        before = np.concatenate([[0.25], variance[:-1]])
        return np.asarray(np.sqrt(2.0 * math.log(1.0 / self.delta) / (losses.size * before)))

    def _log_capital(self, losses: FloatArray, bets: FloatArray, mean: float) -> float:
        """Largest log capital on the way; rises with `mean`."""
        held = np.minimum(bets, _BOLDNESS / (1.0 - mean))
        return float(np.cumsum(np.log1p(held * (mean - losses))).max())
