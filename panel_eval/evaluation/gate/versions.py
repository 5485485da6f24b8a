"""Two panel versions held to a gate, in memory: what can be said without any file of a run."""

from __future__ import annotations

import numpy as np

from panel_eval.errors import NotComparableError
from panel_eval.evaluation.gate.data import overlap_checks, refused
from panel_eval.evaluation.gate.losses import loss_checks
from panel_eval.evaluation.versions import ComparisonSettings, PanelVersion, pair_versions, paired_tests
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings


def gate_versions(
    base: PanelVersion,
    candidate: PanelVersion,
    settings: GateSettings,
    *,
    flips: int = 10_000,
    seed: int = 0,
) -> list[GateCheck]:
    """Hold a panel version to its margins against a baseline.

    Args:
        base: the baseline.
        candidate: the version that may replace it.
        settings: margins, alpha, watched classes, and how many items must be shared.
        flips: random sign patterns of the permutation test.
        seed: of the patterns.

    Returns:
        Checks of kind data, margin and no_loss; `gate_status` makes a verdict of them.
    """
    try:
        pair = pair_versions(base, candidate)
    except NotComparableError as error:
        return [refused(str(error))]
    tests = paired_tests(pair, ComparisonSettings(alpha=settings.alpha, flips=flips, seed=seed))
    unscored = int((~np.isfinite(pair.base_q[:, 0])).sum())
    return [*overlap_checks(pair.overlap, settings, unscored), *loss_checks(tests, settings)]
