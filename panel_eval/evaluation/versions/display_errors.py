"""Differences of calibration errors and of entropy correlations: statistics that are no means over items."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.calibration import HARD_ECE_NOTE, joined_errors, smooth_replicates
from panel_eval.evaluation.correlations import drawn_correlations
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import chosen_items
from panel_eval.evaluation.means import estimate
from panel_eval.evaluation.segments import Segment
from panel_eval.evaluation.versions.drawn import Sides, Trio, drawn_trio
from panel_eval.humans import HumanLabels
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.calibration import TopLabel
from panel_eval.stats.calibration_errors import binned_gaps
from panel_eval.stats.smooth_calibration import smooth_calibration_error

_CENTRED = "interval: paired resamples about the difference found, as resampling raises both errors"


def correlation_differences(humans: HumanLabels, sides: Sides, segment: Segment) -> dict[str, Trio]:
    """Correlation of the panel's entropy with the reviewers', Pearson's and Spearman's."""
    ours, theirs = (drawn_correlations(humans, Forecaster("panel", q), segment) for q in sides)
    trios = {}
    for name, base in ours.items():
        candidate = theirs[name]
        draws = None if base.no_interval else (base.replicates, candidate.replicates)
        trios[name] = drawn_trio(base.estimate(), candidate.estimate(), draws, base.no_interval, base.chosen)
    return trios


def error_differences(humans: HumanLabels, sides: Sides, segment: Segment) -> dict[str, Trio]:
    """Soft, classwise, smooth and hard calibration error; each side has bins of its own, of equal mass."""
    part, chosen = chosen_items(segment)
    p = humans.distribution[part.rows]
    binned = [binned_gaps(p, q[part.rows], None) for q in sides]
    pairs = zip(*(joined_errors(own, part) for own in binned), strict=True)
    trios: dict[str, Trio] = {}
    for name, (base, candidate) in zip(("soft_ece", "hard_ece", "classwise_soft_ece"), pairs, strict=True):
        notes = (HARD_ECE_NOTE if name == "hard_ece" else None, chosen, base.no_interval)
        draws = None if base.no_interval else (base.replicates, candidate.replicates)
        about = _CENTRED if draws else None
        trios[name] = drawn_trio(base.estimate(), candidate.estimate(), draws, about, *notes, centred=True)
        if name == "soft_ece":
            squares = None if base.no_interval else (base.squares, candidate.squares)
            trios["soft_ece_squared_debiased"] = drawn_trio(
                base.squared(), candidate.squared(), squares, chosen, base.no_interval
            )
            roots = None if squares is None else (_root(squares[0]), _root(squares[1]))
            trios["soft_ece_rms_debiased"] = drawn_trio(
                base.root(), candidate.root(), roots, chosen, base.no_interval
            )
    trios["smooth_ece"] = _smooth([own.top for own in binned], part, chosen)
    return trios


def _root(squares: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(squares, 0.0))


def _smooth(tops: list[TopLabel], part: Segment, chosen: str | None) -> Trio:
    values = [float(smooth_calibration_error(top.confidence, top.soft_hit)) for top in tops]
    n, note = part.rows.size, part.interval_note()
    base, candidate = (estimate(value, None, n) for value in values)
    if note:
        return drawn_trio(base, candidate, None, chosen, note)
    draws = [smooth_replicates(top, value, part) for top, value in zip(tops, values, strict=True)]
    return drawn_trio(base, candidate, (draws[0], draws[1]), _CENTRED, chosen, centred=True)
