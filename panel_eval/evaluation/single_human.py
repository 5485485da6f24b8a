"""One reviewer against the others of the item, and the panel against the same others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, mean_estimate, null, segment_means
from panel_eval.pooling import smooth
from panel_eval.schema.reliability_metrics import AgainstOthers, SingleHuman
from panel_eval.stats import brier, cross_entropy_bits, mode_accuracy
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.reliability import leave_one_out_mean

METRICS = ("accuracy", "ce_bits", "brier")
_NOBODY = "no item has two or more reviewers with known counts"
Score = Callable[[FloatArray, FloatArray], FloatArray]
_SCORES: Mapping[str, Score] = {"accuracy": mode_accuracy, "ce_bits": cross_entropy_bits, "brier": brier}
"""Each of human shares and a forecast."""


def single_human(sample: Comparison, chosen: str | None) -> SingleHuman:
    """Leave-one-reviewer-out scores, from the counts alone: reviewers who said the same are exchangeable.

    Args:
        sample: the items the panel is scored on.
        chosen: what to say of how they were chosen.
    """
    several = sample.humans.counts_known & (sample.humans.reviewer_count >= 2)
    if not several.any():
        nobody = AgainstOthers(**{metric: null(_NOBODY) for metric in METRICS})
        return SingleHuman(
            single_human=nobody, panel_same_reference=nobody, panel_minus_human=nobody, other_reviewers=nobody
        )
    pair = sample.take(np.flatnonzero(several))
    columns = _columns(pair)
    for metric in METRICS:
        columns[f"difference {metric}"] = _difference(columns[f"panel {metric}"], columns[f"single {metric}"])
    left_out = int((~several).sum())
    note = f"{left_out} items left out: fewer than two reviewers, or counts not known" if left_out else None
    means = segment_means(columns, pair.everything)
    return SingleHuman(
        single_human=_scores(means, "single", note, chosen),
        panel_same_reference=_scores(means, "panel", note, chosen),
        panel_minus_human=_scores(means, "difference", note, chosen),
        other_reviewers=_scores(means, "others", note, chosen),
    )


def _columns(pair: Comparison) -> dict[str, FloatArray]:
    """(n_items,) each score of one reviewer, of the panel and of the other reviewers."""
    humans, q = pair.humans, pair.panel.q

    def smoothed(shares: FloatArray, votes: IntArray) -> FloatArray:
        return smooth(shares, votes.astype(np.float64), pair.smoothing, humans.labels)

    columns = {}
    for metric, score in _SCORES.items():

        def single(others: FloatArray, vote: FloatArray, rows: IntArray, score: Score = score) -> FloatArray:
            return score(others, smoothed(vote, np.ones(rows.size, dtype=np.int64)))

        def panel(others: FloatArray, vote: FloatArray, rows: IntArray, score: Score = score) -> FloatArray:
            return score(others, q[rows])

        def rest(others: FloatArray, vote: FloatArray, rows: IntArray, score: Score = score) -> FloatArray:
            return score(vote, smoothed(others, humans.reviewer_count[rows] - 1))

        for kind, against in (("single", single), ("panel", panel), ("others", rest)):
            columns[f"{kind} {metric}"] = leave_one_out_mean(humans.counts, against)
    return columns


def _difference(panel: FloatArray, single: FloatArray) -> FloatArray:
    """Infinite where either is: what is infinitely wrong cannot be compared, and must not drop out of the mean."""
    infinite = np.isinf(panel) | np.isinf(single)
    return np.where(infinite, np.inf, panel - np.where(infinite, 0.0, single))


def _scores(means: Mapping[str, Mean], kind: str, *notes: str | None) -> AgainstOthers:
    return AgainstOthers(**{metric: mean_estimate(means[f"{kind} {metric}"], *notes) for metric in METRICS})
