"""What a user may decide about fitting."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.schema.fitting_metrics import Target

AUTO = "auto"


@dataclass(frozen=True)
class FitSettings:
    """How a panel is fitted and judged.

    Attributes:
        method: "auto", or a name in `pooling.fitted.METHODS`.
        target: what pools are fitted to.
        folds: outer folds, whose items are forecast by what the other folds taught.
        seed: of folds and resamples.
        resamples: bootstrap draws behind each interval.
    """

    method: str = AUTO
    target: Target = "soft"
    folds: int = 5
    seed: int = 0
    resamples: int = 2000
