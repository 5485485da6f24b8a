"""What floors and ceilings lose, item by item: the yardsticks that skill is read off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.item_scores import human_impurity
from panel_eval.evaluation.references import uniform
from panel_eval.stats import brier, cross_entropy_bits, rps
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.fresh_panel import expected_scale_spread, scale_spread
from panel_eval.stats.posterior_expectations import expected_entropy_bits, expected_impurity, posterior_mean

Loss = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Yardstick:
    """One loss, and what floors and ceilings lose.

    Attributes:
        name: the metric whose skill this is.
        loss: of human shares and a forecast, linear in the shares.
        shares: (n_items, n_labels) the human shares.
        levels: floor or ceiling to (n_items,) its loss.
    """

    name: str
    loss: Loss
    shares: FloatArray
    levels: Mapping[str, FloatArray]

    def columns(self, sample: Comparison, alike: Sequence[int]) -> Columns:
        """Losses, floors and ceilings over the items that a forecaster answered.

        Args:
            sample: the items.
            alike: for the panel and each judge, the place of the first of them that answered the same items.

        Returns:
            "loss PLACE" of the panel (0) and of each judge; "LEVEL PLACE" of the first that answered alike.
        """
        columns: Columns = {}
        for place, forecaster in enumerate((sample.panel, *sample.judges)):
            columns[f"loss {place}"] = loss = self._loss_of(forecaster)
            if alike[place] == place:
                absent = np.isnan(loss)
                columns |= {f"{name} {place}": np.where(absent, np.nan, v) for name, v in self.levels.items()}
        return columns

    def _loss_of(self, forecaster: Forecaster) -> FloatArray:
        """(n_items,) its loss; NaN also where there is no floor or ceiling to hold it against."""
        loss = self.loss(self.shares, forecaster.q)
        known = np.isfinite(sum(np.where(np.isinf(level), 0.0, level) for level in self.levels.values()))
        return np.where(known, loss, np.nan)


@dataclass(frozen=True)
class Yardsticks:
    """The same losses on observed votes, and on what the posterior expects.

    Attributes:
        observed: need no model but for cross-entropy's ceilings; what all items together are measured with.
        modelled: the same losses in the same order.
    """

    observed: list[Yardstick]
    modelled: list[Yardstick]


def yardsticks(sample: Comparison) -> Yardsticks:
    """Floors and ceilings of every loss, item by item.

    The noise-free ceiling is the loss of the population itself: its entropy for cross-entropy, 1 - Σ p*² for the
    Brier score, Σ F* (1 - F*) for the RPS; skill in the Brier score against it is skill in `brier_debiased`. Human
    parity is a fresh panel of as many people: smoothed as the panel is for cross-entropy, unsmoothed for the two
    quadratic losses, which so lose 1 / n more than the population.
    """
    humans, alpha = sample.humans, sample.posterior.alpha
    mean = posterior_mean(alpha)
    n = humans.reviewer_count
    entropy = expected_entropy_bits(alpha)
    spread = np.where(humans.counts_known, scale_spread(humans.distribution, n), np.nan)
    kinds: tuple[tuple[str, Loss, FloatArray, FloatArray], ...] = (
        ("brier_debiased", brier, human_impurity(humans), expected_impurity(alpha)),
        ("rps", rps, spread, expected_scale_spread(alpha)),
    )
    found = Yardsticks(
        [
            _yardstick(
                sample, "ce_bits", cross_entropy_bits, humans.distribution, entropy, expected_ce_bits(sample, n)
            )
        ],
        [
            _yardstick(
                sample, "ce_bits", cross_entropy_bits, mean, entropy, expected_ce_bits(sample, n, modelled=True)
            )
        ],
    )
    for name, loss, unbiased, expected in kinds[: 2 if humans.scale == "ordinal" else 1]:
        more = 1.0 + 1.0 / n
        found.observed.append(_yardstick(sample, name, loss, humans.distribution, unbiased, unbiased * more))
        found.modelled.append(_yardstick(sample, name, loss, mean, expected, expected * more))
    return found


def _yardstick(
    sample: Comparison, name: str, loss: Loss, shares: FloatArray, noise_free: FloatArray, parity: FloatArray
) -> Yardstick:
    levels = {
        "base_rate": loss(shares, sample.base_rate),
        "uniform": loss(shares, uniform(sample.humans)),
        "noise_free": noise_free,
        "human_parity": parity,
    }
    return Yardstick(name, loss, shares, levels)
