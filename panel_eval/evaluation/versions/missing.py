"""Shared items that one side did not score, and what they could hide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panel_eval.evaluation.means import null
from panel_eval.evaluation.missing_votes import brier_limits
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.versions.paired import mean_difference
from panel_eval.evaluation.versions.version import VersionPair
from panel_eval.schema import Estimate
from panel_eval.schema.comparison import ComparedRun, Missing
from panel_eval.stats import brier, cross_entropy_bits
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.paired_means import paired_means


def missing_items(pair: VersionPair, runs: tuple[ComparedRun, ComparedRun]) -> Missing:
    """How many shared items lack a forecast of either side, and how the difference could be if they had one.

    Args:
        pair: the shared items.
        runs: of the baseline and of the candidate.
    """
    sides = pair.base_q, pair.candidate_q
    ours, theirs = (np.isfinite(q[:, 0]) for q in sides)
    best, worst = _bounds(pair, sides, (ours, theirs))
    return Missing(
        only_base_scored=int((ours & ~theirs).sum()),
        only_candidate_scored=int((theirs & ~ours).sum()),
        neither_scored=int((~ours & ~theirs).sum()),
        usable_votes=_usable(runs),
        as_base_rate=_as_base_rate(pair, sides, (ours, theirs)),
        best=best,
        worst=worst,
    )


def _usable(runs: tuple[ComparedRun, ComparedRun]) -> Mapping[str, float]:
    named = dict(zip(("base", "candidate"), runs, strict=True))
    return {
        side: run.votes.get("ok", 0) / total for side, run in named.items() if (total := sum(run.votes.values()))
    }


def _as_base_rate(
    pair: VersionPair, sides: tuple[FloatArray, FloatArray], scored: tuple[BoolArray, BoolArray]
) -> Estimate:
    """Difference in cross-entropy over all shared items, the base rate standing in for missing forecasts."""
    p, instead, n = pair.humans.distribution, base_rate(pair.humans), len(pair.humans)
    filled = [np.where(known[:, None], q, instead) for q, known in zip(sides, scored, strict=True)]
    ours, theirs = (cross_entropy_bits(p, q) for q in filled)
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return null("infinite where a label that reviewers chose was given probability 0", n)
    return mean_difference(paired_means((theirs - ours)[:, None], np.ones((n, 1)), pair.unit), 0)


def _bounds(
    pair: VersionPair, sides: tuple[FloatArray, FloatArray], scored: tuple[BoolArray, BoolArray]
) -> tuple[float, float]:
    """Smallest and largest difference in Brier score that any missing forecasts could make."""
    p = pair.humans.distribution
    worst, best = brier_limits(p)
    known = [brier(p, q) for q in sides]
    ours, theirs = (
        (np.where(have, own, best), np.where(have, own, worst)) for own, have in zip(known, scored, strict=True)
    )
    return float((theirs[0] - ours[1]).mean()), float((theirs[1] - ours[0]).mean())
