"""The one way in: labelled items, judges' answers and a learner become a learning curve."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.item_choice import random_part
from panel_eval.evaluation.learning_curve.advice import curve_advice
from panel_eval.evaluation.learning_curve.curve import Curve, make_curve
from panel_eval.evaluation.learning_curve.draws import FOLDS
from panel_eval.evaluation.learning_curve.halves import items_or_reviewers, neither
from panel_eval.evaluation.learning_curve.law import learning_law, no_law
from panel_eval.evaluation.learning_curve.points import make_points, why_too_few
from panel_eval.evaluation.learning_curve.scoring import score_points
from panel_eval.evaluation.means import mean_estimate, null
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, pool_linear, smooth
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.schema import Estimate, Smoothing
from panel_eval.schema.learning_curve_metrics import LearningCurve
from panel_eval.stats.arrays import BoolArray, FloatArray

DRAWS = 8
MOST_ITEMS = 5_000
"""Items that a curve is made of where there are more: pools of 4,000 items show where it leads."""
_SEED = 1302
BAND = (
    "95 of 100 labelled samples of that many items, from the same source, would make a pool that scores within "
    "the interval on other items of that source. It covers which items are scored (resampled, clusters whole) and "
    "which were labelled (random draws, widened because they share items; beyond half of the items their spread is "
    "carried on as 1 / n). It takes how pools are fitted as given, and does not cover other judges, other "
    "people or another source of items. All points are scored on the same items, so differences between points are "
    "surer than their bands."
)


def learning_curve_section(
    humans: HumanLabels,
    forecasts: JudgeForecasts,
    learner: Learner,
    *,
    seed: int,
    resamples: int,
    panel_q: FloatArray | None = None,
    n_draws: int = DRAWS,
) -> LearningCurve:
    """Scores of fitted panels by the number of labels that they were fitted to, out of fold.

    The result does not depend on the order of items.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them, in the same order.
        learner: fits the panel; called 5 · `n_draws` times for each point.
        seed: of the draws and resamples.
        resamples: draws behind each interval.
        panel_q: (n_items, n_labels) the panel as it is; default: equal weights, smoothed as by default.
        n_draws: random draws of folds, items and votes behind each point; at least 3.
    """
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    humans, forecasts = humans.select(by_id), forecasts.select(by_id)
    if panel_q is None:
        panel_q = smooth(*pool_linear(forecasts), Smoothing(strength=forecasts.vote_strength), humans.labels)
    else:
        panel_q = panel_q[by_id]
    answered: BoolArray = np.asarray(forecasts.answered.any(axis=0))
    rows = np.flatnonzero(random_part(answered, MOST_ITEMS, [seed, _SEED]))
    people, left_out = humans.select(rows), int(np.count_nonzero(~answered))
    if reason := _why_none(people):
        return _empty(reason, rows.size, left_out, seed)
    segment = Segment(OVERALL, np.arange(rows.size), make_resampling(people, resamples, seed))
    sample = TrainingSample(
        forecasts.select(rows), people.counts, segment.resampling.cluster, people.scale == "ordinal", seed
    )
    points = make_points(people, [seed, _SEED, 1])
    scored = score_points(people, sample, points.every, learner, n_draws)
    curve = make_curve(people, panel_q[rows], points, scored, segment, seed)
    return _section(curve, left_out, n_draws, seed, _notes(people, int(answered.sum())))


def _section(curve: Curve, left_out: int, n_draws: int, seed: int, notes: list[str]) -> LearningCurve:
    by_items, by_reviewers = len(curve.points.by_items), len(curve.points.by_reviewers)
    points, law = curve.rows(0, by_items), learning_law(curve)
    return LearningCurve(
        by_items=points,
        by_reviewers=curve.rows(by_items, by_reviewers),
        panel_ce_bits=mean_estimate(curve.panel_ce),
        panel_n_eq=curve.panel_n_eq,
        beats_base_rate_from=_beats_from([(point.items, point.gain_over_base_rate_bits) for point in points]),
        beats_panel_from=_beats_from([(point.items, point.gain_over_panel_bits) for point in points]),
        law=law,
        items_or_reviewers=items_or_reviewers(curve),
        band=BAND,
        n_items=curve.ce.n,
        items_left_out=left_out,
        folds=FOLDS,
        draws=n_draws,
        seed=seed,
        notes=notes,
        advice=curve_advice(points[-1], law),
    )


def _why_none(humans: HumanLabels) -> str | None:
    """Why there is no curve, or None."""
    if len(humans.labels) < 2:
        return "there is only one label to choose"
    return why_too_few(humans, np.ones(len(humans), dtype=np.bool_))


def _beats_from(gains: list[tuple[int, Estimate]]) -> int | None:
    """The least size from which on the interval is above 0 at every size."""
    least = None
    for items, gain in reversed(gains):
        if gain.low is None or gain.low <= 0:
            break
        least = items
    return least


def _notes(people: HumanLabels, n_answered: int) -> list[str]:
    notes = []
    if n_answered > len(people):
        notes.append(f"Made of {len(people):,} random items of {n_answered:,}.")
    if unknown := int(np.count_nonzero(~people.counts_known)):
        notes.append(
            f"{unknown:,} items with effective counts only are not fitted on where votes are drawn (by reviewers), "
            "and have no n_eq."
        )
    return notes


def _empty(reason: str, n: int, left_out: int, seed: int) -> LearningCurve:
    nothing = null(reason, n)
    return LearningCurve(
        by_items=[],
        by_reviewers=[],
        panel_ce_bits=nothing,
        panel_n_eq=nothing,
        beats_base_rate_from=None,
        beats_panel_from=None,
        law=no_law(reason, n),
        items_or_reviewers=neither(reason),
        band=BAND,
        n_items=n,
        items_left_out=left_out,
        folds=FOLDS,
        draws=0,
        seed=seed,
        notes=[],
        advice=f"No learning curve: {reason}.",
    )
