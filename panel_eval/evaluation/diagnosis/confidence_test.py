"""Whether reviewers are less sure where they disagree."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, MIN_UNITS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema.diagnosis import ConfidenceTest
from panel_eval.stats import impurity, weighted_spearman
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.sign_flip import sign_flip_test

_SEED = 76
_CONSTANT = "undefined: the same on every item"


def confidence_test(humans: HumanLabels, confidence: FloatArray, everything: Segment, seed: int) -> ConfidenceTest:
    """Rank correlation of confidence and disagreement over items, with a test of no relation.

    Disagreement is the unbiased chance that two reviewers of the item differ, whatever their number. The test flips
    the signs of the items' contributions to the correlation of ranks, (rank of confidence - mean) times (rank of
    disagreement - mean), summed over clusters: without a relation each has expectation 0. It takes no normality and
    no equal spread, and weights nothing by the number of reviewers.

    Args:
        humans: the labelled items, in the order of their ids.
        confidence: (n_items,) mean standardised confidence, NaN where none is stated.
        everything: all of them, with their resamples.
        seed: of the flips.

    References:
        METHODS 7.5; Hemerik, Goeman & Finos (2020), "Robust testing in generalized linear models by sign flipping
        score contributions".
    """
    disagreement = impurity(humans.distribution, humans.reviewer_count)
    both = np.isfinite(confidence) & np.isfinite(disagreement)
    n = int(both.sum())
    if n < MIN_ITEMS:
        few = f"fewer than {MIN_ITEMS} items with two reviewers and a confidence"
        return ConfidenceTest(spearman=null(few, n), p_value=None, n_units=0)
    units = _contributions(confidence[both], disagreement[both], everything.resampling.cluster[both])
    if not units.any():
        return ConfidenceTest(spearman=null(_CONSTANT, n), p_value=None, n_units=units.size)

    def correlation(rows: IntArray, w: FloatArray | None) -> FloatArray:
        return weighted_spearman(confidence[rows], disagreement[rows], w)

    value, replicates = everything.replicates(correlation, both)
    no_interval = everything.interval_note(both)
    found = estimate(value, None if no_interval else replicates, n, no_interval, undefined=_CONSTANT)
    p = float(sign_flip_test(units[:, None], seed=seed + _SEED).two_sided[0]) if units.size >= MIN_UNITS else None
    return ConfidenceTest(spearman=found, p_value=p, n_units=units.size)


def _contributions(x: FloatArray, y: FloatArray, cluster: IntArray) -> FloatArray:
    """(n_clusters,) sums over clusters of the products of centred midranks."""
    ranks = [rankdata(np.round(values, 9)) for values in (x, y)]
    product = (ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean()) / x.size**2
    code = np.unique(cluster, return_inverse=True)[1]
    return np.bincount(code, weights=product).astype(np.float64)
