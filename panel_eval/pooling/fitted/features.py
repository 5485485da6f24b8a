"""What the regressions of stacking see of the judges' answers, and what they expect of their coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

from panel_eval.pooling.fitted.answers import smoothed_panel
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats.arrays import FloatArray

_FLOOR = 1e-4
"""Mass below which a judge's probability says no more than this, in logarithms."""


@dataclass(frozen=True)
class Answers:
    """Judges' answers as features, as distances from each judge's mean answer.

    Of each judge: its distribution; where judges give distributions, also their logarithms, scaled so that a label
    without mass is 0 and a label with all of it 1, as in the distribution itself. Then one indicator for each
    judge's missing answer, which is taken for its mean answer. Last the logarithms of the panel of equal weights:
    what the judges say together need not be the sum of what each says (out of fold on ChaosNLI-SNLI .003 nats).

    Attributes:
        centre: (n_parts, n_judges, n_labels) mean answers: distributions; logarithms, too, if there are two parts.
        panel_centre: (n_labels,) mean of the panel's logarithms, each item's less their own mean.
    """

    centre: FloatArray
    panel_centre: FloatArray

    @classmethod
    def of(cls, sample: TrainingSample) -> Answers:
        """Centres of a sample of answered items; the judges' logarithms only if some answer is not one label."""
        forecasts = sample.forecasts
        said = forecasts.q_raw[forecasts.answered]
        parts = 2 if ((said > 0) & (said < 1)).any() else 1
        answered = forecasts.answered[:, :, None]
        total = np.maximum(answered.sum(axis=1), 1)
        centre = np.stack([np.where(answered, part, 0.0).sum(axis=1) / total for part in _parts(forecasts, parts)])
        silent = ~forecasts.answered.any(axis=1)
        # Of a judge that never answered we expect what the others say.
        centre[:, silent] = centre[:, ~silent].mean(axis=1, keepdims=True)
        return cls(centre, _panel_logs(forecasts).mean(axis=0))

    def table(self, forecasts: JudgeForecasts) -> FloatArray:
        """(n_items, n_features) in the order told above; NaN where nobody answered."""
        answered = forecasts.answered
        parts = zip(_parts(forecasts, len(self.centre)), self.centre, strict=True)
        said = [np.where(answered[:, :, None], part - centre[:, None, :], 0.0) for part, centre in parts]
        rows = [part.transpose(1, 0, 2).reshape(answered.shape[1], -1) for part in said]
        return np.hstack([*rows, ~answered.T, _panel_logs(forecasts) - self.panel_centre])

    def prior_root(self, *, ordinal: bool) -> FloatArray:
        """(n_features, n_features) root of the prior covariance of the coefficients, at ridge 1.

        A coefficient is the sum of a part of its own and a part that all judges share; on an ordinal scale also of
        a slope along the scale, again of the judge's own and shared. Each part has variance 1: judges are alike
        until their answers tell otherwise, and a few dozen labels can teach the shared parts (out of fold on
        POPQUORN, 50 labelled items: 1.63 bits a vote; with independent coefficients 1.65 at best).
        """
        n_parts, n_judges, n_labels = self.centre.shape
        steps = np.arange(n_labels) - 0.5 * (n_labels - 1)
        along = np.eye(n_labels) + (np.outer(steps, steps) if ordinal else 0.0)
        among = np.eye(n_judges) + 1.0
        blocks = [np.kron(among, along)] * n_parts + [among, along]
        return np.linalg.cholesky(np.asarray(block_diag(*blocks), dtype=np.float64)).astype(np.float64, copy=False)


def _panel_logs(forecasts: JudgeForecasts) -> FloatArray:
    logs = np.log(smoothed_panel(forecasts))
    centred: FloatArray = logs - logs.mean(axis=1, keepdims=True)
    return centred


def _parts(forecasts: JudgeForecasts, n_parts: int) -> list[FloatArray]:
    said = forecasts.q_raw
    return [said, 1.0 - np.log(np.maximum(said, _FLOOR)) / np.log(_FLOOR)][:n_parts]
