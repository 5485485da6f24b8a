"""Numbers of both sides that are resampled together."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.means import estimate, null
from panel_eval.schema import Estimate
from panel_eval.stats.arrays import FloatArray

Sides = tuple[FloatArray, FloatArray]
"""(n_items, n_labels) forecasts of the baseline and of the candidate, of the same items."""
Trio = tuple[Estimate, Estimate, Estimate]
"""The baseline's number, the candidate's, and the candidate's less the baseline's."""


def drawn_trio(
    base: Estimate,
    candidate: Estimate,
    replicates: tuple[FloatArray, FloatArray] | None,
    *notes: str | None,
    centred: bool = False,
) -> Trio:
    """Both sides and their difference.

    Args:
        base: the baseline's number.
        candidate: the candidate's.
        replicates: (n_resamples,) values of both in the same resamples; None for no interval.
        notes: remarks on the difference.
        centred: resampling raises both numbers (an error that cannot be negative), so their differences are moved
            to lie about the one found.
    """
    lacking = {"baseline": base, "candidate": candidate}
    if why := [f"{side}: {own.note}" for side, own in lacking.items() if own.estimate is None]:
        return base, candidate, null("; ".join(why), base.n)
    value = (candidate.estimate or 0.0) - (base.estimate or 0.0)
    with np.errstate(invalid="ignore"):  # two infinite replicates tell nothing, and are left out
        differences = None if replicates is None else replicates[1] - replicates[0]
    if differences is not None and centred:
        differences = differences + (value - differences.mean())
    return base, candidate, estimate(value, differences, base.n, *notes)
