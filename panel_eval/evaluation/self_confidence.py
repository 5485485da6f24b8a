"""What a judge's self-reported confidence is worth: held against the share of reviewers who chose its label."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.binned_errors import binned_errors
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.item_choice import chosen_items
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import OUTCOMES, Estimate
from panel_eval.schema.calibration_metrics import SelfConfidence
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.calibration import equal_mass_bins, top_label_calibration
from panel_eval.stats.correlation import weighted_auroc

_OK = OUTCOMES.index("ok")
_STEPS = 200
"""Most different confidences that the resampled AUROC tells apart; nearer ones are tied."""
_SILENT = "this judge reported no confidence"
_CONSTANT = "undefined: the judge reports the same confidence everywhere, or all reviewers agree with it, or none"


def self_confidence(comparison: Comparison) -> dict[str, SelfConfidence]:
    """Judge to the calibration of its self-reported confidence, on the items where it reported one."""
    return {judge: _of_judge(comparison, row) for row, judge in enumerate(comparison.forecasts.judge_ids)}


def agreement_of_votes(humans: HumanLabels, forecasts: JudgeForecasts, judge: int, rows: IntArray) -> FloatArray:
    """(n_rows,) share of reviewers who chose the judge's label; NaN where it has no valid vote.

    The mean over the judge's votes where all are labels, as its confidence is one; of a distribution the share
    of its top label, ties shared.
    """
    p, q = humans.distribution[rows], forecasts.q_raw[judge][rows]
    labels_only = forecasts.strength[judge][rows] == forecasts.outcomes[judge][rows, _OK]
    chosen: FloatArray = np.einsum("ik,ik->i", p, q)
    if labels_only.all():
        return chosen
    return np.where(labels_only, chosen, top_label_calibration(p, q).soft_hit)


def _of_judge(comparison: Comparison, judge: int) -> SelfConfidence:
    confidence = comparison.forecasts.confidence[judge]
    part, chosen = chosen_items(comparison.everything.take(~np.isnan(confidence)))
    n = part.rows.size
    if not n:
        silent = null(_SILENT)
        return SelfConfidence(**{name: silent for name in SelfConfidence.model_fields})
    stated = confidence[part.rows]
    agreed = agreement_of_votes(comparison.humans, comparison.forecasts, judge, part.rows)
    table = np.column_stack([stated, agreed, stated - agreed])
    note, values, replicates = part.interval_note(), table.mean(axis=0), part.means(table)
    means = [
        estimate(float(values[column]), None if note else replicates[:, column], n, chosen, note)
        for column in range(3)
    ]
    (error,) = binned_errors(table[:, 2:], equal_mass_bins(stated)[:, None], part)
    return SelfConfidence(
        mean_confidence=means[0],
        mean_agreement=means[1],
        overconfidence=means[2],
        soft_ece=error.estimate(chosen),
        soft_ece_squared_debiased=error.squared(chosen),
        auroc=_auroc(stated, agreed, part, chosen),
    )


def _auroc(stated: FloatArray, agreed: FloatArray, part: Segment, chosen: str | None) -> Estimate:
    """AUROC over reviewers: each item counts as positive by the share that agreed, as negative by the rest."""
    n, note = stated.size, part.interval_note()
    if n < MIN_ITEMS:
        return null(f"fewer than {MIN_ITEMS} items", n)
    positive = np.repeat([True, False], n)
    if np.ptp(stated) <= 1e-9:
        return null(_CONSTANT, n)
    value = float(weighted_auroc(np.tile(stated, 2), positive, np.concatenate([agreed, 1.0 - agreed])))
    steps = equal_mass_bins(stated, _STEPS) if np.unique(stated).size > _STEPS else _places(stated)
    width = int(steps.max()) + 1
    tables = [part.unit_sums(values, steps, width) for values in (agreed, 1.0 - agreed)]
    on_steps = float(_from_steps(*(table.sum(axis=0) for table in tables)))
    replicates = _from_steps(*(part.drawn(table) for table in tables)) + (value - on_steps)
    return estimate(value, None if note else replicates, n, chosen, note, undefined=_CONSTANT)


def _places(stated: FloatArray) -> IntArray:
    places: IntArray = np.unique(stated, return_inverse=True)[1]
    return places


def _from_steps(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    """AUROC from the mass of both kinds at each step of the score: (..., n_steps) -> (...)."""
    below = np.cumsum(negatives, axis=-1)
    won = (positives * (below - 0.5 * negatives)).sum(axis=-1)
    return quotient(won, positives.sum(axis=-1) * below[..., -1])
