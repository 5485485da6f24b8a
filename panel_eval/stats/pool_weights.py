"""Weights of judges in a linear or logarithmic pool, learned together with the pool's recalibration.

The pool is recalibrated as softmax(a log q + b), see `recalibration_gain`: judges that share a fault need not be
weighted by how little they show it if the map takes the fault off them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.descent import bottom
from panel_eval.stats.recalibration_gain import Recalibration
from panel_eval.stats.softmax import log_softmax

Averaging = Literal["linear", "log"]
"""Weighted mean of the distributions, or of their logarithms."""


@dataclass(frozen=True)
class WeightedAverage:
    """Judges averaged with weights, then recalibrated.

    Attributes:
        weights: (n_judges,) at least 0, summing to 1; shared among the judges that answered an item.
        averaging: of what.
        recalibration: of the average.
    """

    weights: FloatArray
    averaging: Averaging
    recalibration: Recalibration

    def forecast(self, said: FloatArray) -> FloatArray:
        """The pool's forecast, above 0 throughout.

        Args:
            said: (n_judges, n_items, n_labels) distributions above 0 throughout; NaN rows where a judge did not
                answer.

        Returns:
            (n_items, n_labels); NaN rows where no judge of weight above 0 answered.
        """
        average = _Average(said, self.averaging)
        return self.recalibration.apply_to_logs(average.logs(self.weights).T)


def fit_weighted_average(said: FloatArray, p: FloatArray, averaging: Averaging, to_equal: float) -> WeightedAverage:
    """Fit weights, sharpness and label biases to the human shares.

    Minimises mean_i CE(p_i, softmax(a log q_i + b)) + (to_equal KL(equal || w) + ((a - 1)² + |b|²) / 2) / n_items.
    The weights' penalty is that of a Dirichlet prior: of a linear pool without a map (a = 1, b = 0) the bottom is
    where expectation maximisation with `to_equal` / n_judges pseudo-items for each judge ends.

    Args:
        said: (n_judges, n_items, n_labels) distributions above 0 throughout; NaN rows where a judge did not answer.
        p: (n_items, n_labels) human rows, summing to 1.
        averaging: of the distributions or of their logarithms.
        to_equal: items that equal weights count as much as, above 0.

    Raises:
        ValueError: no items, an item that no judge answered, or `to_equal` not above 0.

    References:
        Stone (1961), "The opinion pool"; Genest & Zidek (1986), "Combining Probability Distributions".
    """
    average = _Average(said, averaging)
    n_judges, n_items, n_labels = said.shape
    if not n_items or not average.answered.any(axis=0).all() or not to_equal > 0:
        raise ValueError("weights are fitted on items that a judge answered, at least one, and to_equal above 0")
    human = np.ascontiguousarray(p.T)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        weights = _simplex(parameters[:n_judges])
        sharpness, bias = parameters[n_judges], parameters[n_judges + 1 :]
        logs = average.logs(weights)
        log_q = log_softmax(sharpness * logs + bias[:, None])
        excess = np.exp(log_q) - human
        on_weights = average.slope(weights, logs, sharpness * excess) - to_equal / (n_judges * weights)
        on_logits = weights * (on_weights - weights @ on_weights)
        gradient = np.concatenate(
            [on_logits, [float(np.vdot(excess, logs)) + sharpness - 1.0], excess.sum(axis=1) + bias]
        )
        penalty = 0.5 * ((sharpness - 1.0) ** 2 + float(bias @ bias))
        value = penalty - to_equal * float(np.log(n_judges * weights).mean()) - float(np.vdot(human, log_q))
        return value / n_items, gradient / n_items

    start = np.zeros(n_judges + 1 + n_labels)
    start[n_judges] = 1.0
    found = bottom(loss, start)
    bias = found[n_judges + 1 :]
    recalibration = Recalibration(float(found[n_judges]), bias - bias.mean())
    return WeightedAverage(_simplex(found[:n_judges]), averaging, recalibration)


class _Average:
    """The judges of some items, to be averaged with any weights.

    Attributes:
        answered: (n_judges, n_items) 1 where the judge answered, else 0.
    """

    def __init__(self, said: FloatArray, averaging: Averaging) -> None:
        present = ~np.isnan(said[:, :, 0])
        self.answered = present.astype(np.float64)
        self._linear = averaging == "linear"
        filled = np.where(present[:, :, None], said, 1.0)
        values = np.where(present[:, :, None], filled, 0.0) if self._linear else np.log(filled)
        # Labels before items: sums over labels are fast, and a judge's answers make one row.
        self._shape = (said.shape[2], said.shape[1])
        self._rows = np.ascontiguousarray(values.transpose(0, 2, 1)).reshape(len(said), -1)

    def logs(self, weights: FloatArray) -> FloatArray:
        """(n_labels, n_items) logarithm of the average, up to a constant an item; NaN where nobody is weighed."""
        heard = weights @ self.answered
        average = (weights @ self._rows).reshape(self._shape) / np.where(heard > 0, heard, np.nan)
        return np.asarray(np.log(average)) if self._linear else average

    def slope(self, weights: FloatArray, logs: FloatArray, on_logs: FloatArray) -> FloatArray:
        """(n_judges,) slope of a loss in the weights, of its slope in `logs`, all (n_labels, n_items)."""
        average = np.exp(logs) if self._linear else logs
        on_average = (on_logs / average if self._linear else on_logs) / (weights @ self.answered)
        slope: FloatArray = self._rows @ on_average.ravel() - self.answered @ (on_average * average).sum(axis=0)
        return slope


def _simplex(logits: FloatArray) -> FloatArray:
    weights = np.exp(logits - logits.max())
    shares: FloatArray = weights / weights.sum()
    return shares
