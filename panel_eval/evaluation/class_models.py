"""What all items' votes lead to expect of each item's population, and scores against it.

By class a score must not be taken on the votes that made the class. The posterior expects something of each item's
population instead. Its centre may be off for a forecaster; by how much on average is known, from scores over all
items that need no model, and is taken off each class as far as its items rest on the prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.class_means import SegmentMeans
from panel_eval.evaluation.means import Mean
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.segments import OVERALL
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.divergence import LN2
from panel_eval.stats.posterior_expectations import (
    expected_entropy_bits,
    expected_impurity,
    posterior_mean,
    total_variance,
)

MODELLED = ("kl", "distance", "impurity")
"""Scores against the expected population; each has columns `model_NAME`, `gap_NAME` and `share_NAME`."""


@dataclass(frozen=True)
class Populations:
    """What is expected of each item's population, whatever the forecaster.

    Attributes:
        centre: (n_items, n_labels) posterior mean.
        spread: (n_items,) sum over labels of the posterior variance.
        impurity: (n_items,) expected 1 - Σ p².
        entropy_bits: (n_items,) expected entropy.
        prior_share: (n_items,) how far the centre rests on the prior, s / (n + s).
    """

    centre: FloatArray
    spread: FloatArray
    impurity: FloatArray
    entropy_bits: FloatArray
    prior_share: FloatArray


def expect_populations(posterior: HumanPosterior) -> Populations:
    """The populations that a posterior leads to expect."""
    return Populations(
        centre=posterior_mean(posterior.alpha),
        spread=total_variance(posterior.alpha),
        impurity=expected_impurity(posterior.alpha),
        entropy_bits=expected_entropy_bits(posterior.alpha),
        prior_share=posterior.prior_share,
    )


def model_columns(
    populations: Populations, forecasts: FloatArray, rows: slice, ce_bits: FloatArray, unbiased: Columns
) -> Columns:
    """Scores of a forecaster against expected populations, and how far they lie from scores that need no model.

    Args:
        populations: what is expected of the items.
        forecasts: (n_items, n_labels) of the forecaster.
        rows: the items to score.
        ce_bits: (n_rows,) its cross-entropy on their votes.
        unbiased: "distance" and "impurity" to (n_rows,) scores that need no model, NaN where unknown.

    Returns:
        For each of `MODELLED`: `model_NAME` the expected score, `gap_NAME` its distance from the score without a
        model and `share_NAME` the prior's share, both NaN where there is no such score; `prior_share` of the scored
        items, and `kl_level`, the cross-entropy less the expected entropy.
    """
    q, centre, share = forecasts[rows], populations.centre[rows], populations.prior_share[rows]
    scored = ~np.isnan(q[:, 0])
    with np.errstate(divide="ignore"):
        expected_ce: FloatArray = row_sums(centre * np.log(q)) / -LN2
    distance = row_sums(np.square(centre - q)) + populations.spread[rows]
    impurity = np.where(scored, populations.impurity[rows], np.nan)
    finite = np.isfinite(expected_ce)
    gaps = {
        "kl": np.subtract(expected_ce, ce_bits, out=np.full(finite.shape, np.nan), where=finite),
        "distance": distance - unbiased["distance"],
        "impurity": impurity - unbiased["impurity"],
    }
    columns = {
        "model_kl": expected_ce - populations.entropy_bits[rows],
        "model_distance": distance,
        "model_impurity": impurity,
        "prior_share": np.where(scored, share, np.nan),
        "kl_level": ce_bits - populations.entropy_bits[rows],
    }
    columns |= {f"gap_{name}": gap for name, gap in gaps.items()}
    return columns | {f"share_{name}": np.where(np.isnan(gap), np.nan, share) for name, gap in gaps.items()}


def model_mean(name: str, segment: str, means: SegmentMeans) -> Mean:
    """Mean of one of `MODELLED` over a class, the average error of the prior's centre taken off.

    Args:
        name: of the score.
        segment: name of the class.
        means: of the columns that `model_columns` makes.
    """
    everything = means[OVERALL]
    return centred(
        means[segment][f"model_{name}"],
        means[segment]["prior_share"],
        everything[f"gap_{name}"],
        everything[f"share_{name}"],
    )


def centred(mean: Mean, share: Mean, gap: Mean, behind: Mean) -> Mean:
    """A model-based mean over a class, the average error of the prior's centre taken off.

    Args:
        mean: of the class, by the model.
        share: mean share of the prior in the class.
        gap: mean over all items of the score by the model less the score that needs none.
        behind: mean share of the prior in the items behind `gap`.
    """
    if not (math.isfinite(mean.value) and gap.n and behind.value > 0):
        return mean
    return replace(
        mean,
        value=mean.value - gap.value / behind.value * share.value,
        replicates=mean.replicates - gap.replicates / behind.replicates * share.replicates,
    )
